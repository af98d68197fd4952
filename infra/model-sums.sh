#!/usr/bin/env bash
# Prints the digests of a model folder's files, as workers check them: infra/model-sums.sh FOLDER
# What it prints is the blob models/NAME/SHA256SUMS, and its own digest is the setting Worker__modelDigest.
set -euo pipefail

case ${1:-} in
  --help | -h) sed -n '2,3s/^# \{0,1\}//p' "$0"; exit 0 ;;
  "" | -*) sed -n '2,3s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
[ -f "$1/config.json" ] || { printf 'There is no model in %s: a model folder has a config.json.\n' "$1" >&2; exit 1; }

cd "$1"
find . -maxdepth 1 -type f ! -name '.*' ! -name SHA256SUMS -printf '%f\n' | LC_ALL=C sort | xargs -d '\n' sha256sum --
