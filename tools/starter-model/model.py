"""Z-Image's single-stream DiT and a Qwen3-style text encoder in miniature: batched forward for training.

Parameter names are those of the diffusers / Hugging Face checkpoints.  A batch holds items of one image size and one padded
caption length ("bucket"), so no attention mask is needed: exactly what unbatched official inference computes.
"""
import math
import torch
import torch.nn as nn
import torch.nn.functional as F
import ops

DIT = dict(dim=192, n_layers=7, n_refiner_layers=1, n_heads=3, n_kv_heads=3, in_channels=16, cap_feat_dim=192, norm_eps=1e-5,
           rope_theta=256.0, t_scale=1000.0, axes_dims=[16, 24, 24], axes_lens=[512, 128, 128])
TEXT = dict(vocab_size=1024, hidden_size=192, num_hidden_layers=4, num_attention_heads=4, num_key_value_heads=2, head_dim=64,
            intermediate_size=512, rms_norm_eps=1e-6, rope_theta=10000.0)
BF = ops.DT   # dtype of the activations


class Norm(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d))


def rms(x, w, eps):
    x = x.float()
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps) * w


def patched(m):
    return m.weight if getattr(m, "A", None) is None else m.weight + (m.B * getattr(m, "strength", 1.0)) @ m.A


def linear(m, x, scale_lora=True):
    """nn.Linear in x's dtype; a LoRA pair attached as m.A / m.B is added to the weight, m.strength times."""
    w = patched(m)
    return F.linear(x, w.to(x.dtype), None if m.bias is None else m.bias.to(x.dtype))


def joint(ms, x):
    """several bias-free linears on the same input as one product"""
    ws = [patched(m) for m in ms]
    return F.linear(x, torch.cat(ws, 0).to(x.dtype))


def attention(qkv, nq, nk, cs, sn, hq, hk, eps, half, causal):
    """Per-head RMSNorm on q and k, rotary embedding, softmax attention."""
    if ops.FUSED and qkv.dtype == BF:
        return ops.Attn.apply(qkv, nq, nk, cs, sn, hq, hk, eps, half, causal)
    B, S, W = qkv.shape
    e = W // (hq + 2 * hk)
    q, k, v = qkv.view(B, S, -1, e).transpose(1, 2).split([hq, hk, hk], 1)

    def turn(t):
        if half:
            a, b = t[..., : e // 2], t[..., e // 2:]
            return torch.cat([a * cs - b * sn, b * cs + a * sn], -1)
        a, b = t[..., 0::2], t[..., 1::2]
        return torch.stack([a * cs - b * sn, a * sn + b * cs], -1).flatten(-2)

    q, k = turn(rms(q, nq, eps)), turn(rms(k, nk, eps))
    k, v = (t.repeat_interleave(hq // hk, 1) for t in (k, v.float()))
    s = q @ k.transpose(-1, -2) * e ** -0.5
    if causal: s = s.masked_fill(torch.ones(S, S, dtype=torch.bool, device=s.device).triu(1), float("-inf"))
    return (s.softmax(-1) @ v).transpose(1, 2).reshape(B, S, hq * e).to(qkv.dtype)


def norm_mod(x, norm, scale, eps, dt):
    if ops.FUSED and dt == BF: return ops.RmsMod.apply(x, norm.weight, scale, eps)
    y = rms(x, norm.weight, eps)
    return (y if scale is None else y * (1 + scale.unsqueeze(1))).to(dt)


def gated_add(x, y, norm, gate, eps):
    if ops.FUSED and y.dtype == BF: return ops.GateRes.apply(x, y, norm.weight, gate, eps)
    y = rms(y, norm.weight, eps)
    return x + (y if gate is None else y * gate.unsqueeze(1))


def swiglu(ac):
    if ops.FUSED and ac.dtype == BF: return ops.SwiGLU.apply(ac)
    a, c = ac.chunk(2, -1)
    return F.silu(a) * c


class DitAttention(nn.Module):
    def __init__(self, d, h, hk):
        super().__init__()
        e = d // h
        self.to_q, self.to_k, self.to_v = nn.Linear(d, h * e, False), nn.Linear(d, hk * e, False), nn.Linear(d, hk * e, False)
        self.to_out = nn.ModuleList([nn.Linear(h * e, d, False)])
        self.norm_q, self.norm_k = Norm(e), Norm(e)


class FeedForward(nn.Module):
    def __init__(self, d, hid):
        super().__init__()
        self.w1, self.w2, self.w3 = nn.Linear(d, hid, False), nn.Linear(hid, d, False), nn.Linear(d, hid, False)


class DitBlock(nn.Module):
    def __init__(self, c, mod):
        super().__init__()
        d = c["dim"]
        self.h, self.hk, self.eps = c["n_heads"], c["n_kv_heads"], c["norm_eps"]
        self.attention = DitAttention(d, self.h, self.hk)
        self.feed_forward = FeedForward(d, int(d / 3 * 8))
        self.attention_norm1, self.attention_norm2, self.ffn_norm1, self.ffn_norm2 = Norm(d), Norm(d), Norm(d), Norm(d)
        if mod: self.adaLN_modulation = nn.ModuleList([nn.Linear(min(d, 256), 4 * d)])
        self.mod = mod

    def forward(self, x, cs, sn, t, dt):
        s1 = g1 = s2 = g2 = None
        if self.mod:
            s1, g1, s2, g2 = self.adaLN_modulation[0](t).chunk(4, 1)
            g1, g2 = g1.tanh(), g2.tanh()
        a, f, e = self.attention, self.feed_forward, self.eps
        h = joint((a.to_q, a.to_k, a.to_v), norm_mod(x, self.attention_norm1, s1, e, dt))
        h = attention(h, a.norm_q.weight, a.norm_k.weight, cs, sn, self.h, self.hk, e, False, False)
        x = gated_add(x, linear(a.to_out[0], h), self.attention_norm2, g1, e)
        h = swiglu(joint((f.w1, f.w3), norm_mod(x, self.ffn_norm1, s2, e, dt)))
        return gated_add(x, linear(f.w2, h), self.ffn_norm2, g2, e)


class FinalLayer(nn.Module):
    def __init__(self, d, o):
        super().__init__()
        self.linear = nn.Linear(d, o)
        self.adaLN_modulation = nn.Sequential(nn.SiLU(), nn.Linear(min(d, 256), d))


class TEmbed(nn.Module):
    def __init__(self, o):
        super().__init__()
        self.mlp = nn.Sequential(nn.Linear(256, 1024), nn.SiLU(), nn.Linear(1024, o))


class DiT(nn.Module):
    def __init__(self, c=DIT):
        super().__init__()
        d = c["dim"]
        self.c = c
        self.all_x_embedder = nn.ModuleDict({"2-1": nn.Linear(4 * c["in_channels"], d)})
        self.all_final_layer = nn.ModuleDict({"2-1": FinalLayer(d, 4 * c["in_channels"])})
        self.noise_refiner = nn.ModuleList([DitBlock(c, True) for _ in range(c["n_refiner_layers"])])
        self.context_refiner = nn.ModuleList([DitBlock(c, False) for _ in range(c["n_refiner_layers"])])
        self.t_embedder = TEmbed(min(d, 256))
        self.cap_embedder = nn.Sequential(Norm(c["cap_feat_dim"]), nn.Linear(c["cap_feat_dim"], d))
        self.x_pad_token = nn.Parameter(torch.randn(1, d) * 0.02)
        self.cap_pad_token = nn.Parameter(torch.randn(1, d) * 0.02)
        self.layers = nn.ModuleList([DitBlock(c, True) for _ in range(c["n_layers"])])
        self.tables = {}
        for n, p in self.named_parameters():
            if p.ndim == 2 and "pad_token" not in n:
                if "adaLN" in n: nn.init.normal_(p, std=0.02)
                elif "all_final_layer" in n: nn.init.zeros_(p)
                elif "t_embedder" in n: nn.init.normal_(p, std=0.02 if "mlp.0" in n else 0.03)
                else: nn.init.normal_(p, std=p.shape[1] ** -0.5 * 0.7)
            elif n.endswith("bias"): nn.init.zeros_(p)
        for b in list(self.noise_refiner) + list(self.layers):   # start with small open gates
            with torch.no_grad(): b.adaLN_modulation[0].bias.view(4, d)[[1, 3]] = 0.3

    def rope(self, H, W, cap, dev):
        """(cos, sin) tables for [image | image padding | caption] of one bucket."""
        key = (H, W, cap, str(dev))
        if key not in self.tables:
            n = H * W
            pos = torch.zeros(n + (-n) % 32 + cap, 3, dtype=torch.long)
            ij = torch.stack(torch.meshgrid(torch.arange(H), torch.arange(W), indexing="ij"), -1).reshape(n, 2)
            pos[:n, 0] = cap + 1
            pos[:n, 1:] = ij
            pos[n + (-n) % 32:, 0] = torch.arange(1, cap + 1)
            ang = []
            for i, d in enumerate(self.c["axes_dims"]):
                f = 1.0 / (self.c["rope_theta"] ** (torch.arange(0, d, 2, dtype=torch.float64) / d))
                ang.append((pos[:, i:i + 1].double() * f).float())
            a = torch.cat(ang, 1)
            self.tables[key] = (a.cos().contiguous().to(dev), a.sin().contiguous().to(dev))
        return self.tables[key]

    def forward(self, x, t, cap, cap_mask, dt=BF):
        """x [B,16,h,w] latents, t [B] = 1 - sigma, cap [B,L,F] (L a multiple of 32), cap_mask [B,L] True for real tokens."""
        B, C, h, w = x.shape
        H, W, L = h // 2, w // 2, cap.shape[1]
        n = H * W
        cs, sn = self.rope(H, W, L, x.device)
        half = 128
        f = torch.exp(-math.log(10000.0) * torch.arange(half, dtype=torch.float32, device=x.device) / half)
        ar = (t.float() * self.c["t_scale"])[:, None] * f[None]
        t = self.t_embedder.mlp(torch.cat([ar.cos(), ar.sin()], -1))
        p = x.float().view(B, C, H, 2, W, 2).permute(0, 2, 4, 3, 5, 1).reshape(B, n, 4 * C)
        x = linear(self.all_x_embedder["2-1"], p)
        pad = (-n) % 32
        if pad: x = torch.cat([x, self.x_pad_token.expand(B, pad, -1)], 1)
        m = n + pad
        for b in self.noise_refiner: x = b(x, cs[:m], sn[:m], t, dt)
        k = rms(cap, self.cap_embedder[0].weight, self.c["norm_eps"])
        k = linear(self.cap_embedder[1], k)
        k = torch.where(cap_mask.unsqueeze(-1), k, self.cap_pad_token)
        for b in self.context_refiner: k = b(k, cs[m:], sn[m:], None, dt)
        u = torch.cat([x, k], 1)
        for b in self.layers: u = b(u, cs, sn, t, dt)
        fl = self.all_final_layer["2-1"]
        u = F.layer_norm(u[:, :n], (u.shape[-1],), eps=1e-6) * (1 + fl.adaLN_modulation(t)).unsqueeze(1)
        u = fl.linear(u)
        return u.view(B, H, W, 2, 2, C).permute(0, 5, 1, 3, 2, 4).reshape(B, C, h, w)


class TextLayer(nn.Module):
    def __init__(self, c):
        super().__init__()
        d, e = c["hidden_size"], c["head_dim"]
        self.h, self.hk, self.eps = c["num_attention_heads"], c["num_key_value_heads"], c["rms_norm_eps"]
        a = self.self_attn = nn.Module()
        a.q_proj, a.k_proj, a.v_proj = nn.Linear(d, self.h * e, False), nn.Linear(d, self.hk * e, False), nn.Linear(d, self.hk * e, False)
        a.o_proj = nn.Linear(self.h * e, d, False)
        a.q_norm, a.k_norm = Norm(e), Norm(e)
        m = self.mlp = nn.Module()
        i = c["intermediate_size"]
        m.gate_proj, m.up_proj, m.down_proj = nn.Linear(d, i, False), nn.Linear(d, i, False), nn.Linear(i, d, False)
        self.input_layernorm, self.post_attention_layernorm = Norm(d), Norm(d)

    def forward(self, x, cs, sn, dt):
        a, m, e = self.self_attn, self.mlp, self.eps
        h = joint((a.q_proj, a.k_proj, a.v_proj), norm_mod(x, self.input_layernorm, None, e, dt))
        x = x + linear(a.o_proj, attention(h, a.q_norm.weight, a.k_norm.weight, cs, sn, self.h, self.hk, e, True, True))
        h = swiglu(joint((m.gate_proj, m.up_proj), norm_mod(x, self.post_attention_layernorm, None, e, dt)))
        return x + linear(m.down_proj, h)


class TextEncoder(nn.Module):
    """Qwen3 decoder body; forward returns hidden_states[-2], so the last layer and the final norm are never used by Z-Image."""

    def __init__(self, c=TEXT):
        super().__init__()
        self.c = c
        m = self.model = nn.Module()
        m.embed_tokens = nn.Embedding(c["vocab_size"], c["hidden_size"])
        m.layers = nn.ModuleList([TextLayer(c) for _ in range(c["num_hidden_layers"])])
        m.norm = Norm(c["hidden_size"])
        for n, p in self.named_parameters():
            if p.ndim == 2: nn.init.normal_(p, std=0.5 if "embed" in n else p.shape[1] ** -0.5 * (0.4 if ("o_proj" in n or "down_proj" in n) else 0.8))

    def forward(self, ids, dt=BF):
        c, L = self.c, ids.shape[1]
        f = 1.0 / (c["rope_theta"] ** (torch.arange(0, c["head_dim"], 2, dtype=torch.float32, device=ids.device) / c["head_dim"]))
        a = torch.arange(L, dtype=torch.float32, device=ids.device)[:, None] * f
        cs, sn = a.cos().contiguous(), a.sin().contiguous()
        x = self.model.embed_tokens(ids)
        for l in self.model.layers[:-1]: x = l(x, cs, sn, dt)
        return x


def pack_ids(seqs, pad_id, device="cpu"):
    """Token lists -> (ids [B,L], mask [B,L]) with L the next multiple of 32 of the longest."""
    L = max(len(s) for s in seqs)
    L += (-L) % 32
    ids = torch.full((len(seqs), L), pad_id, dtype=torch.long)
    mask = torch.zeros(len(seqs), L, dtype=torch.bool)
    for i, s in enumerate(seqs):
        ids[i, :len(s)] = torch.tensor(s); mask[i, :len(s)] = True
    return ids.to(device), mask.to(device)
