import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "composite-image",
  version: 1,
  title: "Composite Image",
  category: "image",
  description:
    "Lays one picture over another. With a mask the upper one shows where the mask is white, blends where it is grey, and leaves the lower one exactly as it is where it is black: the last step of inpainting, which keeps everything else to the pixel.",
  aliases: ["ImageCompositeMasked", "paste", "overlay", "blend", "stitch", "merge", "inpaint"],
  inputs: [
    { name: "base", type: "image", label: "Below" },
    { name: "image", type: "image", label: "Above" },
    {
      name: "mask",
      type: "mask",
      label: "Mask",
      description: "Where the upper picture shows; everywhere without one.",
      optional: true,
    },
  ],
  outputs: [{ name: "image", type: "image", label: "Image" }],
  params: [
    {
      kind: "integer",
      name: "left",
      label: "Left",
      description: "Where the upper picture's left edge goes.",
      default: 0,
      min: -8192,
      max: 8192,
      step: 1,
      unit: "px",
    },
    {
      kind: "integer",
      name: "top",
      label: "Top",
      description: "Where the upper picture's top edge goes.",
      default: 0,
      min: -8192,
      max: 8192,
      step: 1,
      unit: "px",
    },
  ],
};
