#!/usr/bin/python3
"""What YAMNet says of the clips of tables that collect.py made: TABLE.safetensors beside each, which labels.py and
`openmu train-tagger` read. A table that has one is left alone.

usage: scores.py YAMNET.npz TABLE... [--threads 1]

YAMNET.npz holds the network as Google published it in 8 bits (github.com/google-coral/coralmicro,
models/yamnet_spectra_in.tflite, Apache-2.0): "layers" (how many), and for layer K "kindK" (conv, depthwise, pointwise,
dense), "strideK", the integers "wK" (outputs first), a scale for each output "sK" and the bias "bK"; "range", the least
and the greatest value of the input. Needs Debian's python3-numpy and python3-torch. 0.1 s of a processor for 10 s of sound.
"""
import argparse, csv, json, os, struct, sys, wave
import numpy as np

FRAME, HOP, PATCH, STEP, BANDS = 400, 160, 96, 48, 64


def network(path):
    import torch
    file = np.load(path, allow_pickle=False); low, high = (float(value) for value in file["range"]); layers = []
    for k in range(int(file["layers"])):
        weight = torch.from_numpy(file["w%d" % k].astype(np.float32)); scale = torch.from_numpy(file["s%d" % k])
        layers.append((weight * scale.view([-1] + [1] * (weight.dim() - 1)), torch.from_numpy(file["b%d" % k]),
                       int(file["stride%d" % k]), weight.shape[0] if str(file["kind%d" % k]) == "depthwise" else 1))

    @torch.no_grad()
    def logits(patches):   # (n, 96, 64) -> (n, 521)
        x = torch.from_numpy(patches).clamp(low, high)[:, None]
        for weight, bias, stride, groups in layers[:-1]:
            if weight.shape[-1] == 3: x = torch.nn.functional.pad(x, (0, 1, 0, 1) if stride == 2 else (1, 1, 1, 1))
            x = torch.nn.functional.conv2d(x, weight, bias, stride=stride, groups=groups).clamp(0, 6)
        weight, bias = layers[-1][:2]
        return (x.mean((2, 3)) @ weight.T + bias).numpy()
    return torch, logits


def mel():
    """(257, 64): triangles, equally wide in mel from 125 to 7500 Hz."""
    scale = lambda hertz: 1127 * np.log1p(hertz / 700)
    places, edges = scale(np.linspace(0, 8000, 257)), np.linspace(scale(125.0), scale(7500.0), BANDS + 2)
    rise = (places[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2]); fall = (edges[2:] - places[:, None]) / (edges[2:] - edges[1:-1])
    triangles = np.clip(np.minimum(rise, fall), 0, None); triangles[0] = 0
    return triangles.astype(np.float32)


def patches(path, triangles):
    with wave.open(path, "rb") as file: sound = np.frombuffer(file.readframes(file.getnframes()), "<i2") / np.float32(32768)
    least = (PATCH - 1) * HOP + FRAME
    if len(sound) < least: sound = np.tile(sound, -(-least // len(sound)))[:least]
    hann = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME) / FRAME)).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(sound, FRAME)[::HOP] * hann
    spectrum = np.log(np.abs(np.fft.rfft(frames, 512)).astype(np.float32) @ triangles + 0.001)
    return np.lib.stride_tricks.sliding_window_view(spectrum, PATCH, axis=0)[::STEP].transpose(0, 2, 1).copy()


def write(path, tensors):
    head, at = {}, 0
    for name, (kind, array) in tensors.items():
        head[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [at, at + array.nbytes]}; at += array.nbytes
    text = json.dumps(head).encode()
    with open(path + ".new", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, array in tensors.values(): file.write(array.tobytes())
    os.replace(path + ".new", path)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("weights"); parser.add_argument("tables", nargs="+"); parser.add_argument("--threads", type=int, default=1)
    a = parser.parse_args()
    torch, logits = network(a.weights); torch.set_num_threads(a.threads); triangles = mel()
    for table in a.tables:
        target = os.path.splitext(table)[0] + ".safetensors"
        if os.path.exists(target): continue
        said = []
        for row in csv.DictReader(open(table), delimiter="\t", quoting=csv.QUOTE_NONE):
            said.append(logits(patches(os.path.join(os.path.dirname(table), row["file"]), triangles)).astype(np.float16))
            if len(said) % 200 == 0: print(table, len(said), file=sys.stderr, flush=True)
        write(target, {"logits": ("F16", np.concatenate(said)), "counts": ("I32", np.array([len(one) for one in said], np.int32))})
        print(table, len(said), "clips", flush=True)


if __name__ == "__main__": sys.exit(main())
