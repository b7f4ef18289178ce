"""A smaller text encoder that says the same: distilled from that of a base checkpoint, on captions alone.

    python3 text.py CACHE BASE.pt OUT.pt MINUTES [LAYERS [MLP]]     OUT.pt: BASE.pt with the new text encoder

The transformer normalises the hidden states first, so the loss is the squared error of the normalised ones.  One thread is enough.
"""
import glob, json, os, sys, time
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import numpy as np
import torch
import model as M
import train as T
from bpe import Tokenizer


def student(te, layers, mlp):
    """The teacher's first layers and its last one (which no one reads), with the `mlp` strongest hidden units of each."""
    c = dict(te.c, num_hidden_layers=layers, intermediate_size=mlp)
    s = M.TextEncoder(c)
    old = te.model.layers
    picks = [old[round(i * (len(old) - 2) / max(1, layers - 2))] for i in range(layers - 1)] + [old[-1]]
    with torch.no_grad():
        s.model.embed_tokens.weight.copy_(te.model.embed_tokens.weight); s.model.norm.weight.copy_(te.model.norm.weight)
        for a, b in zip(s.model.layers, picks):
            m = b.mlp
            keep = (m.gate_proj.weight.norm(dim=1) * m.up_proj.weight.norm(dim=1) * m.down_proj.weight.norm(dim=0)).topk(mlp).indices.sort().values
            w = dict(b.state_dict())
            for n in ("gate_proj", "up_proj"): w[f"mlp.{n}.weight"] = w[f"mlp.{n}.weight"][keep]
            w["mlp.down_proj.weight"] = w["mlp.down_proj.weight"][:, keep]
            a.load_state_dict(w)
    return s.to(T.DEV)


def run(cache, basef, out, minutes, layers=3, mlp=352, batch=96):
    torch.manual_seed(0)
    tok = Tokenizer.load(T.TOKENIZER)
    dit, te, _ = T.load(basef)
    te.requires_grad_(False)
    s = student(te, layers, mlp)
    seqs = [tok.chat(c) for f in sorted(glob.glob(f"{cache}/cap_*.json")) for row in json.load(open(f)) for c in row]
    groups = [[q for q in seqs if len(q) <= 32] + [tok.chat("")] * (len(seqs) // 50), [q for q in seqs if 32 < len(q) <= 64]]
    ps = [p for n, p in s.named_parameters() if not n.startswith(f"model.layers.{layers - 1}.") and n != "model.norm.weight"]
    ad = torch.optim.AdamW(ps, lr=2e-3, betas=(0.9, 0.98), weight_decay=0.0)
    rng = np.random.default_rng(0)
    unit = lambda x: x * torch.rsqrt(x.float().pow(2).mean(-1, keepdim=True) + 1e-5)
    t0, step, acc, fr = time.time(), 0, [], 0.0
    while fr < 1:
        g = groups[int(rng.random() < .15)]
        ids, mask = M.pack_ids([g[i] for i in rng.integers(len(g), size=batch)], tok.special["<|endoftext|>"], T.DEV)
        with torch.no_grad(): want = unit(te(ids))
        loss = ((unit(s(ids)) - want) ** 2).mean(-1)[mask].mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(ps, 1.0)
        fr = (time.time() - t0) / 60 / minutes
        for q in ad.param_groups: q["lr"] = 2e-3 * T.mult(fr, step, 50, 0.3)
        ad.step(); ad.zero_grad(set_to_none=True)
        step += 1; acc.append(loss.item())
        if step % 100 == 0: print(f"{step} {fr * minutes:.2f}min relative squared error {np.mean(acc[-100:]):.5f}", flush=True)
    T.save(out, dit, s, step=0, seen=0)
    print("done", step)


if __name__ == "__main__":
    torch.set_num_threads(int(os.environ.get("THREADS", 1)))
    run(*sys.argv[1:4], float(sys.argv[4]), *map(int, sys.argv[5:]))
