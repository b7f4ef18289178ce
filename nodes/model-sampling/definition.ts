import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "model-sampling",
  version: 1,
  title: "Model Sampling",
  category: "sampling",
  description:
    "Replaces the model’s sigma shift, which says how long sampling stays at high noise levels. A higher shift spends more steps on the layout, a lower one more on detail; large pictures want more. Every model comes with a shift of its own, so this node is for experiments.",
  aliases: [
    "ModelSamplingAuraFlow",
    "ModelSamplingSD3",
    "ModelSamplingFlux",
    "shift",
    "sigma shift",
    "time shift",
    "mu",
  ],
  inputs: [{ name: "model", type: "model", label: "Model" }],
  outputs: [{ name: "model", type: "model", label: "Model" }],
  params: [
    {
      kind: "boolean",
      name: "fromSize",
      label: "Shift by size",
      description: "Computes the shift from the picture’s size: the larger, the higher.",
      default: false,
    },
    {
      kind: "number",
      name: "shift",
      label: "Shift",
      description: "1 changes nothing, 3 is Z-Image Turbo’s, 6 the base model’s.",
      default: 3,
      min: 0.01,
      max: 100,
      step: 0.01,
      visibleWhen: { param: "fromSize", equals: [false] },
    },
  ],
};
