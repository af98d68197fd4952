"""Makes the files of this folder: a tiny RoBERTa of random weights with a vocabulary of its own, and what BERTScore gives with it.

Independent of the C# code: words by the published regular expression, byte pairs by their list of merges, layers by torch.nn.TransformerEncoderLayer,
scores by bert_score's formula (weight 0 for <s> and </s>, which still may be the best match), all in float64, each text by itself.
Needs Debian's python3-torch and python3-regex. Usage: python3 make_golden.py"""
import json
import os
import struct

import numpy as np
import regex
import torch

HERE = os.path.dirname(os.path.abspath(__file__))
WIDTH, LAYERS, HEADS, INNER, POSITIONS, PAD, EPS, MERGES = 32, 3, 4, 64, 66, 1, 1e-5, 48
WORDS = regex.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")
CORPUS = """The song is a calm folk piece with acoustic guitar and soft vocals. A slow jazz ballad with piano and double bass. The track is in a minor key.
This is an upbeat electronic dance track with synth pads, drums and a driving bass line. The singer doesn't sing in the second part of the song."""

PAIRS = [
    ("A calm folk song with acoustic guitar.", "The song is a calm folk piece with acoustic guitar and soft vocals."),
    ("A slow jazz ballad with piano.", "A slow jazz ballad with piano."),
    ("An upbeat dance track.", "A slow piece in a minor key."),
    ("The singer doesn't sing, I'LL say; they've 's.", "The singer sings: it's 'tis."),
    ("120 BPM in 3/4, 12345 beats", "98.5 BPM in 4/4"),
    ("  two  spaces\n\nand lines \t end  ", "two spaces and lines end"),
    ("夜の音楽 ♪ naïve café 🎸🎸", "Müsik für 😀 die Nacht ½²"),
    ("", "A song."),
    ("A song.", " \n "),
    ("", ""),
    ("x", "The track."),
    ("The song is a calm folk piece. " * 4 + "This end is cut away.", "A slow jazz ballad with piano and soft vocals. " * 4),
    ("drums drums drums drums", "drums"),
    ("a song ... with (soft) vocals!?\r\n", "soft vocals -- with a song"),
]


def byte_letters():
    """GPT-2's spelling of bytes as visible characters."""
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [b for b in range(256) if b not in visible]
    return {**{b: chr(b) for b in visible}, **{b: chr(256 + i) for i, b in enumerate(hidden)}}


LETTERS = byte_letters()


def spelled_words(text):
    return [tuple(LETTERS[b] for b in word.encode("utf-8")) for word in WORDS.findall(text)]


def join(word, pair):
    out, i = [], 0
    while i < len(word):
        if word[i:i + 2] == pair:
            out.append(word[i] + word[i + 1])
            i += 2
        else:
            out.append(word[i])
            i += 1
    return tuple(out)


def train_merges():
    words, merges = spelled_words(" " + CORPUS), []
    for _ in range(MERGES):
        counts = {}
        for word in words:
            for pair in zip(word, word[1:]):
                counts[pair] = counts.get(pair, 0) + 1
        best = max(sorted(counts), key=counts.get)
        merges.append(best)
        words = [join(word, best) for word in words]
    return merges, words


def make_vocabulary(merges, words):
    """As in RoBERTa: four specials first, tokens by how often they occur (not by their merges), a word that nothing makes, the mask last."""
    counts = {token: 0 for token in [*LETTERS.values(), *(a + b for a, b in merges)]}
    for word in words:
        for token in word:
            counts[token] += 1
    tokens = ["<s>", "<pad>", "</s>", "<unk>", *sorted(counts, key=lambda token: -counts[token]), "madeupword0000", "<mask>"]
    return {token: i for i, token in enumerate(tokens)}


def encode(text, vocabulary, ranks):
    """bert_score: the text stripped, one space before it, cut so that <s> and </s> still fit."""
    text = text.strip()
    ids = []
    for word in spelled_words(" " + text) if text else []:
        while len(word) > 1:
            best = min(zip(word, word[1:]), key=lambda pair: ranks.get(pair, len(ranks)))
            if best not in ranks:
                break
            word = join(word, best)
        ids += [vocabulary[token] for token in word]
    return [vocabulary["<s>"], *ids[:POSITIONS - PAD - 1 - 2], vocabulary["</s>"]]


def make_weights(vocabulary):
    """Exact in float16, as which they are stored."""
    generator = torch.Generator().manual_seed(20)

    def normal(*shape, scale=1.0, mean=0.0):
        return (torch.randn(*shape, generator=generator, dtype=torch.float64) * scale + mean).half()

    def dense(name, outputs, inputs):
        return {f"{name}.weight": normal(outputs, inputs, scale=1.5 / inputs ** 0.5), f"{name}.bias": normal(outputs, scale=0.1)}

    def norm(name):
        return {f"{name}.weight": normal(WIDTH, scale=0.2, mean=1), f"{name}.bias": normal(WIDTH, scale=0.2)}

    weights = {f"embeddings.{name}_embeddings.weight": normal(size, WIDTH, scale=scale)
               for name, size, scale in [("word", len(vocabulary), 1), ("position", POSITIONS, 0.5), ("token_type", 1, 0.5)]}
    weights |= norm("embeddings.LayerNorm")
    for i in range(LAYERS):
        for part in "query", "key", "value":
            weights |= dense(f"encoder.layer.{i}.attention.self.{part}", WIDTH, WIDTH)
        weights |= dense(f"encoder.layer.{i}.attention.output.dense", WIDTH, WIDTH) | norm(f"encoder.layer.{i}.attention.output.LayerNorm")
        weights |= dense(f"encoder.layer.{i}.intermediate.dense", INNER, WIDTH)
        weights |= dense(f"encoder.layer.{i}.output.dense", WIDTH, INNER) | norm(f"encoder.layer.{i}.output.LayerNorm")
    return weights


def make_layer(weights, i):
    layer = torch.nn.TransformerEncoderLayer(WIDTH, HEADS, INNER, dropout=0, activation="gelu", layer_norm_eps=EPS, batch_first=True, norm_first=False, dtype=torch.float64)
    names = {"self_attn.out_proj": "attention.output.dense", "linear1": "intermediate.dense", "linear2": "output.dense",
             "norm1": "attention.output.LayerNorm", "norm2": "output.LayerNorm"}
    state = {f"{ours}.{kind}": weights[f"encoder.layer.{i}.{theirs}.{kind}"] for ours, theirs in names.items() for kind in ("weight", "bias")}
    for kind in "weight", "bias":
        state[f"self_attn.in_proj_{kind}"] = torch.cat([weights[f"encoder.layer.{i}.attention.self.{part}.{kind}"] for part in ("query", "key", "value")])
    layer.load_state_dict(state)
    return layer


def hidden_states(ids, weights, layers):
    """The embeddings and each layer's output, (LAYERS + 1, tokens, WIDTH)."""
    positions = torch.arange(len(ids)) + PAD + 1
    x = weights["embeddings.word_embeddings.weight"][ids] + weights["embeddings.position_embeddings.weight"][positions] + weights["embeddings.token_type_embeddings.weight"][0]
    x = torch.nn.functional.layer_norm(x, (WIDTH,), weights["embeddings.LayerNorm.weight"], weights["embeddings.LayerNorm.bias"], EPS)
    states = [x]
    for layer in layers:
        states.append(layer(states[-1].unsqueeze(0)).squeeze(0))
    return torch.stack(states).detach().numpy()


def score(candidate, reference, layer, states):
    def unit(ids):
        rows = states[tuple(ids)][layer]
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def weight(ids):
        ones = np.array([0.0, *[1.0] * (len(ids) - 2), 0.0])
        return ones / ones.sum()

    if len(candidate) == 2 or len(reference) == 2:
        return [0.0, 0.0, 0.0]
    cosines = unit(candidate) @ unit(reference).T
    precision, recall = weight(candidate) @ cosines.max(1), weight(reference) @ cosines.max(0)
    return [round(float(value), 9) for value in (precision, recall, 2 * precision * recall / (precision + recall))]


def write_safetensors(name, tensors, texts=None):
    types = {"float16": "F16", "float32": "F32"}
    header, offset = {"__metadata__": {"format": "pt", **(texts or {})}}, 0
    for key, value in tensors.items():
        header[key] = {"dtype": types[str(value.dtype)], "shape": list(value.shape), "data_offsets": [offset, offset + value.nbytes]}
        offset += value.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(os.path.join(HERE, name), "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(np.ascontiguousarray(value).tobytes() for value in tensors.values()))


def write_text(name, text):
    with open(os.path.join(HERE, name), "w", encoding="utf-8", newline="\n") as file:
        file.write(text + "\n")


def main():
    merges, words = train_merges()
    vocabulary = make_vocabulary(merges, words)
    weights = make_weights(vocabulary)
    doubles = {name: value.double() for name, value in weights.items()}
    layers = [make_layer(doubles, i) for i in range(LAYERS)]

    ranks = {pair: rank for rank, pair in enumerate(merges)}
    ids = {text: encode(text, vocabulary, ranks) for pair in PAIRS for text in pair}
    states = {tuple(row): hidden_states(row, doubles, layers) for row in ids.values()}

    config = dict(architectures=["RobertaForMaskedLM"], model_type="roberta", vocab_size=len(vocabulary), hidden_size=WIDTH, num_hidden_layers=LAYERS,
                  num_attention_heads=HEADS, intermediate_size=INNER, hidden_act="gelu", max_position_embeddings=POSITIONS, type_vocab_size=1,
                  layer_norm_eps=EPS, bos_token_id=0, pad_token_id=PAD, eos_token_id=2, hidden_dropout_prob=0.1, attention_probs_dropout_prob=0.1)
    write_text("config.json", json.dumps(config, indent=2))
    write_text("vocab.json", json.dumps(vocabulary, ensure_ascii=False))
    write_text("merges.txt", "\n".join(["#version: 0.2", *(f"{a} {b}" for a, b in merges)]))
    # As published: below "roberta.", with the head of the masked language model beside it.
    write_safetensors("model.safetensors", {**{f"roberta.{name}": value.numpy() for name, value in weights.items()}, "lm_head.bias": np.zeros(len(vocabulary), np.float16)})
    pairs = [dict(candidate=a, reference=b, candidate_ids=ids[a], reference_ids=ids[b],
                  scores_by_layer=[score(ids[a], ids[b], layer, states) for layer in range(LAYERS + 1)]) for a, b in PAIRS]
    write_text("golden.json", "[\n" + ",\n".join(json.dumps(pair, ensure_ascii=False) for pair in pairs) + "\n]")
    # Each tensor's text stands in the metadata, by the tensor's name.
    shown = {f"hidden_states.{i}": text for i, text in enumerate([PAIRS[0][0], PAIRS[4][1], PAIRS[6][0]])}
    write_safetensors("golden.safetensors", {name: states[tuple(ids[text])].astype(np.float32) for name, text in shown.items()}, shown)


main()
