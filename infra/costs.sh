#!/usr/bin/env bash
# What the system costs, computed from infra/costs.tsv. Asks nobody, and needs no Azure.
#   infra/costs.sh            tracks an hour and dollars for 1,000 tracks, by machine (docs/azure-costs.md)
#   infra/costs.sh --month    what a deployment creates, and what each part costs a month when no work comes
# With OPENMU_VNET=true the second has the private network in it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

case ${1:-} in
  "") what=tracks ;;
  --month) what=month ;;
  --help | -h) sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac

awk -F '\t' -v what="$what" -v vnet="${OPENMU_VNET:-false}" '
  !/^#/ && NF { v[$1] = $2 }

  function need(name) { if (!(name in v)) { print "infra/costs.tsv has no " name > "/dev/stderr"; bad = 1; exit 1 } return v[name] }
  function larger(a, b) { return a > b ? a : b }
  # A machine works on as many tracks at a time as it has processors; what its GPU does, it does one after the other.
  function row(machine, work, cpu, cpus, gpu, hourly,    each, hour) {
    each = larger(cpu / cpus, gpu)
    hour = int(3600 / each + 0.5)
    printf "| %s | %s | %.1f / %d = %.2f s | %s | %d | %.3f | %.2f |\n", machine, work, cpu, cpus, cpu / cpus,
      gpu ? sprintf("%.2f s", gpu) : "", hour, hourly, 1000 * hourly * each / 3600
  }
  function part(name, count, monthly, how) {
    if (!count) return
    sum += count * monthly
    printf "| %s | %d | %.2f | %s |\n", name, count, count * monthly, how
  }

  END {
    if (bad) exit 1
    second = need("hours.month") * 3600
    if (what == "tracks") {
      consumption = 3600 * (need("cpus.consumption") * need("price.vcpu.active") + need("gib.consumption") * need("price.gib"))
      print "| machine | work | processors, a track | GPU, a track | tracks an hour | $ an hour | $ for 1,000 tracks |"
      print "|---|---|---|---|---|---|---|"
      row("Consumption, 4 vCPU, 8 GiB", "measuring", need("cpu.measure"), need("cpus.consumption"), 0, consumption)
      row("Consumption, 4 vCPU, 8 GiB", "measuring, openmu-tiny", need("cpu.tiny"), need("cpus.consumption"), 0, consumption)
      row("T4, 8 vCPU", "measuring, midashenglm-0.6b fp16", need("cpu.measure"), need("cpus.t4"), need("gpu.t4.midashenglm-0.6b"), need("price.t4"))
      row("A100, 24 vCPU", "measuring, midashenglm-7b bf16", need("cpu.measure"), need("cpus.a100"), need("gpu.a100.midashenglm-7b"), need("price.a100"))
      row("H100, 40 vCPU", "measuring, midashenglm-7b bf16", need("cpu.measure"), need("cpus.h100"), need("gpu.h100.midashenglm-7b"), need("price.h100"))
      row("H100, 40 vCPU", "measuring, moss-music-8b bf16", need("cpu.measure"), need("cpus.h100"), need("gpu.h100.moss-music-8b"), need("price.h100"))
      printf "\nWaiting for more before a worker goes: %.2f $ each time on Consumption (%d s), %.2f on a T4, %.2f on an A100 (%d s).\n",
        consumption * need("idle.consumption") / 3600, need("idle.consumption"),
        need("price.t4") * need("idle.gpu") / 3600, need("price.a100") * need("idle.gpu") / 3600, need("idle.gpu")
      exit
    }
    print "| part | count | $ a month | how |"
    print "|---|---|---|---|"
    part("Azure SQL, serverless, at least half a vCore", 1, need("price.sql.vcore") * 0.5 * need("hours.month") + need("price.sql.gb") * need("gb.sql"), "0.5 vCore all month and 10 GB; busy it takes up to 2")
    part("Container app of the page, one idle replica", 1, second * (need("price.vcpu.idle") + 2 * need("price.gib")), "1 vCPU and 2 GiB at the idle rate; busy 0.11 $ an hour")
    part("Container app of the worker", 1, 0, "none while nothing waits; then by the track, docs/azure-costs.md")
    part("Container Apps environment", 1, 0, "nothing by itself")
    part("Function app, Flex, one instance always ready", 1, second * 2 * need("price.flex.baseline"), "2 GB at the baseline rate; runs come to it")
    part("Container registry, Standard", vnet == "true" ? 0 : 1, need("price.registry.standard") * need("hours.month") / 24, "")
    part("Container registry, Premium", vnet == "true" ? 1 : 0, need("price.registry.premium") * need("hours.month") / 24, "has private endpoints")
    part("Storage of the music", 1, 1000 * need("gb.track") * need("price.blob.zrs"), "for each 1,000 tracks of 10 MB")
    part("Storage of the host", 1, 0, "some MB")
    part("Log Analytics and Application Insights", 1, need("gb.logs") * need("price.logs"), "5 GB; a guess")
    part("Alerts on metrics", 3, need("price.alert.metric"), "")
    part("Alerts on logs", 10, need("price.alert.log"), "")
    part("Event Grid topic, managed identities", 1, 0, "100,000 events a month are free")
    if (vnet == "true") {
      part("Private endpoints", 8, need("price.endpoint") * need("hours.month"), "two of the music, three of the host, SQL, registry, share of models")
      part("Private DNS zones", 6, need("price.zone"), "")
      part("Share of models, premium NFS", 1, 100 * need("price.files.premium"), "100 GiB, the smallest")
    }
    printf "| all | | %.2f | |\n", sum
  }' "$here/costs.tsv"
