"""Training of the base model, its few-step guidance-distilled version, and the style LoRAs.

    python3 train.py base  CACHE OUT.pt MINUTES
    python3 train.py turbo CACHE BASE.pt OUT.pt MINUTES
    python3 train.py lora  CACHE/STYLE BASE.pt OUT.pt MINUTES

Flow matching as Z-Image uses it: x_sigma = (1 - sigma) x0 + sigma noise, the model sees t = 1 - sigma and predicts x0 - noise.
All schedules are functions of elapsed time, so a run always ends when its minutes are over.
"""
import copy, glob, json, math, os, random, sys, time
import numpy as np
import torch
import model as M
from bpe import Tokenizer

DEV = "cuda" if torch.cuda.is_available() else "cpu"
HERE = os.path.dirname(os.path.abspath(__file__))
TOKENIZER = os.environ.get("TOKENIZER", os.path.join(HERE, "../base/tokenizer/tokenizer.json"))
WEIGHTS = {"128x128": .58, "192x128": .09, "128x192": .09, "256x256": .05, "160x160": .08, "144x112": .04, "112x160": .04, "224x128": .03}
HOLD = 500          # first rows of every array are held out
TOKENS = 64 * 96    # tokens per step
G_TEACH = float(os.environ.get("G_TEACH", 2.0))   # guidance of the turbo teacher, official convention: pos + g (pos - neg)
SHIFT = float(os.environ.get("SHIFT", 3.0))


class Data:
    def __init__(self, cache, tok, stats, only=None, rows=10**9):
        self.sets, self.tok = [], tok
        self.empty = tok.chat("")
        for f in sorted(glob.glob(f"{cache}/lat_*.npy")):
            k = os.path.basename(f)[4:-4]
            if only and k != only: continue
            x = torch.from_numpy(np.array(np.load(f, mmap_mode="r")[:rows]))
            caps = json.load(open(f"{cache}/cap_{k}.json"))
            ids = [[tok.chat(c) for c in row] for row in caps[: len(x)]]
            short = [[s for s in row if len(s) <= 32] for row in ids]
            long = [[s for s in row if 32 < len(s) <= 64] for row in ids]
            ok = [i for i in range(min(HOLD, len(x) // 10), len(x)) if short[i]]
            okl = [i for i in range(min(HOLD, len(x) // 10), len(x)) if long[i]]
            self.sets.append(dict(k=k, x=x, short=short, long=long, ok=np.array(ok), okl=np.array(okl), w=WEIGHTS.get(k, .02)))
            print("data", k, tuple(x.shape), len(ok), len(okl), flush=True)
        self.shift, self.scale = stats["shift_factor"], stats["scaling_factor"]
        self.rng = np.random.default_rng(int(time.time()))

    def batch(self, drop=0.1, tokens=None, p_long=0.06):
        w = np.array([s["w"] for s in self.sets])
        s = self.sets[self.rng.choice(len(w), p=w / w.sum())]
        n = (s["x"].shape[2] // 2) * (s["x"].shape[3] // 2)
        long = self.rng.random() < p_long and len(s["okl"]) > 100
        L = 64 if long else 32
        B = max(8, (tokens or TOKENS) // (n + (-n) % 32 + L))
        idx = self.rng.choice(s["okl"] if long else s["ok"], B)
        x = (s["x"][idx].float() - self.shift) * self.scale
        pick = lambda row: row[self.rng.integers(len(row))]
        seqs = [pick(s["long" if long else "short"][i]) for i in idx]
        if not long: seqs = [self.empty if self.rng.random() < drop else q for q in seqs]
        ids, mask = M.pack_ids(seqs, self.tok.special["<|endoftext|>"], DEV)
        return x.to(DEV), ids, mask

    def null(self, B):
        return M.pack_ids([self.empty] * B, self.tok.special["<|endoftext|>"], DEV)


def sigmas_for(B):
    """Logit-normal, shifted towards noise, with a uniform floor."""
    s = torch.sigmoid(torch.randn(B))
    s = 1.8 * s / (1 + 0.8 * s)
    u = torch.rand(B)
    return torch.where(torch.rand(B) < .15, u, s).clamp(0.002, 1.0).to(DEV)


def orth(G, steps=5):
    """Newton-Schulz orthogonalisation of a stack of matrices (the Muon update)."""
    X = G.to(M.BF)
    tr = X.shape[1] > X.shape[2]
    if tr: X = X.transpose(1, 2)
    X = (X / (X.float().norm(dim=(1, 2), keepdim=True).to(X.dtype) + 1e-7)).contiguous()
    for _ in range(steps):
        A = torch.bmm(X, X.transpose(1, 2))
        X = torch.baddbmm(X, torch.baddbmm(A, A, A, beta=-4.7750, alpha=2.0315), X, beta=3.4445)
    return (X.transpose(1, 2) if tr else X).float()


class Muon:
    """Momentum + orthogonalised updates for the hidden matrices; same-shaped matrices are handled as one stack."""

    def __init__(self, params, lr, mom=0.95):
        self.groups, self.lr, self.mom = {}, lr, mom
        for p in params: self.groups.setdefault(tuple(p.shape), []).append(p)
        self.buf = {k: torch.zeros(len(v), *k, device=DEV) for k, v in self.groups.items()}

    @torch.no_grad()
    def step(self, mult):
        for k, ps in self.groups.items():
            g = torch.stack([p.grad for p in ps])
            b = self.buf[k]
            b.mul_(self.mom).add_(g, alpha=1 - self.mom)
            u = orth(g.lerp(b, self.mom)) * (max(1.0, k[0] / k[1]) ** 0.5 * self.lr * mult)
            for p, q in zip(ps, u): p.mul_(1 - self.lr * mult * 0.01).sub_(q)


def split_params(mods):
    mat, rest = [], []
    for m in mods:
        for n, p in m.named_parameters():
            if not p.requires_grad: continue
            hidden = p.ndim == 2 and ("layers." in n or "refiner" in n) and "adaLN" not in n
            (mat if hidden else rest).append(p)
    return mat, rest


class Ema:
    def __init__(self, mods, decay):
        self.p = [p for m in mods for p in m.parameters()]
        self.e = [p.detach().clone() for p in self.p]
        self.decay = decay

    @torch.no_grad()
    def step(self, n):
        d = min(self.decay, (1 + n) / (10 + n))
        torch._foreach_mul_(self.e, d)
        torch._foreach_add_(self.e, [p.detach() for p in self.p], alpha=1 - d)

    def swap(self):
        for p, e in zip(self.p, self.e): p.data, e.data = e.data, p.data


def save(path, dit, te, **kw):
    torch.save(dict(dit=dit.state_dict(), te=te.state_dict(), cfg=dit.c, tcfg=te.c, **kw), path + ".tmp")
    os.replace(path + ".tmp", path)


def load(path, keep="cpu"):
    d = torch.load(path, map_location="cpu")
    dit, te = M.DiT(d["cfg"]), M.TextEncoder(d["tcfg"])
    dit.load_state_dict(d["dit"]); te.load_state_dict(d["te"])
    return dit.to(DEV), te.to(DEV), d


def mult(fr, step, warm=150, hold=0.6):
    """warm-up, constant, linear decay to 2 %"""
    return min(1, (step + 1) / warm) * (1 if fr < hold else max(0.02, (1 - fr) / (1 - hold)))


def base(cache, out, minutes):
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    tok = Tokenizer.load(TOKENIZER)
    data = Data(cache, tok, json.load(open(f"{cache}/latent_stats.json")))
    if os.path.exists(out) and os.environ.get("RESUME"):
        dit, te, _ = load(out)
    else:
        dit, te = M.DiT(dict(M.DIT)).to(DEV), M.TextEncoder(dict(M.TEXT, vocab_size=tok.size)).to(DEV)
    mat, rest = split_params([dit, te])
    used = [p for n, p in te.named_parameters() if n.startswith(f"model.layers.{te.c['num_hidden_layers'] - 1}.") or n == "model.norm.weight"]
    dead = {id(p) for p in used}
    mat, rest = [p for p in mat if id(p) not in dead], [p for p in rest if id(p) not in dead]
    lr_m, lr_a = float(os.environ.get("LR_MUON", 0.02)), float(os.environ.get("LR", 1.5e-3))
    mu = Muon(mat, lr_m)
    ad = torch.optim.AdamW(rest, lr=lr_a, betas=(0.9, 0.98), weight_decay=0.0)
    ema = Ema([dit, te], 0.998)
    t0, step, acc, n, last, seen = time.time(), 0, 0.0, 0, time.time(), 0
    bins = np.zeros((4, 2))
    while True:
        fr = (time.time() - t0) / 60 / minutes
        if fr >= 1: break
        x, ids, mask = data.batch()
        B = len(x)
        sg = sigmas_for(B)
        noise = torch.randn_like(x)
        xt = x + (noise - x) * sg.view(-1, 1, 1, 1)
        v = dit(xt, 1 - sg, te(ids), mask)
        e = ((v - (x - noise)) ** 2).mean((1, 2, 3))
        loss = e.mean()
        loss.backward()
        gn = torch.nn.utils.clip_grad_norm_(rest, 1.0)
        if not (torch.isfinite(loss) and torch.isfinite(gn)):   # never let one bad step in
            for p in mat + rest: p.grad = None
            print("skipped a non-finite step", flush=True)
            continue
        m = mult(fr, step, 30 if os.environ.get("RESUME") else 150, float(os.environ.get("LR_HOLD", 0.6)))
        mu.step(m)
        for g in ad.param_groups: g["lr"] = lr_a * m
        ad.step()
        for p in mat + rest: p.grad = None
        step += 1; seen += B
        ema.step(step)
        acc += loss.item(); n += 1
        for q, ee in zip((sg * 4).clamp(0, 3.99).int().tolist(), e.tolist()): bins[q] += (ee, 1)
        if step % 100 == 0:
            print(f"{step} {(time.time()-t0)/60:.2f}min loss {acc/n:.4f} by sigma {np.round(bins[:,0]/np.maximum(1,bins[:,1]),3).tolist()} gn {float(gn):.2f} m {m:.2f} seen {seen}", flush=True)
            acc, n = 0.0, 0; bins[:] = 0
        if time.time() - last > 120:
            last = time.time()
            ema.swap(); save(out, dit, te, step=step, seen=seen); ema.swap()
    ema.swap(); save(out, dit, te, step=step, seen=seen)
    print("done", step, seen)


@torch.no_grad()
def velocity(dit, xt, t, cap, mask, nul, nmask, g):
    """Guided velocity, official convention pos + g (pos - neg)."""
    B = len(xt)
    if g <= 0: return dit(xt, t, cap, mask)
    if cap.shape[1] != nul.shape[1]:
        p, q = dit(xt, t, cap, mask), dit(xt, t, nul, nmask)
    else:
        p, q = dit(torch.cat([xt, xt]), torch.cat([t, t]), torch.cat([cap, nul]), torch.cat([mask, nmask])).split(B)
    return p + g * (p - q)


def grid(steps, shift):
    s = torch.linspace(1, 0, steps + 1)
    return shift * s / (1 + (shift - 1) * s)


def turbo(cache, basef, out, minutes, steps=8, sub=2, lr=3e-4):
    """Student = base fine-tuned so that one unguided Euler step of the 8-step grid equals `sub` guided teacher steps;
    a share of updates distils the guided velocity at random noise levels instead, so other step counts keep working."""
    torch.manual_seed(1)
    tok = Tokenizer.load(TOKENIZER)
    data = Data(cache, tok, json.load(open(f"{cache}/latent_stats.json")), rows=6000)
    dit, te, _ = load(basef)
    teacher = copy.deepcopy(dit).requires_grad_(False)
    te.requires_grad_(False)
    # the time-embedding and modulation learn faster than the matrices
    ps = [p for p in dit.parameters()]
    ad = torch.optim.AdamW(ps, lr=lr, betas=(0.9, 0.98), weight_decay=0.0)
    ema = Ema([dit], 0.99)
    t0, step, last = time.time(), 0, time.time()
    acc = {"traj": [], "vel": []}

    def update(xt, t, cap, mask, target, kind):
        nonlocal step
        fr = (time.time() - t0) / 60 / minutes
        v = dit(xt, t, cap, mask)
        loss = ((v - target) ** 2).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(ps, 1.0)
        for g in ad.param_groups: g["lr"] = lr * mult(fr, step, 30, 0.4)
        ad.step()
        ad.zero_grad(set_to_none=True)
        step += 1
        ema.step(step)
        acc[kind].append(loss.item())

    gs = grid(steps, SHIFT).to(DEV)
    while (time.time() - t0) / 60 < minutes:
        x, ids, mask = data.batch(drop=0.0, p_long=0.04)
        B = len(x)
        with torch.no_grad():
            cap = te(ids)
            nid, nmask = data.null(B)
            nul = te(nid)
            xs = [torch.randn_like(x)]
            tg = []
            for i in range(steps):
                y, a, b = xs[-1], gs[i], gs[i + 1]
                for k in range(sub):
                    s0, s1 = a + (b - a) * k / sub, a + (b - a) * (k + 1) / sub
                    y = y + (s0 - s1) * velocity(teacher, y, (1 - s0).expand(B), cap, mask, nul, nmask, G_TEACH)
                tg.append((y - xs[-1]) / (a - b))
                xs.append(y)
        X = torch.stack(xs[:steps], 1); T = torch.stack(tg, 1)
        # every update sees all grid points: sample b at point (b + j) mod steps
        for j in range(steps):
            r = (torch.arange(B) + j) % steps
            i = torch.arange(B)
            update(X[i, r], 1 - gs[r.to(DEV)], cap, mask, T[i, r], "traj")
        for _ in range(2):
            x, ids, mask = data.batch(drop=0.0, p_long=0.04)
            sg = sigmas_for(len(x))
            noise = torch.randn_like(x)
            xt = x + (noise - x) * sg.view(-1, 1, 1, 1)
            with torch.no_grad():
                cap = te(ids); nid, nmask = data.null(len(x)); nul = te(nid)
                tgt = velocity(teacher, xt, 1 - sg, cap, mask, nul, nmask, G_TEACH)
            update(xt, 1 - sg, cap, mask, tgt, "vel")
        if step % 20 == 0:
            print(f"{step} {(time.time()-t0)/60:.2f}min traj {np.mean(acc['traj'][-40:]):.4f} vel {np.mean(acc['vel'][-10:]):.4f}", flush=True)
        if time.time() - last > 100:
            last = time.time(); ema.swap(); save(out, dit, te, step=step); ema.swap()
    ema.swap(); save(out, dit, te, step=step)
    print("done", step)


def lora_targets(dit):
    for i, b in enumerate(dit.layers):
        a, f = b.attention, b.feed_forward
        for n, m in (("attention.to_q", a.to_q), ("attention.to_k", a.to_k), ("attention.to_v", a.to_v), ("attention.to_out.0", a.to_out[0]),
                     ("feed_forward.w1", f.w1), ("feed_forward.w2", f.w2), ("feed_forward.w3", f.w3)):
            yield f"layers.{i}.{n}", m


def lora(cache, basef, out, minutes, rank=8, lr=2e-3):
    torch.manual_seed(2)
    tok = Tokenizer.load(TOKENIZER)
    data = Data(cache, tok, json.load(open(f"{cache}/../latent_stats.json")))
    dit, te, _ = load(basef)
    dit.requires_grad_(False); te.requires_grad_(False)
    ps, names = [], []
    for n, m in lora_targets(dit):
        m.A = torch.nn.Parameter(torch.randn(rank, m.weight.shape[1], device=DEV) * m.weight.shape[1] ** -0.5)
        m.B = torch.nn.Parameter(torch.zeros(m.weight.shape[0], rank, device=DEV))
        ps += [m.A, m.B]; names.append(n)
    ad = torch.optim.AdamW(ps, lr=lr, betas=(0.9, 0.98), weight_decay=0.0)
    t0, step, acc = time.time(), 0, []
    while True:
        fr = (time.time() - t0) / 60 / minutes
        if fr >= 1: break
        x, ids, mask = data.batch(drop=0.1, tokens=TOKENS // 2, p_long=0.04)
        sg = sigmas_for(len(x))
        noise = torch.randn_like(x)
        with torch.no_grad(): cap = te(ids)
        v = dit(x + (noise - x) * sg.view(-1, 1, 1, 1), 1 - sg, cap, mask)
        loss = ((v - (x - noise)) ** 2).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(ps, 1.0)
        for g in ad.param_groups: g["lr"] = lr * mult(fr, step, 30, 0.5)
        ad.step(); ad.zero_grad(set_to_none=True)
        step += 1; acc.append(loss.item())
        if step % 50 == 0: print(f"{step} {(time.time()-t0)/60:.2f}min loss {np.mean(acc[-50:]):.4f}", flush=True)
    torch.save({n: (m.A.detach(), m.B.detach()) for n, m in lora_targets(dit)}, out)
    print("done", step)


if __name__ == "__main__":
    torch.set_num_threads(int(os.environ.get("THREADS", os.cpu_count() or 2)))
    c, a = sys.argv[1], sys.argv[2:]
    {"base": base, "turbo": turbo, "lora": lora}[c](*a[:-1], float(a[-1]))
