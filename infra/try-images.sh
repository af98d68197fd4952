#!/usr/bin/env bash
# Builds both images where Microsoft's base images cannot be had: with buildah, on a Debian base that has this machine's
# .NET SDK in it. Starts each, and has the worker decode. As root on Debian 12:
#   apt-get install buildah debootstrap && infra/try-images.sh [base | worker | web]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
repository=$(dirname "$here")
case ${1:-} in
  "") images=(web worker) ;;
  base) images=() ;;
  web | worker) images=("$1") ;;
  --help | -h) sed -n '2,4s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) sed -n '2,4s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs
mirror=${OPENMU_DEBIAN:-http://deb.debian.org/debian}

if ! buildah inspect --type image openmu-try-base >/dev/null 2>&1; then
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  debootstrap --variant=minbase --include=ca-certificates,libicu72,libssl3 bookworm "$scratch/root" "$mirror"
  dotnet=$(dirname "$(readlink -f "$(command -v "${DOTNET:-dotnet}")")")
  [ -d "$dotnet/sdk" ] || dotnet=/usr/share/dotnet
  cp -r "$dotnet" "$scratch/root/usr/share/dotnet"
  ln -s /usr/share/dotnet/dotnet "$scratch/root/usr/bin/dotnet"
  # What this machine needs to reach its mirrors.
  for file in /etc/resolv.conf /etc/apt/apt.conf.d /etc/ssl/certs/ca-certificates.crt ~/.nuget/NuGet/NuGet.Config; do
    [ ! -e "$file" ] || { mkdir -p "$scratch/root$(dirname "$file")" && cp -rL --remove-destination "$file" "$scratch/root$(dirname "$file")/"; }
  done
  container=$(buildah from scratch)
  buildah add -q "$container" "$scratch/root" / >/dev/null
  buildah config --env APP_UID=1654 --env ASPNETCORE_HTTP_PORTS=8080 --env DOTNET_NOLOGO=1 "$container"
  buildah commit -q --rm "$container" openmu-try-base >/dev/null
fi

# same FFMPEG_FOLDER CODEC FILE: what this machine's ffmpeg wrote, both decode to the same samples.
same() {
  local wave="aevalsrc='0.4*sin(2*PI*440*t)+0.2*sin(2*PI*1320*t)':d=2:s=44100" ours theirs
  ffmpeg -v error -y -f lavfi -i "$wave" -ac 2 -c:a "$2" -strict -2 "$3"
  theirs=$(ffmpeg -v error -i "$3" -map 0:a:0 -ar 44100 -ac 2 -c:a pcm_f32le -f f32le - | sha256sum)
  ours=$("$1/ffmpeg" -v error -i "$3" -map 0:a:0 -ar 44100 -ac 2 -c:a pcm_f32le -f f32le - | sha256sum)
  [ "$ours" = "$theirs" ] && printf '%s the same; ' "$2" || { printf '%s DIFFERS\n' "$2"; return 1; }
}

for image in "${images[@]}"; do
  printf '\n== %s\n' "$image"
  # Its words are of use only where it fails.
  said=$(buildah bud --build-arg SDK=localhost/openmu-try-base --build-arg RUNTIME=localhost/openmu-try-base \
    -f "$here/$image.Dockerfile" -t "openmu-try-$image" "$repository" 2>&1) || { printf '%s\n' "$said" >&2; exit 1; }
  container=$(buildah from --pull-never "openmu-try-$image")
  root=$(buildah mount "$container")
  printf 'Whole image: %s, of it the program: %s\n' "$(du -sh "$root" | cut -f 1)" "$(du -sh "$root/app" | cut -f 1)"
  printf 'Packages in its list of materials: %s\n' "$(grep -c '"purl"' "$root/app/sbom.json")"
  # Without settings a program ends with one line that says which it needs.
  buildah run "$container" -- sh -c "dotnet /app/OpenMU.${image^}.dll 2>&1 || true" | head -n 3
  if [ "$image" = worker ]; then
    printf 'Debian packages for decoding: none; ffmpeg: %s\n' "$(du -ch "$root"/usr/local/bin/ff* | tail -n 1 | cut -f 1)"
    sounds=$(mktemp -d)
    for pair in flac:flac libmp3lame:mp3 aac:m4a libvorbis:ogg libopus:opus alac:m4a ac3:ac3 eac3:eac3 wmav2:wma wavpack:wv tta:tta \
      pcm_s24le:wav pcm_s16be:aiff pcm_s32le:caf pcm_f64le:w64 mp2:mp2 dca:dts truehd:thd adpcm_ms:wav; do
      same "$root/usr/local/bin" "${pair%:*}" "$sounds/${pair%:*}.${pair#*:}"
    done
    rm -rf "$sounds"
    printf '\n'
  fi
  buildah umount "$container" >/dev/null
  buildah rm "$container" >/dev/null
done
