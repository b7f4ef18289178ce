import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "sharpen-image",
  version: 1,
  title: "Sharpen Image",
  category: "image",
  description:
    "Sharpens pictures with an unsharp mask: the difference between the picture and a blur of it is added to it. A small radius brings out fine detail, a large one local contrast; an amount of 0 changes nothing.",
  aliases: ["ImageSharpen", "unsharp mask", "detail", "crisp"],
  inputs: [{ name: "image", type: "image", label: "Image" }],
  outputs: [{ name: "image", type: "image", label: "Image" }],
  params: [
    {
      kind: "number",
      name: "radius",
      label: "Radius",
      unit: "px",
      default: 1,
      min: 0.3,
      max: 50,
      step: 0.1,
    },
    {
      kind: "number",
      name: "amount",
      label: "Amount",
      description: "How much of the difference is added.",
      default: 0.5,
      min: 0,
      max: 5,
      step: 0.05,
      display: "slider",
    },
  ],
};
