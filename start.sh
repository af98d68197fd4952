#!/usr/bin/env bash
# The main job: ./start.sh FOLDER [--port N] [--data DIR] [--model DIR] [--once]   (./start.sh --help says more)
# The model that listens is models/openmu-tiny where it is there; --model names another one, or none.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

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
