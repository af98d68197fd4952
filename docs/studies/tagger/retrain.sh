#!/bin/bash
# retrain.sh WORK YAMNET.npz MODEL: trains the tagger of the model folder MODEL anew, from a clean machine. Everything is
# made below WORK: 12 GB, most of it Debian packages (bookworm), and 10 hours of clips. What is there already is kept, so
# an interrupted run goes on where it was. YAMNET.npz is what yamnet.py reads. Needs openmu (or OPENMU=path, absolute),
# mma, fluidsynth with timgm6mb-soundfont, python3-numpy, and what ../music-or-not/get.sh needs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd); openmu=${OPENMU:-openmu}
work=${1:?usage: retrain.sh WORK YAMNET.npz MODEL}; yamnet=$(realpath "${2:?no YAMNET.npz}"); model=$(realpath "${3:?no MODEL}")
mkdir -p "$work"/{music,clips}; cd "$work"

"$here/../music-or-not/get.sh" sounds
cp "$here/music.tsv" music/
for package in $(tail -n +2 music/music.tsv | cut -f2 | sort -u); do
  [ -d "music/$package" ] && continue
  (cd music && apt-get download "$package" && dpkg-deb -x "$package"_*.deb "$package.part" && rm "$package"_*.deb \
    && mv "$package.part" "$package")
done
"$openmu" synthesise renders --clips 900 --seconds 20 --seed 4101

made() { [ -f "clips/$1.tsv" ] || "$here/collect.py" "${@:2}"; }
made music cut music/music.tsv clips music
made effects cut sounds/train.tsv clips effects --stretches 1
made renders renders renders clips renders
made solos solos clips solos --soundfont /usr/share/sounds/sf2/TimGM6mb.sf2
made voices voices clips voices --music clips/renders.tsv --count 480
made noise noise clips noise --count 160
[ -f clips/labelled ] || {
  "$here/yamnet.py" "$yamnet" yamnet
  "$openmu" score-clips yamnet clips/{music,effects,renders,solos,voices}.tsv
  "$here/labels.py" "$here/terms.tsv" clips/{music,effects,renders,solos,voices}.tsv
  touch clips/labelled
}
"$openmu" train-tagger "$model" --clips clips/*.tsv --steps 8000 --threads 1
