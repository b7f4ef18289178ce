import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "lora-stack",
  version: 1,
  title: "LoRA Stack",
  category: "loaders",
  description:
    "Changes the model by any number of LoRAs at once, each with its weight and a switch. All of them together cost little more than one, and changing the list or a weight loads no model again. The node says of each how many of its keys were applied.",
  aliases: ["LoraLoaderStack", "Power Lora Loader", "CR LoRA Stack", "several LoRAs", "loras", "adapter"],
  inputs: [
    { name: "model", type: "model", label: "Model" },
    {
      name: "textEncoder",
      type: "textEncoder",
      label: "Text encoder",
      description: "For LoRAs that change the text encoder too.",
      optional: true,
    },
  ],
  outputs: [
    { name: "model", type: "model", label: "Model" },
    { name: "textEncoder", type: "textEncoder", label: "Text encoder" },
  ],
  params: [
    {
      kind: "loras",
      name: "loras",
      label: "LoRAs",
      description: "1 as it was trained, 0 off, less than 0 the opposite.",
      default: [{ name: "starter/loras/neon-outline.safetensors", weight: 1, enabled: true }],
      min: -4,
      max: 4,
      step: 0.01,
    },
  ],
};
