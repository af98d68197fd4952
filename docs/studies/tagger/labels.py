#!/usr/bin/python3
"""Labels for `openmu train-tagger`: adds columns group:label (0 to 1) to tables that collect.py made.

usage: labels.py TERMS TABLE...

Beside TABLE.tsv stands TABLE.safetensors with what YAMNet says: "logits" (patches, 521) float16, a patch of 0.96 s every
0.48 s, row after row of the table, and "counts" (rows). TERMS names YAMNet's classes of each label and the share of
recorded music that shall have it: where a recording lies in that order is all that is taken from the scores. Labels from
them are kept strictly between 0 and 1; 0 and 1 are truths of renders, solos and mixes.
"""
import csv, json, os, struct, sys
import numpy as np

MOODS = "happy sad calm energetic romantic dramatic dark playful solemn groovy".split()
GENRES = "pop ballad rock metal blues jazz latin country folk funk soul electronic waltz march polka gospel orchestral".split()
INSTRUMENTS = ("piano,electric piano,organ,accordion,harmonica,acoustic guitar,electric guitar,distorted guitar,bass,strings,"
               "choir,brass,saxophone,clarinet,flute,synth lead,synth pad,mallets,banjo,drums").split(",")

# How much is going on, from moods that a render was made to have.
LIVELY, QUIET = {"energetic"}, {"calm", "sad", "solemn", "romantic"}


def energy(moods):
    level = "high" if LIVELY & moods else "low" if QUIET & moods and "groovy" not in moods else "medium"
    return {"energy:" + name: "1" if name == level else "0" for name in ("low", "medium", "high")}


def tensors(path):
    data = open(path, "rb").read(); size = struct.unpack("<Q", data[:8])[0]; head = json.loads(data[8:8 + size])
    kinds = {"F16": np.float16, "I32": np.int32}
    return {name: np.frombuffer(data[8 + size + entry["data_offsets"][0]:8 + size + entry["data_offsets"][1]], kinds[entry["dtype"]])
            .reshape(entry["shape"]) for name, entry in head.items() if name != "__metadata__"}


def main():
    terms = list(csv.DictReader(open(sys.argv[1]), delimiter="\t"))
    classes = [line.rstrip("\n") for line in open(os.path.join(os.path.dirname(sys.argv[1]), "classes.txt"))]
    tables = {}
    for path in sys.argv[2:]:
        rows = list(csv.DictReader(open(path), delimiter="\t", quoting=csv.QUOTE_NONE)); scores = tensors(path[:-4] + ".safetensors")
        logits = scores["logits"].astype(np.float32); first = np.cumsum(scores["counts"]) - scores["counts"]
        tables[path] = rows, np.add.reduceat(1 / (1 + np.exp(-logits)), first, 0) / scores["counts"][:, None]
    evidence = {}
    for term in terms:
        columns = [classes.index(name) for name in term["classes"].split("|")]
        for path, (_, means) in tables.items():
            odds = np.clip(means[:, columns].sum(1), 1e-5, 1 - 1e-5); evidence[path, term["label"]] = np.log(odds / (1 - odds))
    music = classes.index("Music")
    recorded = [path for path, (rows, _) in tables.items() if "truth:genre" not in rows[0] and "truth:solo" not in rows[0] and "voices" not in path]
    for path, (rows, means) in tables.items():
        for label in [term["label"] for term in terms]:
            among = np.concatenate([evidence[p, label][tables[p][1][:, music] > 0.3] for p in recorded])
            line = np.quantile(among, 1 - float(next(t["share"] for t in terms if t["label"] == label))); spread = among.std()
            for row, value, mean in zip(rows, evidence[path, label], means):
                if path not in recorded or row.get("sound:music") == "0" or mean[music] < 0.3: continue
                row[label] = "%.2f" % np.clip(1 / (1 + np.exp(-2.5 * (value - line) / spread)), 0.01, 0.99)
        for row in rows:
            if row.get("voice:singing", "") == "" and row.get("voice:speech", "") == "" and "truth:genre" in row:
                row.update({"voice:none": "0" if "choir" in row["truth:instruments"] else "1", "voice:speech": "0"})
                if "choir" not in row["truth:instruments"]: row["voice:singing"] = "0"
            if "truth:solo" in row:
                if row["truth:solo"] != "choir": row.update({"voice:none": "1", "voice:speech": "0", "voice:singing": "0"})
                row.update({"instrument:" + name: "1" if name == row["truth:solo"] else "0" for name in INSTRUMENTS})
            if "truth:genre" in row:
                row.update({"genre:" + name: "1" if name == row["truth:genre"] else "0" for name in GENRES})
                row.update({"mood:" + name: "1" if name in row["truth:moods"].split(",") else "0" for name in MOODS})
                row.update({"instrument:" + name: "1" if name in row["truth:instruments"].split(",") else "0" for name in INSTRUMENTS})
                row.update(energy(set(row["truth:moods"].split(","))))
            if path in recorded and "voice:singing" in row and row["voice:singing"] != "":
                row["voice:none"] = "%.2f" % (1 - max(float(row["voice:singing"]), float(row["voice:speech"])))
            if row.get("sound:speech") == "1": row.update({"voice:speech": "1", "voice:none": "0", "voice:singing": "0"})
            if row.get("sound:noise") == "1" or row.get("sound:other") == "1": row.update({"voice:none": "1", "voice:singing": "0"})
            if row.get("sound:music", "") == "1":
                for other in ("speech", "noise", "other"): row["sound:" + other] = "0"
        columns = ["file", "package"] + sorted({key for row in rows for key in row if ":" in key and not key.startswith("truth:")})
        with open(path, "w") as file:
            file.write("\t".join(columns) + "\n")
            for row in rows: file.write("\t".join(row.get(column) or "" for column in columns) + "\n")
        print(path, len(rows))


if __name__ == "__main__": sys.exit(main())
