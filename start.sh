#!/usr/bin/env bash
# The main job: the catalogue of a folder of music, set-up included.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

usage() {
  cat <<'TEXT'
usage: ./start.sh FOLDER [OPTION]...

  FOLDER        your music: every audio file in it and below is catalogued
  --port N      port of the catalogue page on 127.0.0.1 (5080, or a free one if that is taken)
  --data DIR    where catalogue and uploads are kept between runs (data/ beside this script)
  --workers N   tracks analysed at the same time (one per processor)
  --model DIR   folder of the model that listens (models/openmu-tiny, where it is there); none: only measure
  --model-threads N  threads that compute for the model (one per processor)
  --type TYPE   type of the model's weights in memory: bf16, fp16, fp32 or int8 (fp32 for a small model)
  --hold        what a new model says of known tracks is kept aside until `openmu publish`
  --expose      the page answers other machines too, and demands a key; the first start makes one and shows it
  --once        stop when everything is handled; exit code 1 if a file failed, else 3 if one was rejected
  --report FILE what became of each file, one JSON line each, when everything is handled

Installs what is missing, builds, and runs until Ctrl-C. Run again on the same folder, it does only what is new.
TEXT
}

# Before anything is installed or built.
[ $# -gt 0 ] || { usage >&2; exit 2; }
case " $* " in *" --help "* | *" -h "* | *" -? "*) usage; exit 0 ;; esac

"$here/infra/install.sh" ffmpeg
printf 'Building ...\n' >&2
log=$(mktemp)
dotnet build "$here/src/OpenMU.Cli/OpenMU.Cli.csproj" -c Release -v quiet -nologo -p:ContinuousIntegrationBuild=false >"$log" 2>&1 \
  || { cat "$log" >&2; exit 1; }
rm -f "$log"

# The catalogue lives beside this script unless --data names another place.
case " $*" in
  *" --data"*) ;;
  *) set -- "$@" --data "$here/data" ;;
esac
exec dotnet "$here/src/OpenMU.Cli/bin/Release/net10.0/openmu.dll" up "$@"
