"""Training of the base model, its few-step guidance-distilled version, and the style LoRAs.

    python3 train.py base  CACHE OUT.pt MINUTES             goes on from OUT.pt if it is there (INIT=FILE: start from that one)
    python3 train.py turbo CACHE BASE.pt OUT.pt MINUTES
    python3 train.py lora  CACHE BASE.pt STYLE=OUT.pt [STYLE=OUT.pt ...] MINUTES

Flow matching as Z-Image uses it: x_sigma = (1 - sigma) x0 + sigma noise, the model sees t = 1 - sigma and predicts x0 - noise.
All schedules are functions of elapsed time, so a run always ends when its minutes are over.

Environment: TOKENIZER (tokenizer.json), VAE (vae.pt, for the contact sheets OUT.png), TOKENS per step, LR, LR_MUON, LR_HOLD (share of
the time before the decay), SIGMA_SHIFT, OBJECT, FREEZE_TEXT (1: only the
transformer learns), EMA, SEED, TEAM (processes on a CPU); turbo: G_TEACH, SHIFT; lora: RANK, TURBO,
ON_TURBO.
"""
import copy, glob, json, os, signal, sys, time
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")   # the processes of a Team are the parallelism
import numpy as np
import torch
import data as D
import model as M
from bpe import Tokenizer

DEV = "cuda" if torch.cuda.is_available() else "cpu"
HERE = os.path.dirname(os.path.abspath(__file__))
TOKENIZER = os.environ.get("TOKENIZER", os.path.join(HERE, "../../resources/starter-model/base/tokenizer/tokenizer.json"))
# share of the steps by picture size
WEIGHTS = {"128x128": .42, "192x128": .06, "128x192": .08, "256x256": .38, "160x160": .03, "144x112": .01, "112x160": .01, "224x128": .01}
HOLD = 200          # first rows of every array are held out
num = lambda name, default: type(default)(os.environ.get(name, default))
TOKENS = num("TOKENS", 6144)            # per step: image and caption tokens of all samples
G_TEACH = num("G_TEACH", 1.0)           # guidance of the turbo teacher, official convention: pos + g (pos - neg)
SHIFT = num("SHIFT", 3.0)               # of the sampling grid
OBJECT = num("OBJECT", 3.0)             # weight of the loss where objects are, against the background
SIGMA_SHIFT = num("SIGMA_SHIFT", 3.0)   # of the training distribution, at 128 x 128


def object_weights(specs, h, w):
    """[N, h/16 * w/16] loss weights of the transformer's tokens: OBJECT times as much where objects are, 1 on average per picture.

    Most of a picture is background, which is learned at once and afterwards contributes only gradient noise.  The boxes follow from
    what the captions say (places and sizes come in fixed values), so the weighted loss has the same optimum.
    """
    out = np.ones((len(specs), h // 16, w // 16), np.float32)
    m = min(h, w)
    for o, sp in zip(out, specs):
        for b in sp.get("objs", []):
            r = (b["r"] * 1.15 + D.WANDER) * m
            x0, x1, y0, y1 = (int(max(0, v)) for v in ((b["cx"] * w - r) // 16, (b["cx"] * w + r) // 16 + 1, (b["cy"] * h - r) // 16, (b["cy"] * h + r) // 16 + 1))
            o[y0:y1, x0:x1] = OBJECT
        o /= o.mean()
    return torch.from_numpy(out.reshape(len(specs), -1))


class Data:
    """Latents and tokenised captions of one cache folder; batches of one picture size and one padded caption length."""

    def __init__(self, cache, tok, stats, rows=10**9, only="*", others=()):
        """only: the picture size to read; others: arrays of latents of the same scenes, delivered beside them as x[:, 1:]"""
        self.sets, self.tok = [], tok
        self.empty = tok.chat("")
        starts, at = {}, 1      # the seed of every cached array's first row
        for (w, h), n in D.SIZES: starts[f"{w}x{h}"], at = at, at + n
        for f in sorted(glob.glob(f"{cache}/lat_{only}.npy")):
            k = os.path.basename(f)[4:-4]
            x = torch.from_numpy(np.array(np.load(f, mmap_mode="r")[:rows]))
            if others: x = torch.stack([x] + [o[:len(x)] for o in others], 1)
            caps = json.load(open(f"{cache}/cap_{k}.json"))
            ids = [[tok.chat(c) for c in row] for row in caps[: len(x)]]
            short = [[s for s in row if len(s) <= 32] for row in ids]
            long = [[s for s in row if 32 < len(s) <= 64] for row in ids]
            first = min(HOLD, len(x) // 10)
            ok = [i for i in range(first, len(x)) if short[i]]
            okl = [i for i in range(first, len(x)) if long[i]]
            wt = object_weights([D.make_spec(starts[k] + i) for i in range(len(x))], x.shape[-2] * 8, x.shape[-1] * 8)
            self.sets.append(dict(k=k, x=x, wt=wt, short=short, long=long, ok=np.array(ok), okl=np.array(okl), w=WEIGHTS.get(k, .02)))
            print("data", k, tuple(x.shape), len(ok), len(okl), flush=True)
        self.shift, self.scale = stats["shift_factor"], stats["scaling_factor"]
        self.rng = np.random.default_rng(int(time.time()))   # which size comes next: the same in all processes of a team
        self.own = None                                      # which rows: seeded in each process

    def batch(self, drop=0.1, tokens=None, p_long=0.05):
        """(latents, caption ids, caption mask, token weights); a share `drop` of the captions is empty, for classifier-free guidance"""
        if self.own is None: self.own = np.random.default_rng(torch.randint(1 << 31, (1,)).item())
        w = np.array([s["w"] for s in self.sets])
        s = self.sets[self.rng.choice(len(w), p=w / w.sum())]
        n = (s["x"].shape[-2] // 2) * (s["x"].shape[-1] // 2)
        long = self.rng.random() < p_long and len(s["okl"]) > 100
        L = 64 if long else 32
        B = max(8, (tokens or TOKENS) // (n + (-n) % 32 + L))
        idx = self.own.choice(s["okl"] if long else s["ok"], B)
        x = (s["x"][idx].float() - self.shift) * self.scale
        pick = lambda row: row[self.own.integers(len(row))]
        seqs = [pick(s["long" if long else "short"][i]) for i in idx]
        if not long: seqs = [self.empty if self.own.random() < drop else q for q in seqs]
        ids, mask = M.pack_ids(seqs, self.tok.special["<|endoftext|>"], DEV)
        return x.to(DEV), ids, mask, s["wt"][idx].to(DEV)

    def null(self, B):
        return M.pack_ids([self.empty] * B, self.tok.special["<|endoftext|>"], DEV)


def sigmas_for(B, shift):
    """Logit-normal, shifted towards noise (where the layout and the silhouettes are decided), with a uniform floor; stratified."""
    q = (torch.randperm(B) + torch.rand(B)) / B
    s = torch.sigmoid(torch.special.ndtri(q.clamp(1e-4, 1 - 1e-4)))
    s = shift * s / (1 + (shift - 1) * s)
    return torch.where(torch.rand(B) < .12, torch.rand(B), s).clamp(0.002, 1.0).to(DEV)


def noised(x):
    """-> (x at a random noise level, sigma, target velocity)

    The shift grows with the edge (Esser et al. 2024, arXiv:2403.03206): the same noise hides less of a larger picture."""
    sg = sigmas_for(len(x), SIGMA_SHIFT * (x.shape[-1] * x.shape[-2]) ** .5 / 16)
    noise = torch.randn_like(x)
    return x + (noise - x) * sg.view(-1, 1, 1, 1), sg, x - noise


def errors(v, target, wt):
    """Per-sample squared error, tokens (2 x 2 latents) weighted."""
    return (torch.nn.functional.avg_pool2d(((v - target) ** 2).mean(1), 2).flatten(1) * wt).mean(1)


class Team:
    """Data-parallel processes with one thread each, which meet twice per step in shared memory.

    On a machine that other work shares this is about twice as fast as one process with several threads: those meet at every matrix
    product, so that each waits for the slowest all the time (and OpenBLAS waits by spinning).  All processes hold the same weights
    and do the same updates; Muon's share of the work is divided.
    """

    def __init__(self, params, minutes):
        self.params, self.minutes, self.t0 = params, minutes, time.time()
        self.size = 1 if DEV == "cuda" else max(1, num("TEAM", os.cpu_count() or 1))
        self.rank, self.at, n = 0, {}, 0
        for p in params: self.at[id(p)] = (n, n + p.numel()); n += p.numel()
        self.grads = torch.zeros(self.size, n, device=DEV)
        self.clock = torch.zeros(1)
        if self.size > 1:
            import torch.multiprocessing as mp
            self.grads.share_memory_(); self.clock.share_memory_()
            ctx = mp.get_context("fork")
            self.barrier = ctx.Barrier(self.size)

    def start(self, work):
        """work(): the training loop, run by every process; returns when rank 0's has ended"""
        if self.size == 1: return work()
        import torch.multiprocessing as mp

        def other(rank):
            self.rank = rank
            torch.manual_seed(torch.initial_seed() + 1000 * rank + int(time.time()))
            try: work()
            except BaseException: self.barrier.abort(); raise

        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))   # so that the others end with rank 0
        others = [mp.get_context("fork").Process(target=other, args=(r,), daemon=True) for r in range(1, self.size)]
        for o in others: o.start()
        try: work()
        except BaseException: self.barrier.abort(); raise
        for o in others: o.join()

    def meet(self):
        if self.size > 1: self.barrier.wait(900)

    def give(self):
        """this process's gradients -> shared memory"""
        g = self.grads[self.rank]
        for p in self.params:
            a, b = self.at[id(p)]
            if p.grad is None: g[a:b].zero_()
            else: g[a:b].copy_(p.grad.reshape(-1))
        if self.rank == 0: self.clock[0] = (time.time() - self.t0) / 60 / self.minutes
        self.meet()

    def mean(self, p):
        a, b = self.at[id(p)]
        return self.grads[:, a:b].mean(0).view(p.shape)

    def share(self, params):
        """average the gradients of params over the team, into p.grad"""
        for p in params: p.grad = self.mean(p)

    def done(self):
        """the share of the time that is over: rank 0's clock, the same for all"""
        return float(self.clock[0])


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
    """Momentum + orthogonalised updates for the hidden matrices; same-shaped matrices are handled as one stack, and every process
    of the team works on its part of each stack."""

    def __init__(self, params, lr, team, mom=0.95):
        self.groups, self.lr, self.mom, self.team = {}, lr, mom, team
        for p in params: self.groups.setdefault(tuple(p.shape), []).append(p)
        self.buf = {k: torch.zeros(len(v), *k, device=DEV) for k, v in self.groups.items()}
        self.up = {k: torch.zeros_like(v) for k, v in self.buf.items()}
        if team.size > 1:
            for t in list(self.buf.values()) + list(self.up.values()): t.share_memory_()

    @torch.no_grad()
    def prepare(self):
        """orthogonalised directions of this process's part"""
        for k, ps in self.groups.items():
            mine = slice(len(ps) * self.team.rank // self.team.size, len(ps) * (self.team.rank + 1) // self.team.size)
            if mine.start == mine.stop: continue
            g = torch.stack([self.team.mean(p) for p in ps[mine]])
            b = self.buf[k][mine]
            b.mul_(self.mom).add_(g, alpha=1 - self.mom)
            self.up[k][mine] = orth(g.lerp(b, self.mom))

    @torch.no_grad()
    def step(self, mult):
        for k, ps in self.groups.items():
            c = max(1.0, k[0] / k[1]) ** 0.5 * self.lr * mult
            for p, q in zip(ps, self.up[k]): p.mul_(1 - self.lr * mult * 0.01).sub_(q, alpha=c)


def split_params(mods):
    """(hidden matrices for Muon, the rest for AdamW)"""
    mat, rest = [], []
    for m in mods:
        for n, p in m.named_parameters():
            if not p.requires_grad: continue
            hidden = p.ndim == 2 and ("layers." in n or "refiner" in n) and "adaLN" not in n
            (mat if hidden else rest).append(p)
    return mat, rest


class Ema:
    """Averaged copy of all parameters; swap() exchanges it with the live ones."""

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


def load(path):
    """-> (dit, te, everything in the file); the weights are the averaged ones"""
    d = torch.load(path, map_location="cpu")
    dit, te = M.DiT(d["cfg"]), M.TextEncoder(d["tcfg"])
    dit.load_state_dict(d["dit"]); te.load_state_dict(d["te"])
    return dit.to(DEV), te.to(DEV), d


def mult(fr, step, warm=30, hold=0.6):
    """learning rate: warm-up, constant, linear decay to 2 %"""
    return min(1, (step + 1) / warm) * (1 if fr < hold else max(0.02, (1 - fr) / (1 - hold)))


def preview(dit, te, tok, path, stats, steps=12, g=2.0):
    """Contact sheet of the weights as they are now."""
    if not os.environ.get("VAE"): return
    import sample, eval as ev, vae as V
    net = V.VAE()
    net.load_state_dict(torch.load(os.environ["VAE"], map_location="cpu")["model"])
    net = net.to(memory_format=torch.channels_last)
    z = sample.latents(dit, te, tok, ev.SHEET[:24], steps=steps, g=g, seed=3)
    D.sheet(list(sample.decode(net, z / stats["scaling_factor"] + stats["shift_factor"])), ev.SHEET[:24], path, 8)


def base(cache, out, minutes):
    """Text encoder and transformer together.  OUT.pt: averaged weights; OUT.pt.state: live weights and optimiser state."""
    torch.manual_seed(num("SEED", 0))
    tok = Tokenizer.load(TOKENIZER)
    stats = json.load(open(f"{cache}/latent_stats.json"))
    data = Data(cache, tok, stats)
    start = out if os.path.exists(out) else os.environ.get("INIT")
    step = seen = 0
    if start:
        dit, te, d = load(start)
        step, seen = (d.get("step", 0), d.get("seen", 0)) if start == out else (0, 0)
    else:
        dit, te = M.DiT(dict(M.DIT)).to(DEV), M.TextEncoder(dict(M.TEXT, vocab_size=tok.size)).to(DEV)
    # Z-Image reads the last but one hidden state, so the last text layer and the final norm get no gradient
    for n, p in te.named_parameters():
        if n.startswith(f"model.layers.{te.c['num_hidden_layers'] - 1}.") or n == "model.norm.weight": p.requires_grad_(False)
    if num("FREEZE_TEXT", 0): te.requires_grad_(False)
    mat, rest = split_params([dit, te])
    lr_m, lr_a, hold = num("LR_MUON", 0.02), num("LR", 1.5e-3), num("LR_HOLD", 0.6)
    team = Team(mat + rest, minutes)
    mu = Muon(mat, lr_m, team)
    ad = torch.optim.AdamW(rest, lr=lr_a, betas=(0.9, 0.98), weight_decay=0.0)
    ema = Ema([dit, te], num("EMA", 0.998))
    if start == out and os.path.exists(out + ".state"):
        s = torch.load(out + ".state", map_location=DEV)
        if s["step"] == step:
            for b, k in zip(mu.buf.values(), s["muon"]): b.copy_(k)
            ad.load_state_dict(s["adam"])
            with torch.no_grad():
                for p, q in zip(ema.p, s["live"]): p.copy_(q)
            print("resumed at", step, flush=True)
    first = step

    def keep():
        state = dict(step=step, live=[p.detach() for p in ema.p], muon=list(mu.buf.values()), adam=ad.state_dict())
        torch.save(state, out + ".state.tmp"); os.replace(out + ".state.tmp", out + ".state")
        ema.swap(); save(out, dit, te, step=step, seen=seen); ema.swap()

    def work():
        nonlocal step, seen
        last = shown = time.time()
        acc, n, bins = 0.0, 0, np.zeros((4, 2))
        while team.done() < 1:
            x, ids, mask, wt = data.batch(tokens=TOKENS // team.size)
            xt, sg, target = noised(x)
            with torch.set_grad_enabled(not num("FREEZE_TEXT", 0)): cap = te(ids)
            v = dit(xt, 1 - sg, cap, mask)
            e = errors(v, target, wt)
            e.mean().backward()
            team.give()
            team.share(rest)
            gn = torch.nn.utils.clip_grad_norm_(rest, 1.0)
            if not torch.isfinite(gn) or not torch.isfinite(team.grads).all():   # never let one bad step in
                for p in mat + rest: p.grad = None
                team.meet()
                if team.rank == 0: print("skipped a non-finite step", flush=True)
                continue
            mu.prepare()
            team.meet()
            m = mult(team.done(), step - first, 30 if start else 150, hold)
            mu.step(m)
            for g in ad.param_groups: g["lr"] = lr_a * m
            ad.step()
            for p in mat + rest: p.grad = None
            step += 1; seen += len(x) * team.size
            if team.rank: continue
            ema.step(step - first)
            acc += e.mean().item(); n += 1
            for q, ee in zip((sg * 4).clamp(0, 3.99).int().tolist(), e.tolist()): bins[q] += (ee, 1)
            if step % 50 == 0:
                print(f"{step} {(time.time()-team.t0)/60:.2f}min loss {acc/n:.4f} by sigma {np.round(bins[:,0]/np.maximum(1,bins[:,1]),3).tolist()} gn {float(gn):.2f} m {m:.2f} seen {seen}", flush=True)
                acc, n = 0.0, 0; bins[:] = 0
            if time.time() - last > 120:
                last = time.time(); keep()
            if time.time() - shown > 60 * num("PREVIEW", 10.0):
                shown = time.time()
                ema.swap(); preview(dit, te, tok, out[:-3] + ".png", stats); ema.swap()
        if team.rank == 0: keep()

    team.start(work)
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
    stats = json.load(open(f"{cache}/latent_stats.json"))
    data = Data(cache, tok, stats, rows=6000)
    dit, te, _ = load(basef)
    teacher = copy.deepcopy(dit).requires_grad_(False)
    te.requires_grad_(False)
    ps = list(dit.parameters())
    ad = torch.optim.AdamW(ps, lr=lr, betas=(0.9, 0.98), weight_decay=0.0)
    ema = Ema([dit], 0.99)
    team = Team(ps, minutes)
    step, acc = 0, {"traj": [], "vel": []}
    gs = grid(steps, SHIFT).to(DEV)

    def update(xt, t, cap, mask, target, kind):
        nonlocal step
        loss = ((dit(xt, t, cap, mask) - target) ** 2).mean()
        loss.backward()
        team.give(); team.share(ps)
        torch.nn.utils.clip_grad_norm_(ps, 1.0)
        for g in ad.param_groups: g["lr"] = lr * mult(team.done(), step, 30, 0.3)
        ad.step()
        ad.zero_grad(set_to_none=True)
        team.meet()
        step += 1
        if team.rank == 0: ema.step(step)
        acc[kind].append(loss.item())

    def work():
        last = time.time()
        while team.done() < 1:
            x, ids, mask, _ = data.batch(drop=0.0, tokens=TOKENS // team.size, p_long=0.04)
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
                x, ids, mask, _ = data.batch(drop=0.0, tokens=TOKENS // team.size, p_long=0.04)
                xt, sg, _ = noised(x)
                with torch.no_grad():
                    cap = te(ids); nid, nmask = data.null(len(x)); nul = te(nid)
                    tgt = velocity(teacher, xt, 1 - sg, cap, mask, nul, nmask, G_TEACH)
                update(xt, 1 - sg, cap, mask, tgt, "vel")
            if team.rank: continue
            if step % 20 == 0:
                print(f"{step} {(time.time()-team.t0)/60:.2f}min traj {np.mean(acc['traj'][-40:]):.4f} vel {np.mean(acc['vel'][-10:]):.4f}", flush=True)
            if time.time() - last > 100:
                last = time.time(); ema.swap(); save(out, dit, te, step=step); ema.swap()
        if team.rank == 0:
            ema.swap(); save(out, dit, te, step=step)

    team.start(work)
    preview(dit, te, tok, out[:-3] + ".png", stats, 8, 0)
    print("done", step)


def lora_targets(dit):
    for i, b in enumerate(dit.layers):
        a, f = b.attention, b.feed_forward
        for n, m in (("attention.to_q", a.to_q), ("attention.to_k", a.to_k), ("attention.to_v", a.to_v), ("attention.to_out.0", a.to_out[0]),
                     ("feed_forward.w1", f.w1), ("feed_forward.w2", f.w2), ("feed_forward.w3", f.w3)):
            yield f"layers.{i}.{n}", m


def lora(cache, basef, minutes, pairs):
    """Low-rank adapters of all main layers, one per style, trained together; goes on from the files that are there.

    pairs: [(style, OUT.pt)].  At every mixture of weights (data.mixtures) the target is plain + sum of w (style - plain) in pixels,
    as `vae.py mixed_latents` wrote them: half of a style is half way to it, and two at half share a picture.  (Adapters
    trained apart, each towards its full style, add up to a texture.)
    With TURBO=turbo.pt a share ON_TURBO of the updates teaches the same adapters on turbo, whose velocity is to be the guided one of
    base with them: flow matching would unlearn what turbo was distilled to do.
    """
    lr, rank = num("LR", 2e-3), num("RANK", 8)
    torch.manual_seed(2)
    tok = Tokenizer.load(TOKENIZER)
    stats = json.load(open(f"{cache}/latent_stats.json"))
    mix = D.mixtures(len(pairs))
    drawn = [torch.from_numpy(np.load(f"{cache}/{D.mixture_name([s for s, _ in pairs], w)}.mix.npy")) for _, w in mix]
    data = Data(cache, tok, stats, rows=len(drawn[0]), only="128x128", others=drawn)
    dit, te, _ = load(basef)
    dit.requires_grad_(False); te.requires_grad_(False)
    fast = load(os.environ["TURBO"])[0].requires_grad_(False) if os.environ.get("TURBO") else None
    nets = [dit] + ([fast] if fast else [])
    on_turbo = num("ON_TURBO", 0.4) if fast else 0
    old = [torch.load(out) if os.path.exists(out) else {} for _, out in pairs]
    ps = []
    for n, *same in zip([n for n, _ in lora_targets(dit)], *([m for _, m in lora_targets(net)] for net in nets)):
        m, a, b = same[0], [], []
        for o in old:
            A, B = o.get(n) or (torch.randn(rank, m.weight.shape[1]) * m.weight.shape[1] ** -0.5, torch.zeros(m.weight.shape[0], rank))
            a.append(A); b.append(B)
        A, B = torch.nn.Parameter(torch.cat(a).to(DEV)), torch.nn.Parameter(torch.cat(b, 1).to(DEV))
        for m in same: m.A, m.B = A, B
        ps += [A, B]
    ranks = [o[next(iter(o))][0].shape[0] if o else rank for o in old]
    share = np.array([q for q, _ in mix])
    ad = torch.optim.AdamW(ps, lr=lr, betas=(0.9, 0.98), weight_decay=0.0)
    team = Team(ps, minutes)

    def strength(weights):
        s = torch.cat([torch.full((r,), w) for r, w in zip(ranks, weights)]).to(DEV)
        for net in nets:
            for _, m in lora_targets(net): m.strength = s

    def write():
        for i, (_, out) in enumerate(pairs):
            a, b = sum(ranks[:i]), sum(ranks[:i + 1])
            torch.save({n: (m.A.detach()[a:b].clone(), m.B.detach()[:, a:b].clone()) for n, m in lora_targets(dit)}, out + ".tmp")
            os.replace(out + ".tmp", out)

    def work():
        step, last, acc, off = 0, time.time(), [[] for _ in mix], [[] for _ in mix]
        while team.done() < 1:
            turbo_too = data.rng.random() < on_turbo
            x, ids, mask, wt = data.batch(drop=0 if turbo_too else 0.1, tokens=TOKENS // team.size, p_long=0.04)
            k = data.own.choice(len(mix), p=share / share.sum())
            xt, sg, target = noised(x[:, 1 + k])
            strength(mix[k][1])
            with torch.no_grad():
                cap = te(ids)
                if turbo_too:
                    nid, nmask = data.null(len(x))
                    target = velocity(dit, xt, 1 - sg, cap, mask, te(nid), nmask, G_TEACH)
            loss = errors((fast if turbo_too else dit)(xt, 1 - sg, cap, mask), target, wt).mean()
            loss.backward()
            team.give(); team.share(ps)
            torch.nn.utils.clip_grad_norm_(ps, 1.0)
            for g in ad.param_groups: g["lr"] = lr * mult(team.done(), step, 30, 0.4)
            ad.step(); ad.zero_grad(set_to_none=True)
            team.meet()
            step += 1; (off if turbo_too else acc)[k].append(loss.item())
            if team.rank: continue
            if step % 50 == 0:
                means = lambda lists: {str(v): round(float(np.mean(a[-20:])), 4) for (_, v), a in zip(mix, lists) if a}
                print(f"{step} {(time.time()-team.t0)/60:.2f}min loss by weights", means(acc), *(["turbo's distance", means(off)] if fast else []), flush=True)
            if time.time() - last > 120: last = time.time(); write()
        if team.rank == 0: write(); print("done", step)

    team.start(work)
    for i, (_, out) in enumerate(pairs):
        strength([float(j == i) for j in range(len(pairs))])
        preview(dit, te, tok, out[:-3] + ".png", stats)


if __name__ == "__main__":
    if DEV == "cpu" and num("TEAM", 2) > 1: torch.set_num_threads(1)
    c, a = sys.argv[1], sys.argv[2:]
    if c == "lora": lora(a[0], a[1], float(a[-1]), [q.split("=") for q in a[2:-1]])
    else: {"base": base, "turbo": turbo}[c](*a[:-1], float(a[-1]))
