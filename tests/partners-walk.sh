#!/usr/bin/env bash
# docs/partners.md against a site that runs, with the first five audio files of a folder:
#   tests/partners-walk.sh SITE FOLDER [KEY]
# Key, uploads, three questions about five tracks, webhook received, verified and sent again, export. What the site's
# own document does not list is left out, and said. The receiver listens on 127.0.0.1:8787 (or WEBHOOK_PORT), which
# the site must be told to call: Webhooks__allowHttp=true Webhooks__allowedHosts=127.0.0.1:8787. Needs curl and node.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -ge 2 ] || { sed -n '2,6p' "$0" >&2; exit 2; }
site=${1%/} folder=$2 key=${3:-}
work=$(mktemp -d) receiver=
trap '[ -z "$receiver" ] || kill "$receiver" 2>/dev/null || true; rm -rf "$work"' EXIT

# Of the JSON on stdin, which $ stands for, what a JavaScript expression says; nothing for null.
pick() {
  node -e 'const $ = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
    const value = new Function("$", `return ${process.argv[1]}`)($);
    if (value !== null && value !== undefined) console.log(typeof value === "string" ? value : JSON.stringify(value));' "$1"
}
encode() { node -p 'encodeURIComponent(process.argv[1])' "$1"; }
api() { curl --fail-with-body --silent --show-error ${key:+-H "Authorization: Bearer $key"} "$@"; }
has() { grep -q "\"$1\"" "$work/api.json"; }
until_true() { # SECONDS COMMAND...
  local end=$((SECONDS + $1)); shift
  until "$@"; do [ $SECONDS -lt $end ] || { echo "gave up: $*" >&2; exit 1; }; sleep 1; done
}

curl -fsS "$site/openapi/v1.json" -o "$work/api.json"
echo "1. the site answers: $(api "$site/v1/status")"

mapfile -t files < <(find "$folder" -type f \( -name '*.wav' -o -name '*.flac' -o -name '*.mp3' -o -name '*.ogg' \) | sort | head -5)
[ ${#files[@]} = 5 ] || { echo "there are no five audio files in $folder" >&2; exit 1; }
run=walk-$$
names=()
for file in "${files[@]}"; do
  name=$(encode "$run/$(basename "$file")")
  api -X POST "$site/v1/tracks?fileName=$name" -H 'Content-Type: application/octet-stream' --data-binary "@$file" >/dev/null
  names+=("$name")
done
ids=()
known() { id=$(api "$site/v1/uploads/$1" | pick '$.trackId'); [ -n "$id" ]; }
for name in "${names[@]}"; do until_true 300 known "$name"; ids+=("$id"); done
echo "2. uploaded: tracks ${ids[*]}"

if has /v1/webhooks; then
  port=${WEBHOOK_PORT:-8787}
  api -X POST "$site/v1/webhooks" -H 'Content-Type: application/json' -d "{\"url\":\"http://127.0.0.1:$port/hook\"}" >"$work/hook.json"
  hook=$(pick '$.id' <"$work/hook.json")
  node docs/samples/webhooks/receiver.mjs "$port" "$(pick '$.secret' <"$work/hook.json")" >"$work/events" &
  receiver=$!
  until_true 30 grep -q listening "$work/events"
else
  echo "   (the site has no /v1/webhooks)"
fi

questions=("Which key is it in?" "How fast is it?" "What does it sound like?")
if has /v1/question-batches; then
  node -p 'const all = process.argv.slice(1);
    JSON.stringify({ questions: all.slice(0, 3), tracks: all.slice(3).map((id) => ({ id: Number(id) })) })' \
    "${questions[@]}" "${ids[@]}" >"$work/batch.json"
  ask() { api -X POST "$site/v1/question-batches" -H 'Content-Type: application/json' -H "Idempotency-Key: $run" -d "@$work/batch.json"; }
  batch=$(ask | pick '$.id')
  [ "$(ask | pick '$.id')" = "$batch" ] || { echo "the same request made a second batch" >&2; exit 1; }
  finished() { [ -n "$(api "$site/v1/question-batches/$batch" | pick '$.finishedAt')" ]; }
  until_true 1800 finished
  api "$site/v1/question-batches/$batch/answers.jsonl" | while read -r line; do
    pick '`   ${$.question.trackId}: ${$.question.text} ${$.question.answer?.text ?? $.question.reason}`' <<<"$line"
  done
else
  echo "   (the site has no /v1/question-batches: each question by itself)"
  ready() { [ "$(api "$site/v1/tracks/$1" | pick '$.summary.state')" = Ready ]; }
  answered() {
    api "$site/v1/questions/$1" >"$work/question.json"
    [[ $(pick '$.state' <"$work/question.json") =~ ^(Ready|Failed|Rejected)$ ]]
  }
  for id in "${ids[@]}"; do
    until_true 900 ready "$id"
    for question in "${questions[@]}"; do
      asked=$(api -X POST "$site/v1/tracks/$id/questions" -H 'Content-Type: application/json' -d "{\"text\":\"$question\"}" | pick '$.id')
      until_true 300 answered "$asked"
      pick '`   ${$.trackId}: ${$.text} ${$.answer?.text ?? $.reason}`' <"$work/question.json"
    done
  done
fi
echo "3. three questions about five tracks"

if [ -n "$receiver" ]; then
  answered_events() { [ "$(grep -c question.answered "$work/events")" -ge 15 ]; }
  until_true 300 answered_events
  delivery=$(api "$site/v1/webhooks/$hook/deliveries" | pick '$.deliveries[0].id')
  api -X POST "$site/v1/webhooks/$hook/deliveries/$delivery/replay" >/dev/null
  echo "4. webhooks received and verified: $(grep -c . "$work/events"); one was sent again"
fi

api "$site/v1/tracks.jsonl?ids=$(IFS=,; echo "${ids[*]}")" >"$work/tracks.jsonl"
[ "$(wc -l <"$work/tracks.jsonl")" = 5 ] || { echo "the export has not five lines" >&2; exit 1; }
echo "5. exported: $(while read -r line; do pick '$.fileName' <<<"$line"; done <"$work/tracks.jsonl" | paste -sd' ')"
