"""Sampling from the exported folders with the training forward (fp32 maths, bf16 weights).

    python3 sample.py ROOT out.png "a prompt" [more prompts] [--turbo] [--steps N] [--g G] [--size WxH] [--lora NAME[:STRENGTH]] [--seed S]
"""
import json, os, sys
import numpy as np
import torch
import model as M
import vae as V
from bpe import Tokenizer
from export import load_safetensors

DT = M.BF if os.environ.get("BF16") else torch.float32


@torch.no_grad()
def latents(dit, te, tok, prompts, w=128, h=128, steps=20, g=2.0, seed=0, z0=None, strength=1.0, shift=3.0, dt=None):
    """Euler sampling with guidance in the official convention; z0 (scaled latents): img2img as diffusers does it."""
    dt = dt or DT
    gen = torch.Generator().manual_seed(seed)
    x = torch.randn(len(prompts), 16, h // 8, w // 8, generator=gen)
    s = torch.linspace(1, 0, steps + 1)
    s = shift * s / (1 + (shift - 1) * s)
    if z0 is not None:   # skip the first (1 - strength) of the steps
        s = s[steps - min(steps, int(steps * strength)):]
        x = s[0] * x + (1 - s[0]) * z0
    seqs = [tok.chat(p) for p in prompts]
    pad = tok.special["<|endoftext|>"]
    groups = {}
    for i, q in enumerate(seqs): groups.setdefault(-(-len(q) // 32), []).append(i)
    out = torch.empty_like(x)
    for ix in groups.values():
        ids, mask = M.pack_ids([seqs[i] for i in ix], pad)
        cap = te(ids, dt)
        nids, nmask = M.pack_ids([tok.chat("")] * len(ix), pad)
        nul = te(nids, dt)
        y = x[ix]
        for a, b in zip(s[:-1], s[1:]):
            t = (1 - a).expand(len(ix))
            v = dit(y, t, cap, mask, dt)
            if g > 0: v = v + g * (v - dit(y, t, nul, nmask, dt))
            y = y + (a - b) * v
        out[ix] = y
    return out


@torch.no_grad()
def decode(vae, z):
    """unscaled latents -> uint8 pictures"""
    q = M.BF if M.ops.FUSED else torch.float32
    return np.concatenate([V.to_u8(vae.decoder(z[i:i + 16].to(q).contiguous(memory_format=torch.channels_last))) for i in range(0, len(z), 16)])


class Pipe:
    """The exported folders as one callable: prompts -> uint8 pictures."""

    def __init__(self, root, turbo=False, lora=None):
        b = f"{root}/base"
        self.tok = Tokenizer.load(f"{b}/tokenizer/tokenizer.json")
        tc = json.load(open(f"{b}/text_encoder/config.json"))
        self.te = M.TextEncoder(tc); self.te.load_state_dict(self.f32(load_safetensors(f"{b}/text_encoder/model.safetensors")))
        t = f"{root}/turbo" if turbo else b
        self.dit = M.DiT(json.load(open(f"{t}/transformer/config.json")))
        self.dit.load_state_dict(self.f32(load_safetensors(f"{t}/transformer/diffusion_pytorch_model.safetensors")))
        self.vc = json.load(open(f"{b}/vae/config.json"))
        self.vae = V.VAE(self.vc); self.vae.load_state_dict(self.f32(load_safetensors(f"{b}/vae/diffusion_pytorch_model.safetensors")))
        self.vae.to(memory_format=torch.channels_last)
        self.shift = json.load(open(f"{t}/scheduler/scheduler_config.json"))["shift"]
        for l in (lora or "").split("+"):   # "neon-outline", "ink:0.5", "neon-outline:0.5+ink:0.5"
            if l: self.lora(f"{root}/loras/{l.split(':')[0]}.safetensors", float((l + ":1").split(":")[1]))

    @staticmethod
    def f32(d):
        return {k: v.float() for k, v in d.items()}

    def lora(self, path, s=1.0):
        d = load_safetensors(path)
        sd = self.dit.state_dict()
        for k in d:
            if not k.endswith("lora_A.weight"): continue
            n = k[len("transformer."):-len(".lora_A.weight")]
            sd[n + ".weight"] += s * d[k.replace("lora_A", "lora_B")].float() @ d[k].float()

    def encode(self, pictures):
        m, _ = self.vae.moments(V.to_x(pictures, M.BF if M.ops.FUSED else torch.float32))
        return (m - self.vc["shift_factor"]) * self.vc["scaling_factor"]

    @torch.no_grad()
    def __call__(self, prompts, w=128, h=128, steps=20, g=2.0, seed=0, init=None, strength=1.0, shift=None, dt=None, raw=False):
        z0 = None if init is None else self.encode(init)
        z = latents(self.dit, self.te, self.tok, prompts, w, h, steps, g, seed, z0, strength, self.shift if shift is None else shift, dt)
        return z if raw else self.decode(z)

    def decode(self, z):
        return decode(self.vae, z / self.vc["scaling_factor"] + self.vc["shift_factor"])


if __name__ == "__main__":
    from data import sheet
    a, o, ps = sys.argv[1:], {}, []
    i = 0
    while i < len(a):
        if a[i] == "--turbo": o["turbo"] = True
        elif a[i].startswith("--"): o[a[i][2:]] = a[i + 1]; i += 1
        else: ps.append(a[i])
        i += 1
    tb = o.get("turbo", False)
    p = Pipe(ps[0], tb, o.get("lora"))
    w, h = map(int, o.get("size", "128x128").split("x"))
    ims = p(ps[2:], w, h, int(o.get("steps", 8 if tb else 20)), float(o.get("g", 0 if tb else 2)), int(o.get("seed", 0)))
    sheet(list(ims), ps[2:], ps[1], 6, scale=2)
