"""Tokens per second of a Llama with random float32 weights in PyTorch, eager and with a cache: what ModelBenchmark.cs compares with.
Usage: torch_llama.py HIDDEN LAYERS HEADS KV_HEADS FFN VOCAB PROMPT BATCH THREADS"""
import sys
import time

import torch
import torch.nn.functional as F

D, L, H, K, FF, V, PROMPT, BATCH, THREADS = map(int, sys.argv[1:])
d = D // H
torch.set_num_threads(THREADS)
torch.set_grad_enabled(False)


def weight(*shape):
    return torch.empty(*shape).uniform_(-0.02, 0.02)


embedding, head = weight(V, D), weight(V, D)
layers = [dict(qkv=weight(D + 2 * K * d, D), o=weight(D, D), gate_up=weight(2 * FF, D), down=weight(D, FF), n1=torch.ones(D), n2=torch.ones(D)) for _ in range(L)]
angles = torch.outer(torch.arange(2048.0), 10000 ** (-torch.arange(0, d, 2) / d)).repeat(1, 2)
cosines, sines = angles.cos(), angles.sin()


def norm(x, w):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * w


def step(ids, caches, position):
    B, T = ids.shape
    x = embedding[ids]
    c, s = cosines[position:position + T], sines[position:position + T]
    mask = torch.full((T, position + T), float("-inf")).triu(position + 1) if T > 1 else None
    for w, cache in zip(layers, caches):
        q, k, v = F.linear(norm(x, w["n1"]), w["qkv"]).view(B, T, H + 2 * K, d).transpose(1, 2).split([H, K, K], 1)
        q, k = (y * c + torch.cat([-y[..., d // 2:], y[..., :d // 2]], -1) * s for y in (q, k))
        cache[0][:, :, position:position + T], cache[1][:, :, position:position + T] = k, v
        keys, values = cache[0][:, :, :position + T], cache[1][:, :, :position + T]
        q = q.reshape(B, K, H // K * T, d)
        scores = q @ keys.transpose(-1, -2) * d ** -0.5
        if mask is not None:
            scores = scores + mask.repeat(H // K, 1)
        y = (scores.softmax(-1) @ values).view(B, H, T, d).transpose(1, 2).reshape(B, T, D)
        x = x + F.linear(y, w["o"])
        gate, up = F.linear(norm(x, w["n2"]), w["gate_up"]).chunk(2, -1)
        x = x + F.linear(F.silu(gate) * up, w["down"])
    return F.linear(x[:, -1], head)


def best(action):
    action()
    fastest, start, runs = 1e9, time.perf_counter(), 0
    while runs < 3 or time.perf_counter() - start < 1.5:
        before = time.perf_counter()
        action()
        fastest, runs = min(fastest, time.perf_counter() - before), runs + 1
    return fastest


def memory(batch):
    return [(torch.zeros(batch, K, 1024, d), torch.zeros(batch, K, 1024, d)) for _ in range(L)]


one, many = memory(1), memory(BATCH)
prefill = PROMPT / best(lambda: step(torch.arange(PROMPT)[None], one, 0))
decode = 1 / best(lambda: step(torch.ones(1, 1, dtype=torch.long), one, 32))
batch = BATCH / best(lambda: step(torch.ones(BATCH, 1, dtype=torch.long), many, 32))
print(f"PyTorch {torch.__version__} float32: prefill of {PROMPT} {prefill:.1f} tokens/s, decode of 1 {decode:.2f}, of {BATCH} {batch:.2f}")
