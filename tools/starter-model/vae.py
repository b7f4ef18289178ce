"""AutoencoderKL in miniature (same tensor names and maths as the diffusers class), its training and latent export.

    python3 vae.py train CACHE OUT.pt MINUTES      train encoder + decoder
    python3 vae.py tune  CACHE OUT.pt MINUTES      decoder only (the encoder, and with it the latents, stay as they are)
    python3 vae.py latents CACHE OUT.pt            encode the cache to CACHE/lat_*.npy (float16); style_latents: CACHE/*/lat_*.npy
"""
import glob, json, math, os, sys, time
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import data as D
import ops

CFG = dict(block_out_channels=[32, 32, 64, 96], layers_per_block=1, norm_num_groups=2, latent_channels=16)


class GroupNorm(nn.GroupNorm):
    def run(self, x, act):
        if ops.FUSED and x.dtype == ops.DT and x.shape[1] % 32 == 0:
            return ops.GN.apply(x, self.weight, self.bias, self.num_groups, self.eps, act)
        y = F.group_norm(x.float(), self.num_groups, self.weight.float(), self.bias.float(), self.eps).to(x.dtype)
        return F.silu(y) if act else y


class Conv(nn.Conv2d):
    def forward(self, x):
        return F.conv2d(x, self.weight.to(x.dtype), self.bias.to(x.dtype), self.stride, self.padding)


class Lin(nn.Linear):
    def forward(self, x):
        return F.linear(x, self.weight.to(x.dtype), self.bias.to(x.dtype))


class Resnet(nn.Module):
    def __init__(self, i, o, g):
        super().__init__()
        self.norm1 = GroupNorm(g, i, eps=1e-6)
        self.conv1 = Conv(i, o, 3, padding=1)
        self.norm2 = GroupNorm(g, o, eps=1e-6)
        self.conv2 = Conv(o, o, 3, padding=1)
        self.conv_shortcut = Conv(i, o, 1) if i != o else None

    def forward(self, x):
        h = self.conv1(self.norm1.run(x, True))
        h = self.conv2(self.norm2.run(h, True))
        return (x if self.conv_shortcut is None else self.conv_shortcut(x)) + h


class Attention(nn.Module):
    def __init__(self, c, g):
        super().__init__()
        self.group_norm = GroupNorm(g, c, eps=1e-6)
        self.to_q, self.to_k, self.to_v = Lin(c, c), Lin(c, c), Lin(c, c)
        self.to_out = nn.ModuleList([Lin(c, c)])

    def forward(self, x):
        b, c, h, w = x.shape
        t = self.group_norm.run(x, False).flatten(2).transpose(1, 2)
        q, k, v = self.to_q(t), self.to_k(t), self.to_v(t)
        a = torch.bmm(q, k.transpose(1, 2)).float().mul(c ** -0.5).softmax(-1).to(q.dtype)
        o = self.to_out[0](torch.bmm(a, v))
        return x + o.transpose(1, 2).reshape(b, c, h, w)


class Sampler(nn.Module):  # holder so that names read downsamplers.0.conv / upsamplers.0.conv
    def __init__(self, c, down):
        super().__init__()
        self.down = down
        self.conv = Conv(c, c, 3, stride=2 if down else 1, padding=0 if down else 1)

    def forward(self, x):
        if self.down:
            return self.conv(F.pad(x, (0, 1, 0, 1)))
        return self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))


class Block(nn.Module):
    def __init__(self, i, o, n, g, samp, down):
        super().__init__()
        self.resnets = nn.ModuleList([Resnet(i if k == 0 else o, o, g) for k in range(n)])
        if samp:
            setattr(self, "downsamplers" if down else "upsamplers", nn.ModuleList([Sampler(o, down)]))
        self.samp = ("downsamplers" if down else "upsamplers") if samp else None

    def forward(self, x):
        for r in self.resnets: x = r(x)
        return getattr(self, self.samp)[0](x) if self.samp else x


class Mid(nn.Module):
    def __init__(self, c, g):
        super().__init__()
        self.resnets = nn.ModuleList([Resnet(c, c, g), Resnet(c, c, g)])
        self.attentions = nn.ModuleList([Attention(c, g)])

    def forward(self, x):
        return self.resnets[1](self.attentions[0](self.resnets[0](x)))


class Encoder(nn.Module):
    def __init__(self, ch, n, g, z):
        super().__init__()
        self.conv_in = Conv(3, ch[0], 3, padding=1)
        self.down_blocks = nn.ModuleList([Block(ch[max(0, i - 1)], c, n, g, i < len(ch) - 1, True) for i, c in enumerate(ch)])
        self.mid_block = Mid(ch[-1], g)
        self.conv_norm_out = GroupNorm(g, ch[-1], eps=1e-6)
        self.conv_out = Conv(ch[-1], 2 * z, 3, padding=1)

    def forward(self, x):
        x = self.conv_in(x)
        for b in self.down_blocks: x = b(x)
        return self.conv_out(self.conv_norm_out.run(self.mid_block(x), True))


class Decoder(nn.Module):
    def __init__(self, ch, n, g, z):
        super().__init__()
        r = list(reversed(ch))
        self.conv_in = Conv(z, r[0], 3, padding=1)
        self.mid_block = Mid(r[0], g)
        self.up_blocks = nn.ModuleList([Block(r[max(0, i - 1)], c, n + 1, g, i < len(r) - 1, False) for i, c in enumerate(r)])
        self.conv_norm_out = GroupNorm(g, r[-1], eps=1e-6)
        self.conv_out = Conv(r[-1], 3, 3, padding=1)

    def forward(self, z):
        x = self.mid_block(self.conv_in(z))
        for b in self.up_blocks: x = b(x)
        return self.conv_out(self.conv_norm_out.run(x, True))


class VAE(nn.Module):
    def __init__(self, cfg=CFG):
        super().__init__()
        a = (cfg["block_out_channels"], cfg["layers_per_block"], cfg["norm_num_groups"], cfg["latent_channels"])
        self.encoder, self.decoder = Encoder(*a), Decoder(*a)

    def moments(self, x):
        m, lv = self.encoder(x).float().chunk(2, 1)
        return m, lv.clamp(-20, 10)


def to_x(u8, dtype=ops.DT):
    """uint8 [N,H,W,3] -> [-1,1] channels-last tensor"""
    return (torch.from_numpy(np.array(u8)).permute(0, 3, 1, 2).float() / 127.5 - 1).to(dtype).contiguous(memory_format=torch.channels_last)


def to_u8(x):
    return ((x.float() / 2 + 0.5).clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).contiguous().numpy()


SHARES = [("img_128x128", .62), ("img_192x128", .07), ("img_128x192", .07), ("img_256x256", .05), ("neon/img_128x128", .10), ("ink/img_128x128", .12)]


def pools(cache, hold=200):
    """[(pictures, first usable row, rows, weight, latents or None)]; the first rows are for validation"""
    out = []
    for f, wt in SHARES:
        if os.path.exists(f"{cache}/{f}.npy"):
            a = np.load(f"{cache}/{f}.npy", mmap_mode="r")
            l = f"{cache}/{f.replace('img_', 'lat_')}.npy"
            out.append((a, hold, len(a), wt, np.load(l, mmap_mode="r") if os.path.exists(l) else None))
    return out


def psnr(vae, a):
    with torch.no_grad():
        tot = []
        for i in range(0, len(a), 16):
            m, _ = vae.moments(to_x(a[i:i + 16]))
            y = to_u8(vae.decoder(m.to(ops.DT).contiguous(memory_format=torch.channels_last)))
            e = ((y.astype(np.float32) - a[i:i + 16]) ** 2).mean((1, 2, 3))
            tot.append(10 * np.log10(255 ** 2 / np.maximum(e, .02)))
    return float(np.concatenate(tot).mean())


def start_linear(vae):
    """Begin as a linear low-pass autoencoder: silent residual branches, averaging downsamplers, copying upsamplers, hardly any noise."""
    with torch.no_grad():
        vae.encoder.conv_out.bias[16:] = -5.0
        # constant reference channels: GroupNorm then keeps absolute colour (flat pictures lose it otherwise)
        for c in (vae.encoder.conv_in, vae.decoder.conv_in): nn.init.normal_(c.bias, std=0.5)
        for m in vae.modules():
            if isinstance(m, Resnet): m.conv2.weight.mul_(0.05); m.conv2.bias.zero_()
            if isinstance(m, Attention): m.to_out[0].weight.mul_(0.05)
            if isinstance(m, Sampler):
                m.conv.weight.mul_(0.3)
                for i in range(m.conv.weight.shape[0]):
                    if m.down: m.conv.weight[i, i, :2, :2] += 0.25
                    else: m.conv.weight[i, i, 1, 1] += 1.0


def train(cache, out, minutes, decoder_only=False, bs=8, lr=7e-4, kl_w=5e-4):
    """L1 + MSE + L1 of the gradients + a little KL.  decoder_only: the latents stay as they are (cached ones are used where there are
    any) and get a little noise, because generated ones are never exact; the result is the average of the last weights."""
    torch.manual_seed(0)
    resume = os.environ.get("RESUME")   # go on from an earlier run's file
    rng = np.random.default_rng(int(time.time()) if decoder_only or resume else 0)
    vae = VAE()
    if os.path.exists(out) and (decoder_only or resume): vae.load_state_dict(torch.load(out)["model"])
    else: start_linear(vae)
    vae = vae.to(memory_format=torch.channels_last)
    params = list(vae.decoder.parameters()) if decoder_only else list(vae.parameters())
    lr = float(os.environ.get("LR", lr * (0.8 if decoder_only else 1)))
    opt = torch.optim.AdamW(params, lr=lr, betas=(0.9, 0.99), weight_decay=1e-4)
    avg = [p.detach().clone() for p in params]
    t0, step, ps, last, acc = time.time(), 0, pools(cache), time.time(), []
    w = np.array([q[3] for q in ps])

    def swap():
        for p, e in zip(params, avg): p.data, e.data = e.data, p.data

    def check(n):
        return {f: round(psnr(vae, q[0][:n]), 2) for (f, _), q in zip(SHARES, ps)}

    while True:
        fr = (time.time() - t0) / 60 / minutes
        if fr >= 1: break
        cur = lr * min(1, (step + 1) / 100) * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * min(1, fr))))
        for g in opt.param_groups: g["lr"] = cur
        a, lo, hi, _, lat = ps[rng.choice(len(ps), p=w / w.sum())]
        n = max(3, bs * 128 * 128 // (a.shape[1] * a.shape[2]))
        idx = np.sort(rng.choice(np.arange(lo, hi), n, False))
        x = to_x(a[idx])
        kl = torch.zeros(())
        if decoder_only:
            with torch.no_grad(): z = torch.from_numpy(np.array(lat[idx])).float() if lat is not None else vae.moments(x)[0]
            z = z + 0.08 * torch.rand(n, 1, 1, 1) * torch.randn_like(z)
        else:
            m, lv = vae.moments(x)
            z = m + torch.exp(0.5 * lv) * torch.randn_like(m)
            kl = 0.5 * (m * m + lv.exp() - 1 - lv).mean()
        y = vae.decoder(z.to(ops.DT).contiguous(memory_format=torch.channels_last))
        d = y.float() - x.float()
        rec = d.abs().mean() + float(os.environ.get("MSE", 1)) * (d * d).mean()   # MSE: more of it for more PSNR
        edge = (d[:, :, 1:] - d[:, :, :-1]).abs().mean() + (d[..., 1:] - d[..., :-1]).abs().mean()
        loss = rec + 0.8 * edge + kl_w * kl
        opt.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(params, 1.0)
        opt.step()
        step += 1
        with torch.no_grad():
            for p, e in zip(params, avg): e.lerp_(p, 1 - min(.99, (1 + step) / (10 + step)))
        acc.append((rec.item(), edge.item(), kl.item()))
        if step % 50 == 0: print(f"{step} {fr * minutes:.2f}min lr {cur:.2e} rec, edge, kl {np.round(np.mean(acc[-50:], 0), 4).tolist()}", flush=True)
        if time.time() - last > 240:
            last = time.time()
            swap(); print("   psnr", check(16), flush=True); torch.save({"model": vae.state_dict(), "step": step}, out + ".part"); swap()
    swap()
    res = check(96)
    print("final psnr", res, "steps", step)
    torch.save({"model": vae.state_dict(), "step": step, "psnr": res}, out)


def latents(cache, out, styles=False):
    """Encode with the exported rounding (weights as bf16) so that training latents equal the app's."""
    vae = VAE()
    vae.load_state_dict({k: v.bfloat16().float() for k, v in torch.load(out)["model"].items()})
    vae = vae.to(memory_format=torch.channels_last).eval()
    s1 = s2 = n = 0
    chm = []
    for f in sorted(glob.glob(f"{cache}/{os.environ.get('STYLE', '*')}/img_*.npy") if styles else glob.glob(f"{cache}/img_*.npy")):
        a = np.load(f, mmap_mode="r")
        o = np.lib.format.open_memmap(f.replace("img_", "lat_"), "w+", np.float16, (len(a), 16, a.shape[1] // 8, a.shape[2] // 8))
        with torch.no_grad():
            for i in range(0, len(a), 32):
                m, _ = vae.moments(to_x(a[i:i + 32]))
                o[i:i + 32] = m.numpy()
                if not styles:
                    s1 += m.double().sum().item(); s2 += (m.double() ** 2).sum().item(); n += m.numel()
                    if i < 640: chm.append(m)
        print("latents", f, len(a), flush=True)
    if styles: return
    mean = s1 / n
    std = math.sqrt(s2 / n - mean ** 2)
    c = torch.cat([q.permute(1, 0, 2, 3).reshape(16, -1) for q in chm], 1)
    st = dict(shift_factor=mean, scaling_factor=1 / std, channel_mean=c.mean(1).tolist(), channel_std=c.std(1).tolist())
    print(st)
    if os.environ.get("STATS"): st = json.load(open(os.environ["STATS"]))   # keep those of an earlier run (its vae/config.json will do)
    json.dump(st, open(f"{cache}/latent_stats.json", "w"), indent=1)


def mixed_latents(cache, out, styles, size="128x128"):
    """CACHE/*.mix.npy: what LoRAs of several styles are to draw at each mixture of weights: plain + sum of w (style - plain), of
    pixels.  (The mean of two latents decodes to a texture, the mean of two pictures is one.)"""
    vae = VAE()
    vae.load_state_dict({k: v.bfloat16().float() for k, v in torch.load(out)["model"].items()})
    vae = vae.to(memory_format=torch.channels_last).eval()
    plain = np.load(f"{cache}/img_{size}.npy", mmap_mode="r")
    styled = [np.load(f"{cache}/{s}/img_{size}.npy", mmap_mode="r") for s in styles]
    n = min(len(a) for a in styled)
    for _, w in D.mixtures(len(styles)):
        o = np.lib.format.open_memmap(f"{cache}/{D.mixture_name(styles, w)}.mix.npy", "w+", np.float16, (n, 16, plain.shape[1] // 8, plain.shape[2] // 8))
        with torch.no_grad():
            for i in range(0, n, 32):
                p = np.asarray(plain[i:min(n, i + 32)], np.float32)
                q = p + sum(x * (np.asarray(a[i:i + len(p)], np.float32) - p) for x, a in zip(w, styled))
                o[i:i + 32] = vae.moments(to_x(q.round().clip(0, 255).astype(np.uint8)))[0].numpy()
        print("mixture", D.mixture_name(styles, w), n, flush=True)


if __name__ == "__main__":
    torch.set_num_threads(int(os.environ.get("THREADS", os.cpu_count() or 2)))
    cmd, cache, out = sys.argv[1:4]
    if cmd == "train": train(cache, out, float(sys.argv[4]))
    elif cmd == "tune": train(cache, out, float(sys.argv[4]), True)
    elif cmd == "latents": latents(cache, out)
    elif cmd == "style_latents": latents(cache, out, True)
    elif cmd == "mixed_latents": mixed_latents(cache, out, sys.argv[4:])
