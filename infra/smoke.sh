#!/usr/bin/env bash
# Sends one clip through the whole system by its public API and waits until it is Ready.
#   infra/smoke.sh http://127.0.0.1:5080          the system that start.sh runs
#   infra/smoke.sh https://...azurecontainerapps.io [FILE]
#   OPENMU_KEY=omu_...                            a key with Read and Submit, where the site demands one
# Without FILE, ffmpeg makes ten seconds of clicks at 120 BPM, different each time, so that nothing is found done already.
set -euo pipefail

usage() { sed -n '2,6s/^# \{0,1\}//p' "$0"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

case ${1:-} in
  --help | -h) usage; exit 0 ;;
  http://* | https://*) site=${1%/} ;;
  *) usage >&2; exit 2 ;;
esac
wait_seconds=${OPENMU_SMOKE_SECONDS:-900}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# By a file, so that no list of processes shows it.
headers=$scratch/headers
printf '%s' "${OPENMU_KEY:+Authorization: Bearer $OPENMU_KEY}" > "$headers"

file=${2:-}
if [ -z "$file" ]; then
  file=$scratch/clicks.flac
  # A click is 20 ms of a tone; its pitch depends on the second at which this runs.
  pitch=$((800 + $(date +%s) % 400))
  ffmpeg -loglevel error -nostdin -f lavfi -i "aevalsrc='0.5*sin(2*PI*$pitch*t)*lt(mod(t,0.5),0.02)':d=10:s=44100" -metadata "title=Smoke $(date -u +%FT%TZ)" "$file"
fi
[ -f "$file" ] || fail "There is no file $file."

# field NAME < JSON: the first value of that name, a string or a number; nothing for null.
field() { tr -d '\n' | { grep -oE "\"$1\" *: *(\"[^\"]*\"|[0-9.-]+)" || true; } | head -n 1 | sed -E 's/^"[^"]*" *: *"?([^"]*)"?$/\1/'; }

name=smoke-$(date -u +%Y%m%dT%H%M%SZ)-$$.${file##*.}
printf 'Uploading %s as %s\n' "$file" "$name"
curl -fsS -H "@$headers" -o /dev/null -X POST -H 'Content-Type: application/octet-stream' --data-binary "@$file" "$site/v1/tracks?fileName=$name"

started=$SECONDS
track=""
while ((SECONDS - started < wait_seconds)); do
  if [ -z "$track" ]; then
    track=$(curl -fsS -H "@$headers" "$site/v1/uploads/$name" | field trackId)
  else
    answer=$(curl -fsS -H "@$headers" "$site/v1/tracks/$track")
    state=$(field state <<<"$answer")
    case $state in
      Ready)
        bpm=$(field bpm <<<"$answer")
        printf 'Ready after %s s: track %s, %s s of audio, %s BPM\n' "$((SECONDS - started))" "$track" "$(field seconds <<<"$answer")" "${bpm:-no}"
        exit 0
        ;;
      Failed | Rejected) fail "The track is $state: $(field reason <<<"$answer")" ;;
    esac
  fi
  sleep 2
done
fail "Not Ready after $wait_seconds s (track ${track:-not in the catalogue yet}, state ${state:-unknown})."
