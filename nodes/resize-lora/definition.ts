import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "resize-lora",
  version: 1,
  title: "Resize LoRA",
  category: "loaders",
  description:
    "Brings a LoRA to a smaller rank by a singular value decomposition, which keeps what matters most of it: a smaller file, and less time a step. Also turns what is no pair of narrow matrices (LoKr, LoHa, DoRA, full differences) into one. The inspector shows what is left.",
  aliases: ["LoRA lab", "SVD", "rank", "resize_lora", "LoraResize", "shrink LoRA"],
  inputs: [{ name: "lora", type: "lora", label: "LoRA" }],
  outputs: [{ name: "lora", type: "lora", label: "LoRA" }],
  params: [
    {
      kind: "integer",
      name: "rank",
      label: "Rank",
      description: "No layer keeps more than this.",
      default: 8,
      min: 1,
      max: 1024,
      step: 1,
    },
    {
      kind: "number",
      name: "energy",
      label: "Energy",
      description:
        "Each layer keeps no more than is needed for this share of its squared change; 1 keeps the whole rank.",
      default: 1,
      min: 0.01,
      max: 1,
      step: 0.01,
      display: "slider",
    },
  ],
};
