"""Optional fused CPU kernels (fused.c through ctypes).

FUSED is False on CUDA or when gcc is missing; callers then use plain PyTorch.  DT is the dtype activations are kept in: bf16 on
CUDA and on CPUs with bf16 matrix units (AMX or AVX512-BF16), fp32 elsewhere (bf16 is emulated there, several times slower).
"""
import ctypes, os, subprocess, tempfile
import torch

_lib = None


def _dtype():
    want = os.environ.get("DTYPE")
    if want: return {"bf16": torch.bfloat16, "fp32": torch.float32}[want]
    if torch.cuda.is_available(): return torch.bfloat16
    try: flags = open("/proc/cpuinfo").read()
    except OSError: flags = ""
    return torch.bfloat16 if "amx_bf16" in flags or "avx512_bf16" in flags else torch.float32


DT = _dtype()


def _load():
    here = os.path.dirname(os.path.abspath(__file__))
    src = os.path.join(here, "fused.c")
    so = os.path.join(tempfile.gettempdir(), f"starter_fused_{os.getuid()}_{int(os.path.getmtime(src))}_{str(DT)[6:]}.so")
    if not os.path.exists(so):
        tmp = so + f".{os.getpid()}"
        subprocess.check_call(["gcc", "-Ofast", "-march=native", "-fopenmp", "-shared", "-fPIC", *(["-DFP32"] if DT == torch.float32 else ["-mprefer-vector-width=512"]), src, "-o", tmp, "-lm"])
        os.replace(tmp, so)
    return ctypes.CDLL(so)


FUSED = False
if not torch.cuda.is_available() and os.environ.get("NO_FUSED") != "1":
    try:
        _lib = _load()
        FUSED = True
    except Exception as e:  # no compiler: plain PyTorch
        print("fused kernels off:", e)


def p(t):
    return ctypes.c_void_p(t.data_ptr() if t is not None else 0)


F = ctypes.c_float


class GN(torch.autograd.Function):
    """GroupNorm (+SiLU) on a channels-last tensor."""

    @staticmethod
    def forward(ctx, x, g, b, groups, eps, act):
        x = x.contiguous(memory_format=torch.channels_last)
        n, c, h, w = x.shape
        y = torch.empty_like(x)
        mean = torch.empty(n * groups); rstd = torch.empty(n * groups)
        _lib.gn_fwd(p(x), p(y), p(g), p(b), p(mean), p(rstd), n, h * w, c, groups, F(eps), int(act))
        ctx.save_for_backward(x, g, b, mean, rstd)
        ctx.k = (groups, act)
        return y

    @staticmethod
    def backward(ctx, dy):
        x, g, b, mean, rstd = ctx.saved_tensors
        groups, act = ctx.k
        dy = dy.to(DT).contiguous(memory_format=torch.channels_last)
        n, c, h, w = x.shape
        dx = torch.empty_like(x)
        dg = torch.empty(n, c); db = torch.empty(n, c)
        _lib.gn_bwd(p(x), p(dy), p(dx), p(g), p(b), p(mean), p(rstd), p(dg), p(db), n, h * w, c, groups, int(act))
        return dx, dg.sum(0), db.sum(0), None, None, None


class RmsMod(torch.autograd.Function):
    """rmsnorm(x) * w * (1 + scale), x fp32 [B,S,D], scale fp32 [B,D] or None"""

    @staticmethod
    def forward(ctx, x, w, scale, eps):
        B, S, D = x.shape
        x = x.contiguous()
        if scale is not None: scale = scale.contiguous()
        y = torch.empty(B, S, D, dtype=DT); rs = torch.empty(B * S)
        _lib.rms_mod_fwd(p(x), p(w), p(scale), p(y), p(rs), B, S, D, F(eps))
        ctx.save_for_backward(x, w, scale, rs)
        return y

    @staticmethod
    def backward(ctx, dy):
        x, w, scale, rs = ctx.saved_tensors
        B, S, D = x.shape
        dy = dy.contiguous()
        dx = torch.empty_like(x); dwp = torch.empty(B, D)
        dsc = torch.empty(B, D) if scale is not None else None
        _lib.rms_mod_bwd(p(x), p(w), p(scale), p(dy), p(rs), p(dx), p(dwp), p(dsc), B, S, D)
        return dx, dwp.sum(0), dsc, None


class GateRes(torch.autograd.Function):
    """x + gate * rmsnorm(y) * w"""

    @staticmethod
    def forward(ctx, x, y, w, gate, eps):
        B, S, D = x.shape
        x, y = x.contiguous(), y.contiguous()
        if gate is not None: gate = gate.contiguous()
        o = torch.empty_like(x); rs = torch.empty(B * S)
        _lib.gate_res_fwd(p(x), p(y), p(w), p(gate), p(o), p(rs), B, S, D, F(eps))
        ctx.save_for_backward(y, w, gate, rs)
        return o

    @staticmethod
    def backward(ctx, do):
        y, w, gate, rs = ctx.saved_tensors
        B, S, D = y.shape
        do = do.contiguous()
        dy = torch.empty_like(y); dwp = torch.empty(B, D)
        dga = torch.empty(B, D) if gate is not None else None
        _lib.gate_res_bwd(p(do), p(y), p(w), p(gate), p(rs), p(dy), p(dwp), p(dga), B, S, D)
        return do, dy, dwp.sum(0), dga, None


class SwiGLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, ac):
        ac = ac.contiguous()
        H = ac.shape[-1] // 2
        T = ac.numel() // (2 * H)
        y = torch.empty(*ac.shape[:-1], H, dtype=DT)
        _lib.swiglu_fwd(p(ac), p(y), T, H)
        ctx.save_for_backward(ac)
        return y

    @staticmethod
    def backward(ctx, dy):
        (ac,) = ctx.saved_tensors
        dy = dy.contiguous()
        H = ac.shape[-1] // 2
        d = torch.empty_like(ac)
        _lib.swiglu_bwd(p(ac), p(dy), p(d), ac.numel() // (2 * H), H)
        return d


class Attn(torch.autograd.Function):
    """qkv [B,S,(Hq+2Hk)E] -> attention output [B,S,Hq*E]; per-head RMSNorm, rotary, softmax."""

    @staticmethod
    def forward(ctx, qkv, wq, wk, cs, sn, Hq, Hk, eps, half, causal):
        qkv = qkv.contiguous()
        B, S, W = qkv.shape
        E = W // (Hq + 2 * Hk)
        bf = DT
        q = torch.empty(B, Hq, S, E, dtype=bf); k = torch.empty(B, Hk, S, E, dtype=bf); v = torch.empty(B, Hk, S, E, dtype=bf)
        _lib.qkv_fwd(p(qkv), p(q), p(k), p(v), p(wq), p(wk), p(cs), p(sn), B, S, Hq, Hk, E, F(eps), int(half))
        if Hk != Hq:
            k = k.repeat_interleave(Hq // Hk, 1); v = v.repeat_interleave(Hq // Hk, 1)
        q, k, v = (t.reshape(B * Hq, S, E) for t in (q, k, v))
        pr = torch.bmm(q, k.transpose(1, 2))
        _lib.softmax_fwd(p(pr), B * Hq * S, S, F(E ** -0.5), int(causal))
        o = torch.bmm(pr, v)
        y = torch.empty(B, S, Hq * E, dtype=bf)
        _lib.heads_merge(p(o), p(y), B, Hq, S, E, 0)
        ctx.save_for_backward(qkv, wq, wk, cs, sn, q, k, v, pr)
        ctx.k = (B, S, E, Hq, Hk, eps, half)
        return y

    @staticmethod
    def backward(ctx, dy):
        qkv, wq, wk, cs, sn, q, k, v, pr = ctx.saved_tensors
        B, S, E, Hq, Hk, eps, half = ctx.k
        dy = dy.contiguous()
        do = torch.empty(B * Hq, S, E, dtype=DT)
        _lib.heads_merge(p(dy), p(do), B, Hq, S, E, 1)
        dv = torch.bmm(pr.transpose(1, 2), do)
        ds = torch.bmm(do, v.transpose(1, 2))
        _lib.softmax_bwd(p(pr), p(ds), B * Hq * S, S, F(E ** -0.5))
        dq = torch.bmm(ds, k)
        dk = torch.bmm(ds.transpose(1, 2), q)
        if Hk != Hq:
            dk = dk.view(B, Hk, Hq // Hk, S, E).sum(2).contiguous(); dv = dv.view(B, Hk, Hq // Hk, S, E).sum(2).contiguous()
        dqkv = torch.empty_like(qkv)
        dwq = torch.empty(B, E); dwk = torch.empty(B, E)
        _lib.qkv_bwd(p(qkv), p(dq), p(dk), p(dv), p(dqkv), p(wq), p(wk), p(cs), p(sn), p(dwq), p(dwk), B, S, Hq, Hk, E, F(eps), int(half))
        return dqkv, dwq.sum(0), dwk.sum(0), None, None, None, None, None, None, None
