#!/usr/bin/python3
"""Makes the clips that `openmu train-tagger` learns from: OUT/NAME/*.wav (mono, 16 kHz) and OUT/NAME.tsv beside them.

usage: collect.py cut LIST OUT NAME [--stretches 4] [--seconds 10]   stretches of the recordings that LIST names
       collect.py renders DATA OUT NAME [--seconds 10]               of what `openmu synthesise DATA` made, with its truth
       collect.py solos OUT NAME --soundfont FILE [--each 8]         one instrument alone, of General MIDI programs
       collect.py noise OUT NAME [--count 80]                        noise of all colours, hum, clicks: its labels are whole
       collect.py voices OUT NAME --music TABLE [--count 160]        speech and song, alone and over music of TABLE

LIST has the columns file (relative to it), package and any group:label (0 to 1). Needs Debian's python3-numpy, ffmpeg,
fluidsynth, espeak-ng, festival with festvox-kallpc16k.
"""
import argparse, csv, json, os, random, struct, subprocess, sys, wave
import numpy as np

RATE = 16000
INSTRUMENTS = {
    "piano": (0, 1, 2), "electric piano": (4, 5), "organ": (16, 17, 19), "accordion": (21, 23), "harmonica": (22,),
    "acoustic guitar": (24, 25), "electric guitar": (26, 27, 28), "distorted guitar": (29, 30), "bass": (32, 33, 34, 38),
    "strings": (40, 42, 48, 49), "choir": (52, 53), "brass": (56, 57, 60, 61), "saxophone": (64, 65, 66),
    "clarinet": (71,), "flute": (73, 75), "synth lead": (80, 81), "synth pad": (88, 89, 90, 91),
    "mallets": (9, 11, 12, 13), "banjo": (105,), "drums": (-1,)}
LOW = {"bass": 28, "distorted guitar": 40, "acoustic guitar": 45, "electric guitar": 45, "flute": 65, "mallets": 65, "strings": 50}
CHORDAL = {"piano", "electric piano", "organ", "accordion", "acoustic guitar", "electric guitar", "distorted guitar",
           "strings", "choir", "synth pad", "banjo", "mallets"}
WORDS = "la hey moon river morning night and day love me now come home to the sea my little one sing a song away".split()
VOICES = "en-us en-gb en-gb-scotland en-us+f2 en-gb+m3 en-us+f4 de fr es it en+m7 pl sv en+f5 nl pt-br".split()


def decode(path, start=0.0, seconds=0.0):
    command = ["ffmpeg", "-nostdin", "-v", "error", "-threads", "1"] + (["-ss", "%.2f" % start] if start else []) + ["-i", path]
    command += (["-t", "%.2f" % seconds] if seconds else []) + ["-map", "0:a:0", "-ac", "1", "-ar", str(RATE), "-f", "f32le", "-"]
    return np.frombuffer(subprocess.run(command, capture_output=True).stdout, "<f4")


def save(path, sound):
    with wave.open(path, "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())


def load(path):
    with wave.open(path, "rb") as file: return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768.0


def write_table(out, name, rows):
    columns = ["file", "package"] + sorted({key for row in rows for key in row if ":" in key})
    with open(os.path.join(out, name + ".tsv"), "w") as file:
        file.write("\t".join(columns) + "\n")
        for row in rows: file.write("\t".join(str(row.get(column, "")) for column in columns) + "\n")
    print(name, len(rows), "clips", flush=True)


def cut(a):
    rows, folder = [], os.path.dirname(os.path.abspath(a.list))
    for number, row in enumerate(csv.DictReader(open(a.list), delimiter="\t", quoting=csv.QUOTE_NONE)):
        path = os.path.join(folder, row["file"])
        if not os.path.exists(path): continue
        sound = decode(path, seconds=300)
        if len(sound) < RATE // 10 or not np.isfinite(sound).all(): continue
        length = int(a.seconds * RATE)
        most = max(1, min(a.stretches, len(sound) // length))
        gap = (len(sound) - length) / most if len(sound) > length else 0
        for k in range(most):
            at = int(gap * (k + 0.5)) if most > 1 else int(gap / 2)
            file = "%s/%05d-%d.wav" % (a.name, number, k)
            save(os.path.join(a.out, file), sound[at:at + length])
            rows.append({"file": file, **{key: value for key, value in row.items() if key != "file" and value}})
    write_table(a.out, a.name, rows)


def renders(a):
    rows = []
    for line in open(os.path.join(a.data, "truth.jsonl")):
        truth = json.loads(line)
        sound = decode(os.path.join(a.data, "audio", truth["id"] + ".wav"))
        sound = sound[(len(sound) - int(a.seconds * RATE)) // 2:][:int(a.seconds * RATE)]
        file = "%s/%s.wav" % (a.name, truth["id"]); save(os.path.join(a.out, file), sound)
        rows.append({"file": file, "package": truth.get("groove_family") or truth["genre"], "sound:music": 1,
                     "truth:genre": truth["genre"], "truth:moods": ",".join(truth["moods"]),
                     "truth:instruments": ",".join(truth["instruments"] + (["drums"] if truth.get("drums") and "drums" not in truth["instruments"] else []))})
    write_table(a.out, a.name, rows)


def midi(path, program, notes):
    """notes: (start, length, pitch, velocity) in seconds, at 500 ticks a second."""
    channel = 9 if program < 0 else 0
    events = [(0, bytes([0xC0 | channel, max(program, 0)]))]
    for start, length, pitch, velocity in notes:
        events += [(int(start * 500), bytes([0x90 | channel, pitch, velocity])), (int((start + length) * 500), bytes([0x80 | channel, pitch, 0]))]
    track, at = b"", 0
    for time, event in sorted(events):
        delta, at = time - at, time
        track += (bytes([0x80 | delta >> 7, delta & 127]) if delta > 127 else bytes([delta])) + event
    track += b"\x00\xff\x2f\x00"
    open(path, "wb").write(b"MThd" + struct.pack(">IHHH", 6, 0, 1, 250) + b"MTrk" + struct.pack(">I", len(track)) + track)


def solos(a):
    rows = []
    for name, programs in INSTRUMENTS.items():
        for k in range(a.each):
            draw = random.Random("%s %d" % (name, k)); beat = draw.uniform(0.28, 0.7); low = LOW.get(name, 55) + draw.randrange(12)
            at, degree, notes, chords = 0.0, draw.randrange(5), [], name in CHORDAL and draw.random() < 0.6
            while at < 8:
                length = beat * draw.choice((0.5, 1, 1, 2)); loud = draw.randint(70, 115)
                degree = max(0, min(9, degree + draw.choice((-2, -1, -1, 0, 1, 1, 2))))
                if name == "drums": notes += [(at, 0.1, draw.choice((36, 38, 42, 42, 46, 36, 45, 49)), loud), (at, 0.1, 42, 70)]; length = beat / 2
                else:
                    pitch = low + (0, 2, 4, 5, 7, 9, 11, 12, 14, 16)[degree]
                    notes += [(at, length * 0.95, min(108, pitch + add), loud) for add in ((0, 4, 7) if chords else (0,))]
                at += length
            midi(os.path.join(a.out, "solo.mid"), draw.choice(programs), notes)
            wav = os.path.join(a.out, "solo.wav")
            subprocess.run(["fluidsynth", "-ni", "-q", "-g", "0.6", "-r", str(RATE), "-F", wav, a.soundfont, os.path.join(a.out, "solo.mid")], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            sound = decode(wav, seconds=8); sound = sound * draw.uniform(0.3, 0.9) / max(1e-3, np.abs(sound).max())
            file = "%s/%s-%d.wav" % (a.name, name.replace(" ", "-"), k); save(os.path.join(a.out, file), sound)
            rows.append({"file": file, "package": "solo %d" % k, "sound:music": 1, "truth:solo": name})
    for file in ("solo.mid", "solo.wav"): os.remove(os.path.join(a.out, file))
    write_table(a.out, a.name, rows)


def speech(draw, path):
    words = " ".join(draw.choice(SENTENCES) for _ in range(4))
    subprocess.run(["espeak-ng", "-v", draw.choice(VOICES), "-s", str(draw.randint(120, 200)), "-p", str(draw.randint(20, 80)), "-w", path, words], check=True, stderr=subprocess.DEVNULL)


def song(draw, path, singer="voice_kal_diphone"):
    tonic, degree, text = draw.choice([48, 50, 53, 57, 60, 62]), draw.randrange(5), ""
    for _ in range(18):
        degree = max(0, min(7, degree + draw.choice([-2, -1, -1, 0, 1, 1, 2]))); note = tonic + (0, 2, 4, 5, 7, 9, 11, 12)[degree]
        name = "C C# D D# E F F# G G# A A# B".split()[note % 12]
        text += '<PITCH NOTE="%s%d"><DURATION BEATS="%s">%s</DURATION></PITCH>\n' % (name, note // 12 - 1, draw.choice(["0.5", "1", "1", "2"]), draw.choice(WORDS))
    open(path + ".xml", "w").write('<?xml version="1.0"?>\n<!DOCTYPE SINGING PUBLIC "-//SINGING//DTD SINGING mark up//EN" "Singing.v0_1.dtd" []>\n<SINGING BPM="%d">\n%s</SINGING>\n' % (draw.choice([70, 90, 110, 130]), text))
    subprocess.run(["text2wave", "-mode", "singing", "-eval", "(%s)" % singer, path + ".xml", "-o", path], check=True, stderr=subprocess.DEVNULL)


def over(voice, bed, draw):
    """A voice over music, which is from 3 dB louder to 12 dB softer; as long as the shorter of both."""
    bed = bed[:len(voice)]; voice = voice[:len(bed)]
    power = lambda x: np.sqrt((x ** 2).mean()) + 1e-6
    voice = bed * power(voice) / power(bed) * 10 ** (-draw.uniform(-3, 12) / 20) + voice
    return voice * 0.7 / max(0.7, np.abs(voice).max())


def voices(a):
    global SENTENCES
    SENTENCES = " ".join(open("/usr/share/common-licenses/" + name).read() for name in ("GPL-3", "Apache-2.0", "MPL-2.0")).replace("\n", " ").split(". ")
    SENTENCES = [" ".join(sentence.split()) for sentence in SENTENCES if 40 < len(sentence) < 160]
    beds = [os.path.join(os.path.dirname(os.path.abspath(a.music)), row["file"]) for row in csv.DictReader(open(a.music), delimiter="\t")]
    rows, raw = [], os.path.join(a.out, "voice.wav")
    for k in range(a.count):
        draw = random.Random("voice %d" % k); sung = k % 2 == 1
        (song if sung else speech)(draw, raw)
        voice = decode(raw, seconds=10)
        if sung and draw.random() < 0.5: voice = np.interp(np.arange(0, len(voice), 1.5 if draw.random() < 0.5 else 1.25), np.arange(len(voice)), voice)
        voice = voice * 0.5 / max(1e-3, np.abs(voice).max()); row = {"package": "voice %d" % (k % 12), "voice:" + ("singing" if sung else "speech"): 1, "voice:none": 0, "voice:" + ("speech" if sung else "singing"): 0}
        if k % 3: voice = over(voice, load(draw.choice(beds)), draw); row["sound:music"] = 1
        elif sung: row["sound:music"] = 1
        else: row["sound:speech"] = 1
        row["file"] = "%s/%04d.wav" % (a.name, k); save(os.path.join(a.out, row["file"]), voice); rows.append(row)
    for end in ("", ".xml"):
        if os.path.exists(raw + end): os.remove(raw + end)
    write_table(a.out, a.name, rows)


def noise(a):
    rows = []
    for k in range(a.count):
        draw = np.random.RandomState(1000 + k); n = 4 * RATE; white = draw.randn(n); spectrum = np.fft.rfft(white); hertz = np.fft.rfftfreq(n, 1 / RATE) + 20
        kind = k % 5
        if kind < 3: sound = np.fft.irfft(spectrum * hertz ** -(0.0, draw.uniform(0.3, 0.7), draw.uniform(0.8, 1.3))[kind], n)
        elif kind == 3: sound = sum(np.sin(2 * np.pi * f * m * np.arange(n) / RATE) / m for f in (draw.choice([50, 60]),) for m in range(1, 9, 2)) + 0.05 * white
        else:
            low = draw.uniform(100, 4000); sound = np.fft.irfft(spectrum * ((hertz > low) & (hertz < low * draw.uniform(1.3, 4))), n)
        if draw.rand() < 0.3: sound = sound * (0.55 + 0.45 * np.sin(2 * np.pi * draw.uniform(0.2, 8) * np.arange(n) / RATE))
        file = "%s/%04d.wav" % (a.name, k); save(os.path.join(a.out, file), sound / np.abs(sound).max() * 10 ** -draw.uniform(0, 2))
        rows.append({"file": file, "package": "noise %d" % (k % 12), "sound:music": 0, "sound:speech": 0, "sound:noise": 1, "sound:other": 0, "voice:none": 1, "voice:speech": 0, "voice:singing": 0})
    write_table(a.out, a.name, rows)


def main():
    parser = argparse.ArgumentParser(usage=__doc__); which = parser.add_subparsers(dest="which", required=True)
    for name, positional, options in (("cut", ["list", "out", "name"], {"stretches": 4, "seconds": 10.0}), ("renders", ["data", "out", "name"], {"seconds": 10.0}),
                                      ("solos", ["out", "name"], {"soundfont": "", "each": 8}), ("voices", ["out", "name"], {"music": "", "count": 160}), ("noise", ["out", "name"], {"count": 80})):
        sub = which.add_parser(name)
        for argument in positional: sub.add_argument(argument)
        for option, default in options.items(): sub.add_argument("--" + option, type=type(default), default=default)
    a = parser.parse_args(); os.makedirs(os.path.join(a.out, a.name), exist_ok=True)
    {"cut": cut, "renders": renders, "solos": solos, "voices": voices, "noise": noise}[a.which](a)


if __name__ == "__main__": sys.exit(main())
