#!/usr/bin/env bash
# Asks the registry for the digests of the base images and writes them into the Dockerfiles: infra/pin-images.sh
# A tag moves, a digest does not: after this, the same Dockerfile makes the same image until it is run again.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
case ${1:-} in "") ;; --help | -h) sed -n '2,3s/^# \{0,1\}//p' "$0"; exit 0 ;; *) sed -n '2,3s/^# \{0,1\}//p' "$0" >&2; exit 2 ;; esac

accept='application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json'
for file in "$here"/*.Dockerfile; do
  while IFS='=' read -r name image; do
    image=${image%%@*} registry=${image%%/*} rest=${image#*/}
    digest=$(curl -fsSI -H "Accept: $accept" "https://$registry/v2/${rest%:*}/manifests/${rest##*:}" \
      | tr -d '\r' | sed -n 's/^[Dd]ocker-[Cc]ontent-[Dd]igest: *//p')
    [[ $digest =~ ^sha256:[0-9a-f]{64}$ ]] || { printf '%s gave no digest for %s.\n' "$registry" "$image" >&2; exit 1; }
    sed -i "s|^ARG $name=.*|ARG $name=$image@$digest|" "$file"
    printf '%s: %s@%s\n' "$(basename "$file")" "$image" "$digest"
  done < <(sed -n 's/^ARG \([A-Z]*=[a-z0-9.:]*\/.*\)/\1/p' "$file")
done
