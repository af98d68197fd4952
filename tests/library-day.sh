#!/usr/bin/env bash
# A music library's day through the command line: 200 tagged files, the library's own table with mistakes in it,
# corrections, a new model, terms of its own, exports, tagged copies; checks every identifier, correction and byte. Needs ffmpeg.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build tests/OpenMU.Cli.Tests -v q -nologo
export OPENMU_DAY_TRACKS=200
exec dotnet run --no-build --project tests/OpenMU.Cli.Tests -- -class '*LibraryDayTests' -showLiveOutput
