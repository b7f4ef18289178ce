import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "load-lora",
  version: 1,
  title: "Load LoRA",
  category: "loaders",
  description:
    "Changes the model by a LoRA: a small file that adds a style, a person or a thing. The node says how many of the file’s keys were applied, names the rest, and shows the trigger words that the file states. Changing the weight loads nothing again. Put several in a row, or use the LoRA Stack.",
  aliases: ["LoraLoader", "LoraLoaderModelOnly", "LyCORIS", "LoKr", "LoHa", "DoRA", "adapter", "style"],
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
      kind: "model",
      name: "lora",
      label: "LoRA",
      description: "A file in loras, or the one of the starter model.",
      modelKind: "lora",
      default: "starter/loras/neon-outline.safetensors",
    },
    {
      kind: "number",
      name: "weight",
      label: "Weight",
      description: "1 as it was trained, 0 off, less than 0 the opposite.",
      default: 1,
      min: -4,
      max: 4,
      step: 0.01,
      display: "slider",
    },
    { kind: "boolean", name: "enabled", label: "On", description: "Off passes the model on as it is.", default: true },
  ],
};
