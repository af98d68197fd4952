"""What Hugging Face transformers does with the sizes of one shape and random bfloat16 weights: the peer of `gpu`.

Usage: transformers_peer.py JSON    (GpuPeer.cs says what is in it)
Prints {"version": .., "figures": {measure: value}}. Exit code 3, with the reason on stdout, where something is missing.

The language model is transformers' own (Llama, Qwen2, Qwen3), generate() as it comes: eager, sdpa attention, a dynamic
cache, greedy. No class of transformers is these models' encoder: a ViT of the same width, depth and number of patches
takes its place, over a spectrogram that is there already, so the peer is spared the spectrogram.
"""
import json
import sys
import time

try:
    import torch
except ImportError:
    print("python3 has no torch")
    sys.exit(3)
try:
    import transformers
    from transformers import ViTConfig, ViTModel
except ImportError:
    print("python3 has no transformers")
    sys.exit(3)

ask = json.loads(sys.argv[1])
llama, encoder = ask["llama"], ask["encoder"]
device = torch.device(ask["device"])
started = time.perf_counter()
figures = {}
torch.set_grad_enabled(False)
torch.set_default_dtype(torch.bfloat16)


def classes():
    try:
        if ask["family"] == "openmu":
            from transformers import LlamaConfig as Config, LlamaForCausalLM as Model
        elif llama["qk_norm"]:
            from transformers import Qwen3Config as Config, Qwen3ForCausalLM as Model
        else:
            from transformers import Qwen2Config as Config, Qwen2ForCausalLM as Model
    except ImportError:
        print(json.dumps({"version": version() + ", too old for this shape", "figures": {}}))
        sys.exit(0)
    return Config, Model


def version():
    return f"PyTorch {torch.__version__}, transformers {transformers.__version__}"


def synchronize():
    if device.type == "cuda":
        torch.cuda.synchronize()


def seconds(action, repeats=2):
    action()
    best = float("inf")
    for _ in range(repeats):
        synchronize()
        before = time.perf_counter()
        action()
        synchronize()
        best = min(best, time.perf_counter() - before)
    return best


def measure(name, action):
    if time.perf_counter() - started < ask["seconds"]:
        figures[name] = action()
        print(f"{time.perf_counter() - started:6.1f} s  transformers: {name}: {figures[name]:.1f}", file=sys.stderr)


def language_model():
    Config, Model = classes()
    config = Config(
        hidden_size=llama["hidden_size"], intermediate_size=llama["intermediate_size"],
        num_hidden_layers=llama["num_hidden_layers"], num_attention_heads=llama["num_attention_heads"],
        num_key_value_heads=llama["num_key_value_heads"], head_dim=ask["head_dim"], vocab_size=llama["vocab_size"],
        max_position_embeddings=llama["max_position_embeddings"], rms_norm_eps=llama["rms_norm_eps"],
        rope_theta=llama["rope_theta"], tie_word_embeddings=llama["tie_word_embeddings"],
        bos_token_id=None, eos_token_id=None, pad_token_id=None)
    with device:
        return Model(config).eval()


def vit():
    config = ViTConfig(
        hidden_size=encoder["width"], num_hidden_layers=encoder["depth"], num_attention_heads=encoder["heads"],
        intermediate_size=4 * encoder["width"], image_size=encoder["image"], patch_size=encoder["patch"], num_channels=1)
    with device:
        return ViTModel(config, add_pooling_layer=False).eval()


model = language_model()
tower = vit()
width, tokens = llama["hidden_size"], ask["music_positions"]
with device:
    joiner = torch.nn.Sequential(
        torch.nn.Linear(encoder["width"] * encoder["patches_per_token"], width), torch.nn.GELU(),
        torch.nn.Linear(width, width))
synchronize()


def used():
    free, total = torch.cuda.mem_get_info()
    return (total - free) / 1e9


if device.type == "cuda":
    figures["memory after loading"] = used()


def generate(batch, new, **inputs):
    return model.generate(
        **inputs, attention_mask=torch.ones(batch, next(iter(inputs.values())).shape[1], dtype=torch.long, device=device),
        max_new_tokens=new, min_new_tokens=new, do_sample=False, use_cache=True)


def decode(batch):
    ids = torch.arange(ask["prompt"], device=device)[None].repeat(batch, 1) % 200 + 3
    short = seconds(lambda: generate(batch, 1, input_ids=ids))
    return batch * ask["steps"] / (seconds(lambda: generate(batch, 1 + ask["steps"], input_ids=ids)) - short)


def hear(batch):
    """Spectrograms of zeros -> music in the prompt; in pieces of 64 clips, as activations of more need not fit."""
    music = []
    for first in range(0, batch, 64):
        count = min(64, batch - first)
        pictures = torch.zeros(count * encoder["chunks"], 1, *encoder["image"], device=device)
        patches = tower(pictures).last_hidden_state[:, 1:]
        patches = patches.reshape(count, -1, encoder["width"])
        whole = patches.shape[1] // encoder["patches_per_token"] * encoder["patches_per_token"]
        joined = joiner(patches[:, :whole].reshape(count, -1, encoder["width"] * encoder["patches_per_token"]))
        music.append(joined.repeat(1, tokens // joined.shape[1] + 1, 1)[:, :tokens])
    return torch.cat(music)


def write(batch, music):
    words = model.get_input_embeddings()(torch.arange(40, device=device)[None].repeat(batch, 1) + 3)
    return generate(batch, ask["new_tokens"], inputs_embeds=torch.cat([words[:, :20], music, words[:, 20:]], 1))


long = torch.arange(ask["long_prompt"], device=device)[None] % 200 + 3
measure("decode, batch 1", lambda: decode(1))
measure(f"decode, batch {ask['decoded']}", lambda: decode(ask["decoded"]))
figures[f"decode, batch {ask['decoded']}, as the worker does"] = figures.get(f"decode, batch {ask['decoded']}", 0)
measure(
    f"prefill of {ask['long_prompt']}, in one pass",
    lambda: ask["long_prompt"] / seconds(lambda: generate(1, 1, input_ids=long)))
for batch in ask["clips"]:
    name = f"{ask['clip_seconds']} s"
    measure(f"clips of {name} heard, batch {batch}", lambda: batch / seconds(lambda: hear(batch), 1))
    music = hear(batch)
    measure(f"texts of {ask['new_tokens']} tokens, batch {batch}", lambda: batch / seconds(lambda: write(batch, music), 1))
    both = [figures.get(f"clips of {name} heard, batch {batch}"), figures.get(f"texts of {ask['new_tokens']} tokens, batch {batch}")]
    if all(both):
        figures[f"clips of {name}, batch {batch}"] = 1 / (1 / both[0] + 1 / both[1])
if device.type == "cuda":
    figures["most memory"] = used()
print(json.dumps({"version": version(), "figures": {name: value for name, value in figures.items() if value}}))
