#!/usr/bin/python3
"""Judges what `openmu analyse AUDIO... --json > ANALYSED.json` says of clips whose truth is known.

usage: judge.py voices OUT --flite FOLDER --held DATA   makes 64 clips with voices that nothing was learnt from (flite's, and
                                                        Italian ones of festival singing), alone and over music, and the
                                                        music alone; DATA was made by `openmu synthesise`
       judge.py renders DATA ANALYSED.json              tags of DATA's clips beside its truth: mean AUC and average
                                                        precision of labels, likeliest label right, F1 of what is stated
       judge.py said ANALYSED.json                      voices of the first's clips

FOLDER is `flite` below what ../music-or-not/get.sh fetched. Needs Debian's python3-numpy, festival, festvox-italp16k and
festvox-itapc16k.
"""
import argparse, glob, json, os, random, sys
import numpy as np
import collect
import labels as truths

ITALIAN = {"male": "voice_lp_diphone", "female": "voice_pc_diphone"}
WOMEN = ("slt",)


def auc(y, z):
    ranks = np.empty(len(z)); order = np.argsort(z, kind="stable"); ranks[order] = np.arange(1, len(z) + 1)
    for value in np.unique(z): ranks[z == value] = ranks[z == value].mean()
    return (ranks[y].sum() - y.sum() * (y.sum() + 1) / 2) / (y.sum() * (~y).sum())


def average_precision(y, z):
    hits = y[np.argsort(-z, kind="stable")]
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean())


def voices(a):
    os.makedirs(a.out, exist_ok=True); raw = os.path.join(a.out, "voice.wav")
    truth = {t["id"]: t for t in map(json.loads, open(os.path.join(a.held, "truth.jsonl")))}
    beds = [i for i in sorted(truth) if "choir" not in truth[i]["instruments"]]
    spoken = sorted(glob.glob(os.path.join(a.flite, "*.wav")))
    music = lambda i: collect.decode(os.path.join(a.held, "audio", i + ".wav"), seconds=12)
    for k in range(64):
        draw = random.Random("test %d" % k); sung = k % 2 == 1
        if sung:
            sex = "male" if k % 4 == 1 else "female"
            collect.song(draw, raw, ITALIAN[sex]); voice = collect.decode(raw, seconds=12)
        else:
            file = spoken[(k // 2) % len(spoken)]; sex = "female" if file.rsplit("-", 1)[-1][:-4] in WOMEN else "male"
            voice = collect.decode(file, seconds=12)
        voice = voice * 0.5 / max(1e-3, np.abs(voice).max()); alone = k % 8 < 2
        if not alone: voice = collect.over(voice, music(beds[k % len(beds)]), draw)
        collect.save("%s/%s-%s-%s-%02d.wav" % (a.out, "singing" if sung else "speech", sex, "alone" if alone else "mix", k), voice)
    for i in beds: collect.save("%s/none-%s.wav" % (a.out, i), music(i))
    for end in ("", ".xml"): os.remove(raw + end)


def load(path):
    return {os.path.splitext(os.path.basename(t["file"]))[0]: t for t in json.load(open(path))}


def stated(track, group):
    return {tag["label"] for tag in (track.get("words") or {}).get("tags", []) if tag["group"] == group}


def renders(a):
    heard = load(a.analysed)
    truth = {t["id"]: t for t in map(json.loads, open(os.path.join(a.data, "truth.jsonl"))) if t["id"] in heard}
    names = sorted(truth); print("heard as music: %d of %d" % (sum(heard[i].get("music", 1) >= 0.5 for i in names), len(names)))
    for group in ("genre", "instrument", "mood", "energy"):
        if group not in heard[names[0]]["scores"]: continue
        def holds(t):
            if group == "energy": return {k[7:] for k, v in truths.energy(set(t["moods"])).items() if v == "1"}
            return set({"genre": [t["genre"]], "mood": t["moods"]}.get(group, t["instruments"] + ["drums"] * bool(t["drums"])))
        labels = list(heard[names[0]]["scores"][group])
        z = np.array([[float(heard[i]["scores"][group][label]) for label in labels] for i in names])
        y = np.array([[label in holds(truth[i]) for label in labels] for i in names])
        known = [k for k in range(len(labels)) if 2 <= y[:, k].sum() <= len(names) - 2]
        said = [(stated(heard[i], group), holds(truth[i])) for i in names]
        right = sum(len(s & t) for s, t in said); wrong = sum(len(s - t) for s, t in said); missed = sum(len(t - s) for s, t in said)
        print("%s: AUC %.2f, AP %.2f, likeliest right %.2f; stated of %d: precision %.2f, recall %.2f, F1 %.2f" % (
            group, np.mean([auc(y[:, k], z[:, k]) for k in known]), np.mean([average_precision(y[:, k], z[:, k]) for k in known]),
            np.mean([y[i, z[i].argmax()] for i in range(len(names))]), sum(bool(s) for s, _ in said),
            right / max(1, right + wrong), right / max(1, right + missed), 2 * right / max(1, 2 * right + wrong + missed)))


def said(a):
    heard = load(a.analysed); names = sorted(heard); parts = [name.split("-") for name in names]
    for label, mask in [(k, [p[0] == k for p in parts]) for k in ("none", "speech", "singing")]:
        z = np.array([float(heard[i]["scores"]["voice"][label]) for i in names]); print("%s: AUC %.3f" % (label, auc(np.array(mask), z)))
    for kind in ("speech-alone", "speech-mix", "singing-alone", "singing-mix", "none"):
        some = [i for i, p in zip(names, parts) if (p[0] if p[0] == "none" else p[0] + "-" + p[2]) == kind]
        print("%s: %d, music %d, a voice stated in %d" % (
            kind, len(some), sum(heard[i].get("music", 1) >= 0.5 for i in some),
            sum(bool(stated(heard[i], "voice") - {"none"}) for i in some)))


def main():
    parser = argparse.ArgumentParser(usage=__doc__); which = parser.add_subparsers(dest="which", required=True)
    sub = which.add_parser("voices"); sub.add_argument("out"); sub.add_argument("--flite", required=True); sub.add_argument("--held", required=True)
    sub = which.add_parser("renders"); sub.add_argument("data"); sub.add_argument("analysed")
    sub = which.add_parser("said"); sub.add_argument("analysed")
    a = parser.parse_args(); {"voices": voices, "renders": renders, "said": said}[a.which](a)


if __name__ == "__main__": sys.exit(main())
