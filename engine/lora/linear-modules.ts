import type { TensorInfo } from "../weights/tensor.ts";
import type { LinearModule } from "./lora-types.ts";

/** The linear layers among canonical tensors: every matrix `x.weight` that is no embedding table. */
export function linearModules(tensors: ReadonlyMap<string, TensorInfo>): Map<string, LinearModule> {
  const modules = new Map<string, LinearModule>();
  for (const [name, { shape }] of tensors) {
    const [outFeatures, inFeatures] = shape;
    if (!name.endsWith(".weight") || shape.length !== 2 || /embed_tokens|lm_head/.test(name)) continue;
    modules.set(name.slice(0, -".weight".length), { outFeatures: outFeatures!, inFeatures: inFeatures! });
  }
  return modules;
}
