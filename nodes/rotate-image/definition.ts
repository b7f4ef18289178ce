import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "rotate-image",
  version: 1,
  title: "Rotate or Flip Image",
  category: "image",
  description:
    "Turns pictures by quarter turns or mirrors them, without loss: every pixel keeps its exact value and only changes its place.",
  aliases: ["ImageRotate", "ImageFlip", "mirror", "flip", "turn", "transpose"],
  inputs: [{ name: "image", type: "image", label: "Image" }],
  outputs: [{ name: "image", type: "image", label: "Image" }],
  params: [
    {
      kind: "choice",
      name: "turn",
      label: "Turn",
      default: "right",
      options: [
        { value: "right", label: "Right by 90°" },
        { value: "half", label: "By 180°" },
        { value: "left", label: "Left by 90°" },
        { value: "horizontal", label: "Flip left and right" },
        { value: "vertical", label: "Flip up and down" },
      ],
    },
  ],
};
