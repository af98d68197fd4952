#!/usr/bin/env bash
# Installs what is missing on this machine: ./infra/install.sh COMMAND_OR_FILE[=DEBIAN_PACKAGE] ...
# Needs the .NET SDK and Node.js; the storage emulator comes from npm by the lock file beside this script.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

fail() { printf '%s\n' "$*" >&2; exit 1; }

command -v dotnet >/dev/null || fail "The .NET 10 SDK is missing: install it from https://dot.net and run this again."
command -v npm >/dev/null || fail "Node.js 20 or newer is missing: install it from https://nodejs.org and run this again."

missing=()
for need in "$@"; do
  command -v "${need%%=*}" >/dev/null || [ -e "${need%%=*}" ] || missing+=("${need##*=}")
done
if ((${#missing[@]})); then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    printf 'Installing %s ...\n' "${missing[*]}" >&2
    log=$(mktemp)
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 \
      || { tail -n 5 "$log" >&2; fail "Could not install ${missing[*]}: install by hand and run this again."; }
    rm -f "$log"
  else
    fail "Missing: ${missing[*]}. Install with: sudo apt-get install ${missing[*]}"
  fi
fi

# npm writes the inner lock file last, so it stands for a finished installation of the outer one.
if [ ! "$here/node_modules/.package-lock.json" -nt "$here/package-lock.json" ]; then
  printf 'Installing the storage emulator (about a minute) ...\n' >&2
  log=$(mktemp)
  npm ci --prefix "$here" --no-audit --no-fund --loglevel=error >"$log" 2>&1 \
    || { tail -n 5 "$log" >&2; fail "Could not install the storage emulator: see above, then run this again."; }
  rm -f "$log"
  touch "$here/node_modules/.package-lock.json"
fi
