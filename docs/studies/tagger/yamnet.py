#!/usr/bin/python3
"""Writes YAMNet as a tagger: FOLDER/tagger.json and tagger.safetensors, for `openmu train-tagger MODEL --from FOLDER`.

usage: yamnet.py YAMNET.npz FOLDER

YAMNET.npz holds the layers of yamnet_spectra_in.tflite (Google, Apache-2.0; repository google-coral/coralmicro, folder
models): for layer K "kindK" (conv, depthwise, dense), "strideK", "wK" as int8, "sK" their scales by output, "bK"; "layers",
how many; "tags", the names of the 521 classes, which become the labels of the one group "audioset".
"""
import json, os, struct, sys
import numpy as np

source = np.load(sys.argv[1], allow_pickle=False); folder = sys.argv[2]; os.makedirs(folder, exist_ok=True)
tensors, channels, strides = {}, [], []
for k in range(int(source["layers"])):
    w = source["w%d" % k].astype(np.float32); w = w * source["s%d" % k].reshape((-1,) + (1,) * (w.ndim - 1)); b = source["b%d" % k]
    if str(source["kind%d" % k]) == "dense": tensors["tags.weight"], tensors["tags.bias"] = w, b; continue
    tensors["convolutions.%d.weight" % k], tensors["convolutions.%d.bias" % k] = w, b
    if k == 0 or str(source["kind%d" % k]) == "depthwise": strides.append(int(source["stride%d" % k]))
    if k == 0 or str(source["kind%d" % k]) == "conv": channels.append(len(w))
tensors["sound.weight"], tensors["sound.bias"] = np.zeros((4, channels[-1])), np.zeros(4)
tensors = {name: tensor.astype("<f2") for name, tensor in tensors.items()}
head, at = {}, 0
for name, tensor in tensors.items():
    head[name] = {"dtype": "F16", "shape": list(tensor.shape), "data_offsets": [at, at + tensor.nbytes]}; at += tensor.nbytes
text = json.dumps(head).encode(); text += b" " * (-len(text) % 8)
with open(os.path.join(folder, "tagger.safetensors"), "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text)
    for tensor in tensors.values(): file.write(tensor.tobytes())
json.dump({"channels": channels, "strides": strides, "groups": [{"group": "audioset", "labels": [str(tag) for tag in source["tags"]]}]},
          open(os.path.join(folder, "tagger.json"), "w"), indent=1)
