"""Checkpoints out of the exported folders, so that training can go on from the committed weights alone.

    python3 from_export.py base ROOT/base BASE.pt     # also for a turbo: from_export.py turbo ROOT TURBO.pt
    python3 from_export.py vae  ROOT/base VAE.pt
    python3 from_export.py lora ROOT/loras/NAME.safetensors LORA.pt

The exported weights are bf16; what that rounding costs is gone after a few hundred steps. Optimiser states are not exported.
"""
import json, sys
import torch
from export import load_safetensors
import model as M
import vae as V


def floats(path):
    return {name: tensor.float() for name, tensor in load_safetensors(path).items()}


def base(transformer, text_encoder, out):
    """`transformer` and `text_encoder` are the component folders."""
    c, t = (json.load(open(f"{folder}/config.json")) for folder in (transformer, text_encoder))
    cfg = {key: c[key] for key in M.DIT}
    tcfg = {key: t[key] for key in M.TEXT}
    dit = floats(f"{transformer}/diffusion_pytorch_model.safetensors")
    te = floats(f"{text_encoder}/model.safetensors")
    # A name or shape that does not fit is an error here and not in the middle of a run.
    M.DiT(cfg).load_state_dict(dit); M.TextEncoder(tcfg).load_state_dict(te)
    torch.save(dict(dit=dit, te=te, cfg=cfg, tcfg=tcfg, step=0, seen=0), out)


def lora(path, out):
    t = floats(path)
    names = [n[len("transformer."):-len(".lora_A.weight")] for n in t if n.endswith(".lora_A.weight")]
    torch.save({n: (t[f"transformer.{n}.lora_A.weight"], t[f"transformer.{n}.lora_B.weight"]) for n in names}, out)


if __name__ == "__main__":
    kind, root, out = sys.argv[1:4]
    if kind == "base": base(f"{root}/transformer", f"{root}/text_encoder", out)
    elif kind == "turbo": base(f"{root}/turbo/transformer", f"{root}/base/text_encoder", out)
    elif kind == "lora": lora(root, out)
    elif kind == "vae": torch.save({"model": floats(f"{root}/vae/diffusion_pytorch_model.safetensors")}, out)
    else: sys.exit(__doc__)
