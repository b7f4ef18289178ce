import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "apply-lora",
  version: 1,
  title: "Apply LoRA",
  category: "loaders",
  description:
    "Applies a LoRA from the LoRA lab to the model, with weights of its own for blocks of the model and a weight that changes over the steps: layout without style, style only in the last steps, no change to faces. Changing weights loads nothing again. Put several in a row to use several.",
  aliases: ["LoRA lab", "LoraLoaderBlockWeight", "LBW", "block weight", "LoRA schedule", "LoraLoaderModelOnly"],
  inputs: [
    { name: "model", type: "model", label: "Model" },
    { name: "lora", type: "lora", label: "LoRA" },
  ],
  outputs: [{ name: "model", type: "model", label: "Model" }],
  params: [
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
    {
      kind: "text",
      name: "blocks",
      label: "Block weights",
      description:
        "Factors to the weight in parts of the model, one rule a line; the last one that fits a layer counts. layers 0-9: 0.5, layers 20: 0, attention: 1, feed_forward: 0, noise_refiner: 0.",
      placeholder: "layers 0-9: 0.5",
      multiline: true,
      maxLength: 5_000,
      default: "",
    },
    {
      kind: "text",
      name: "schedule",
      label: "Schedule",
      description:
        "Factors to the weight over the steps: share of the steps done (0 to 1), colon, factor; linear in between. 0: 1, 0.5: 0 fades out by the middle.",
      placeholder: "0: 1, 0.5: 0",
      maxLength: 1_000,
      default: "",
    },
  ],
};
