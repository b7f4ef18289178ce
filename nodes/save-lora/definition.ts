import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "save-lora",
  version: 1,
  title: "Save LoRA",
  category: "output",
  description:
    "Writes a LoRA from the LoRA lab as a new safetensors file into the loras folder of the models folder, under the names that diffusers, ComfyUI and Heddle read. Nothing is ever overwritten: a name that is taken gets a number. The model is needed to know the names of its layers.",
  aliases: ["LoRA lab", "LoraSave", "export LoRA", "write LoRA"],
  inputs: [
    { name: "lora", type: "lora", label: "LoRA" },
    { name: "model", type: "model", label: "Model", description: "The one that it is for." },
  ],
  outputs: [],
  params: [
    {
      kind: "text",
      name: "name",
      label: "File name",
      description: "Below loras, without the ending; folders with /.",
      minLength: 1,
      maxLength: 200,
      default: "my-lora",
    },
    {
      kind: "choice",
      name: "type",
      label: "Number format",
      default: "BF16",
      options: [
        { value: "BF16", label: "BF16", description: "As most LoRAs are published" },
        { value: "F16", label: "F16", description: "Finer, for smaller numbers only" },
        { value: "F32", label: "F32", description: "Exact, twice as large" },
      ],
    },
  ],
  isOutput: true,
};
