"""Numbers that Qwen3 as a language model must give, computed in plain torch without Heddle and without a cache.

    python3 test/reference/qwen3_causal.py > engine/models/qwen3/testdata/causal.json

Written after transformers' modeling_qwen3.py: RMS norms, norm on q and k per head, rotate-half rotary embedding,
grouped-query attention, SwiGLU. The weights are those of test/golden/models/model_f32/text_encoder; the case with an output
layer of its own takes half of the embedding table, upside down, for it.
"""

import json
import pathlib
import struct

import numpy
import torch

FOLDER = pathlib.Path(__file__).parent.parent / "golden/models/model_f32/text_encoder"
START = [374, 5, 77, 130, 260, 12, 99, 3]
NEW_TOKENS = 12


def read_safetensors(path):
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        assert entry["dtype"] == "F32"
        tensors[name] = torch.from_numpy(numpy.frombuffer(data[begin:end], dtype="<f4").reshape(entry["shape"]).copy())
    return tensors


def rms_norm(x, weight, eps):
    return weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps))


def rotate(x, theta):
    """x: [heads, tokens, size]"""
    size = x.shape[-1]
    frequencies = 1.0 / (theta ** (torch.arange(0, size, 2, dtype=torch.float32) / size))
    angles = torch.outer(torch.arange(x.shape[1], dtype=torch.float32), frequencies)
    angles = torch.cat([angles, angles], -1)
    first, second = x[..., : size // 2], x[..., size // 2 :]
    return x * angles.cos() + torch.cat([-second, first], -1) * angles.sin()


def logits_of(ids, weights, config, head):
    heads, kv_heads, size = config["num_attention_heads"], config["num_key_value_heads"], config["head_dim"]
    eps, theta = config["rms_norm_eps"], float(config["rope_theta"])
    x = weights["model.embed_tokens.weight"][torch.tensor(ids)]
    tokens = len(ids)
    causal = torch.full((tokens, tokens), float("-inf")).triu(1)
    for layer in range(config["num_hidden_layers"]):
        get = lambda name: weights[f"model.layers.{layer}.{name}.weight"]
        normed = rms_norm(x, get("input_layernorm"), eps)
        split = lambda name, count: (normed @ get(f"self_attn.{name}").T).view(tokens, count, size)
        q = rms_norm(split("q_proj", heads), get("self_attn.q_norm"), eps).transpose(0, 1)
        k = rms_norm(split("k_proj", kv_heads), get("self_attn.k_norm"), eps).transpose(0, 1)
        v = split("v_proj", kv_heads).transpose(0, 1)
        q, k = rotate(q, theta), rotate(k, theta)
        k, v = (value.repeat_interleave(heads // kv_heads, 0) for value in (k, v))
        shares = torch.softmax(q @ k.transpose(1, 2) / size**0.5 + causal, -1)
        x = x + (shares @ v).transpose(0, 1).reshape(tokens, heads * size) @ get("self_attn.o_proj").T
        normed = rms_norm(x, get("post_attention_layernorm"), eps)
        gated = torch.nn.functional.silu(normed @ get("mlp.gate_proj").T) * (normed @ get("mlp.up_proj").T)
        x = x + gated @ get("mlp.down_proj").T
    return rms_norm(x, weights["model.norm.weight"], eps) @ head.T


def case(weights, config, head):
    ids = list(START)
    all_logits = logits_of(ids, weights, config, head)
    for _ in range(NEW_TOKENS):
        ids.append(int(logits_of(ids, weights, config, head)[-1].argmax()))
    rounded = lambda row: [round(float(value), 6) for value in row]
    return {
        "firstLogits": rounded(all_logits[0]),
        "lastLogits": rounded(all_logits[-1]),
        "greedy": ids[len(START) :],
        "greedyLogits": rounded(logits_of(ids, weights, config, head)[-1]),
    }


def main():
    torch.manual_seed(0)
    weights = read_safetensors(FOLDER / "model.safetensors")
    config = json.loads((FOLDER / "config.json").read_text())
    embedding = weights["model.embed_tokens.weight"]
    print(
        json.dumps(
            {
                "start": START,
                "tied": case(weights, config, embedding),
                "separate": case(weights, config, embedding.flip(0) / 2),
            }
        )
    )


main()
