#!/usr/bin/env bash
# All tests: ./test.sh [-c CONFIGURATION]   The last line is `N passed, N failed`.
set -uo pipefail
cd "$(dirname "$0")"

./infra/install.sh ffmpeg chromium mma fluidsynth /usr/share/sounds/sf2/TimGM6mb.sf2=timgm6mb-soundfont || { echo "0 passed, 1 failed"; exit 1; }
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Two test projects at a time: much of what they do is to wait for the storage emulator, a browser or worker processes.
dotnet build OpenMU.Functions.sln -v quiet -nologo && dotnet test --solution OpenMU.Functions.sln --no-build --max-parallel-test-modules 2 --ignore-exit-code 8 "$@" 2>&1 | tee "$log"
code=${PIPESTATUS[0]}

count() { sed -n "s/^ *$1: \([0-9]*\)$/\1/p" "$log" | tail -n 1; }
passed=$(count succeeded) failed=$(count failed) skipped=$(count skipped)
[ "$code" = 0 ] || [ "${failed:-0}" != 0 ] || failed=1
echo
# Once more, and last: what a program printed stands between a test's failure and the end.
grep -A 12 '^failed ' "$log"
echo "${passed:-0} passed, ${failed:-0} failed$([ "${skipped:-0}" = 0 ] || echo ", $skipped skipped")"
exit "$code"
