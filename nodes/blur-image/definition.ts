import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "blur-image",
  version: 1,
  title: "Blur Image",
  category: "image",
  description:
    "Blurs pictures with a Gaussian of the given radius: to soften them, to take noise away, or to prepare a hint for a ControlNet that sharpens. A radius of 0 changes nothing.",
  aliases: ["ImageBlur", "gaussian", "soften", "smooth"],
  inputs: [{ name: "image", type: "image", label: "Image" }],
  outputs: [{ name: "image", type: "image", label: "Image" }],
  params: [
    {
      kind: "number",
      name: "radius",
      label: "Radius",
      description: "Standard deviation of the Gaussian.",
      unit: "px",
      default: 4,
      min: 0,
      max: 200,
      step: 0.1,
      display: "slider",
    },
  ],
};
