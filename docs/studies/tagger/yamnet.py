#!/usr/bin/python3
"""Writes YAMNet as a tagger that `openmu score-clips` runs: FOLDER/tagger.json and tagger.safetensors.

usage: yamnet.py YAMNET.npz FOLDER

YAMNET.npz holds the network as Google published it in 8 bits (github.com/google-coral/coralmicro,
models/yamnet_spectra_in.tflite, Apache-2.0): "layers" (how many), and for layer K "kindK" (conv, depthwise, dense),
"strideK", the integers "wK" (outputs first), a scale for each output "sK" and the bias "bK". Needs Debian's
python3-numpy. Its classes, in their order, are those of classes.txt beside this file.
"""
import json, os, struct, sys
import numpy as np


def main():
    if len(sys.argv) != 3: sys.exit(__doc__)
    file, out, tensors, channels, strides = np.load(sys.argv[1], allow_pickle=False), sys.argv[2], {}, [], []
    os.makedirs(out, exist_ok=True)
    layers = int(file["layers"])
    for k in range(layers):
        weight, scale = file["w%d" % k].astype(np.float32), file["s%d" % k].astype(np.float32)
        weight = weight * scale.reshape([-1] + [1] * (weight.ndim - 1)); name = "tags" if k == layers - 1 else "convolutions.%d" % k
        tensors[name + ".weight"], tensors[name + ".bias"] = weight, file["b%d" % k].astype(np.float32)
        if str(file["kind%d" % k]) == "depthwise": strides.append(int(file["stride%d" % k]))
        elif k < layers - 1: channels.append(weight.shape[0])
    strides.insert(0, int(file["stride0"]))
    # Whether there is music is one of its classes; the layer that a tagger has for it stays empty.
    tensors["sound.weight"], tensors["sound.bias"] = np.zeros((4, channels[-1]), np.float32), np.zeros(4, np.float32)
    head, at = {}, 0
    for name, array in tensors.items():
        head[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [at, at + array.nbytes]}; at += array.nbytes
    text = json.dumps(head).encode()
    with open(os.path.join(out, "tagger.safetensors"), "wb") as target:
        target.write(struct.pack("<Q", len(text)) + text)
        for array in tensors.values(): target.write(np.ascontiguousarray(array).tobytes())
    classes = [line.rstrip("\n") for line in open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "classes.txt"))]
    config = {"channels": channels, "strides": strides, "groups": [{"group": "audioset", "labels": classes}]}
    with open(os.path.join(out, "tagger.json"), "w") as target: json.dump(config, target, indent=1)


if __name__ == "__main__": sys.exit(main())
