#!/bin/bash
# get.sh OUT: fetches the Debian packages (bookworm) that train.tsv and judge.tsv name and makes the spoken and sung
# files, all below OUT beside copies of the two tables. Needs apt-get, dpkg-deb, ffmpeg, espeak-ng, flite, festival with
# festvox-kallpc16k and festvox-kdlpc16k, python3.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd); out=${1:?usage: get.sh OUT}
mkdir -p "$out"; cd "$out"; cp "$here"/{train,judge}.tsv .
for package in $(tail -q -n +2 train.tsv judge.tsv | cut -d/ -f1 | sort -u | grep -vxE 'espeak-ng|flite|festival-singing|festival-kdl'); do
  [ -d "$package" ] && continue
  apt-get download "$package" && dpkg-deb -x "$package"_*.deb "$package" && rm "$package"_*.deb
done

mkdir -p espeak-ng flite festival-singing festival-kdl
cd /usr/share/common-licenses; text=$(cat GPL-3 Apache-2.0 MPL-2.0 GFDL-1.3 | tr -s ' \n' ' '); cd - > /dev/null
words() { tail -c +$(($1 * 977 + 1)) <<< "$text" | cut -d' ' -f2-$(($2 + 1)); }
finish() {   # IN OUT NUMBER: as it is, in a room, with noise, or over a poor line
  local noise="anoisesrc=sample_rate=22050:seed=$3"
  case $(($3 % 4)) in
    0) ffmpeg -nostdin -v error -y -i "$1" -ac 1 -ar 22050 "$2" ;;
    1) ffmpeg -nostdin -v error -y -i "$1" -af "aecho=0.8:0.6:23|41|67|97:0.35|0.3|0.22|0.15" -ac 1 -ar 22050 "$2" ;;
    2) ffmpeg -nostdin -v error -y -i "$1" -f lavfi -i "$noise:color=pink:amplitude=0.05" \
         -filter_complex "amix=inputs=2:duration=first:normalize=0" -ac 1 -ar 22050 "$2" ;;
    3) ffmpeg -nostdin -v error -y -i "$1" -f lavfi -i "$noise:color=brown:amplitude=0.15" -filter_complex \
         "[0]aecho=0.8:0.6:31|59|83:0.3|0.25|0.2,volume=0.5[a];[a][1]amix=inputs=2:duration=first:normalize=0,lowpass=f=3800" \
         -ac 1 -ar 22050 "$2" ;;
  esac
}
voices=(en-us en-gb en-gb-scotland en-us+f2 en-gb+m3 en-us+f4 de fr es it en+m7 en-us+whisper en-gb+croak pl sv en+f5 nl pt-br)
for i in $(seq 0 53); do
  voice=${voices[$((i % 18))]}
  words "$i" $((15 + i * 7 % 60)) \
    | espeak-ng -v "$voice" -s $((120 + i * 13 % 80)) -p $((20 + i * 11 % 60)) --stdin -w spoken.wav
  finish spoken.wav "espeak-ng/$(printf %02d "$i")-${voice//+/-}.wav" "$i"
done
voices=(kal awb rms slt kal16)
for i in $(seq 0 29); do
  voice=${voices[$((i % 5))]}
  flite -voice "$voice" -t "$(words $((i + 54)) $((15 + i * 7 % 60)))" -o spoken.wav
  finish spoken.wav "flite/$(printf %02d "$i")-flite-$voice.wav" "$i"
done
rm spoken.wav
python3 - <<'PYTHON'
import random, subprocess
words = 'la hey moon river morning night and day love me now come home to the sea my little one sing a song'.split()
names = ['C', 'C#', 'D', 'D#', 'E', 'F', 'F#', 'G', 'G#', 'A', 'A#', 'B']

def sing(seed, voice, file):
    random.seed(seed)
    tonic = random.choice([57, 60, 62, 64]) if seed % 2 else random.choice([48, 50, 53])
    degree = random.randrange(5)
    song = ('<?xml version="1.0"?>\n<!DOCTYPE SINGING PUBLIC "-//SINGING//DTD SINGING mark up//EN" "Singing.v0_1.dtd" []>\n'
            '<SINGING BPM="%d">\n' % random.choice([70, 90, 110, 130]))
    for _ in range(34):
        degree = max(0, min(7, degree + random.choice([-2, -1, -1, 0, 1, 1, 2])))
        note = tonic + [0, 2, 4, 5, 7, 9, 11, 12][degree]
        song += '<PITCH NOTE="%s%d"><DURATION BEATS="%s">%s</DURATION></PITCH>\n' % (
            names[note % 12], note // 12 - 1, random.choice(['0.5', '1', '1', '2']), random.choice(words))
    open('song.xml', 'w').write(song + '</SINGING>\n')
    subprocess.run(['text2wave', '-mode', 'singing', '-eval', '(%s)' % voice, 'song.xml', '-o', file], check=True)

for i in range(12): sing(i, 'voice_kal_diphone', 'festival-singing/%02d.wav' % i)
for i in range(16): sing(100 + i, 'voice_ked_diphone', 'festival-kdl/%02d.wav' % i)
PYTHON
rm song.xml
