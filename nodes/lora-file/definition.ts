import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "lora-file",
  version: 1,
  title: "LoRA File",
  category: "loaders",
  description:
    "Opens a LoRA without applying it, for the LoRA lab: to merge it with others, to make it smaller, to look into it, or to apply it block by block and step by step. To simply use a LoRA, take Load LoRA or the LoRA Stack.",
  aliases: ["LoRA lab", "open LoRA", "LoraLoad", "adapter"],
  inputs: [],
  outputs: [{ name: "lora", type: "lora", label: "LoRA" }],
  params: [
    {
      kind: "model",
      name: "lora",
      label: "LoRA",
      description: "A file in loras, or one of the starter model.",
      modelKind: "lora",
      default: "starter/loras/neon-outline.safetensors",
    },
  ],
};
