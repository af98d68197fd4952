"""Cuts the excerpts of real rock and metal that docs/mir.md measures on: 30 s at 20, 45 and 70 % of each of the eight songs that Debian's
fretsonfire-songs-muldjord (CC BY-SA 3.0) and fretsonfire-songs-sectoid (MIT) hold, with the tempo of their note charts as truth. Beats are given for
Muldjord's songs alone: the charts of the others lie up to 190 ms off their recordings. Needs ffmpeg.
Usage: frets_on_fire.py OUT [SONGS], then: openmu measure OUT/truth.jsonl"""
import json
import math
import pathlib
import subprocess
import sys

SONGS = "/usr/share/games/fretsonfire/data/songs"
SECONDS = 30


def seconds_per_beat(midi):
    """The one tempo of a chart, from its first set-tempo event (FF 51 03, then microseconds a quarter)."""
    at = midi.index(b"\xff\x51\x03")
    return int.from_bytes(midi[at + 3:at + 6], "big") / 1e6


def duration(path):
    asked = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(path)]
    return float(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)


def cut(song, start, target):
    """The backing and the guitar, which are separate files, mixed."""
    part = ["-ss", str(start), "-t", str(SECONDS)]
    sources = [argument for name in ("song.ogg", "guitar.ogg") for argument in [*part, "-i", str(song / name)]]
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *sources, "-filter_complex", "amix=inputs=2:normalize=0,volume=0.5",
                    "-ar", "44100", str(target)], check=True)


out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
truths = []
for song in sorted(path.parent for path in pathlib.Path(*sys.argv[2:] or [SONGS]).glob("*/*/notes.mid")):
    beat, length = seconds_per_beat((song / "notes.mid").read_bytes()), duration(song / "song.ogg")
    for place in (0.2, 0.45, 0.7):
        start = round(length * place, 3)
        name = f"{song.parent.name}_{song.name.replace(' ', '_')}_{100 * place:.0f}"
        cut(song, start, out / f"{name}.wav")
        truth = {"id": name, "file": f"{name}.wav", "tempo": round(60 / beat, 4)}
        if song.parent.name == "muldjord":
            truth["beats"] = [round(k * beat - start, 6) for k in range(math.ceil(start / beat), math.ceil((start + SECONDS) / beat))]
        truths.append(json.dumps(truth))
(out / "truth.jsonl").write_text("\n".join(truths) + "\n")
print(len(truths), "excerpts")
