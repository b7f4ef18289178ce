import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "inspect-lora",
  version: 1,
  title: "Inspect LoRA",
  category: "utility",
  description:
    "Looks into a LoRA: format, rank and alpha, how many of its keys the model takes and which it does not, which layers it changes, and how strong it is in each block. Shown on the node, and given as text. In a terminal: heddle inspect.",
  aliases: ["LoRA lab", "LoraInfo", "LoRA metadata", "LoRA analysis", "block weights"],
  inputs: [
    { name: "lora", type: "lora", label: "LoRA" },
    { name: "model", type: "model", label: "Model", description: "The one whose layers it is matched with." },
  ],
  outputs: [{ name: "text", type: "text", label: "Report" }],
  params: [],
  isOutput: true,
};
