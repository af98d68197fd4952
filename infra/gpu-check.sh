#!/usr/bin/env bash
# Measures the model on a machine with one NVIDIA GPU, in ten minutes: the 8B and 7B shapes with random bfloat16 weights.
#   infra/gpu-check.sh [--minutes N] [--output DIR]
#   infra/gpu-check.sh --dry-run     tiny shapes on a CPU: shows that everything runs; its figures mean nothing
# Prints load time, memory, decode at batch 1 and 64 (and its share of the memory bandwidth), prefill, and clips of 30 s
# a second at batch 64 and 200, beside Hugging Face transformers where OPENMU_PYTHON (python3) has it and torch.
#   --minutes N     what would begin later is left out, and a line says so (10)
#   --output DIR    where gpu-check.json and gpu-check.md go (a new folder gpu-check)
#   --no-build      take what was built before with -c CONFIGURATION (Release)
# Needs the .NET 10 SDK and, in TMPDIR, 20 GB of disk. The GPU should be idle: its used memory is taken to be ours.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)

usage() { sed -n '2,10s/^# \{0,1\}//p' "$0"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

minutes=10 output=gpu-check device=cuda build=yes configuration=Release
while (($#)); do
  case $1 in
    --help | -h) usage; exit 0 ;;
    --dry-run) device=cpu ;;
    --no-build) build=no ;;
    --minutes | --output | -c)
      [ $# -gt 1 ] || { usage >&2; exit 2; }
      case $1 in --minutes) minutes=$2 ;; --output) output=$2 ;; *) configuration=$2 ;; esac
      shift ;;
    *) usage >&2; exit 2 ;;
  esac
  shift
done
[[ $minutes =~ ^[0-9]+([.][0-9]+)?$ ]] || { usage >&2; exit 2; }

started=$SECONDS
if [ $device = cuda ]; then
  command -v nvidia-smi >/dev/null || fail "No nvidia-smi: is there an NVIDIA GPU and its driver? Without one, say --dry-run."
  free=$(df -Pk "${TMPDIR:-/tmp}" | awk 'NR == 2 { print int($4 / 1000000) }')
  [ "$free" -ge 20 ] || fail "${TMPDIR:-/tmp} has $free GB free and a shape takes 18 GB: set TMPDIR to a folder with more."
fi
if [ $build = yes ]; then
  cuda=false
  [ $device = cpu ] || cuda=true
  dotnet build "$here/tests/OpenMU.Benchmarks" -c "$configuration" -p:Cuda=$cuda -v quiet -nologo >&2
fi
mkdir -p "$output"
# What building took counts.
left=$(awk -v minutes="$minutes" -v spent=$((SECONDS - started)) 'BEGIN { left = minutes - spent / 60; print (left > 0 ? left : 0) }')
"$here/tests/OpenMU.Benchmarks/bin/$configuration/net10.0/OpenMU.Benchmarks" \
  gpu $device "$left" "$output/gpu-check.json" | tee "$output/gpu-check.md"
printf '%s s; %s\n' $((SECONDS - started)) "$output/gpu-check.json, $output/gpu-check.md" >&2
