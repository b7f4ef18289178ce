import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "adjust-mask",
  version: 1,
  title: "Adjust Mask",
  category: "image",
  description:
    "Inverts a mask, makes its white area larger or smaller, and softens its edge, in this order. Growing a mask a little gives an inpainted thing room to fit in; a soft edge hides the seam when the result is put back onto the original.",
  aliases: ["InvertMask", "GrowMask", "MaskBlur", "FeatherMask", "dilate", "erode", "invert", "grow", "blur"],
  inputs: [{ name: "mask", type: "mask", label: "Mask" }],
  outputs: [{ name: "mask", type: "mask", label: "Mask" }],
  params: [
    { kind: "boolean", name: "invert", label: "Invert", default: false },
    {
      kind: "integer",
      name: "grow",
      label: "Grow",
      description: "Moves the edge outwards by so many pixels; less than 0 inwards.",
      default: 0,
      min: -256,
      max: 256,
      step: 1,
      unit: "px",
      display: "slider",
    },
    {
      kind: "number",
      name: "blur",
      label: "Blur",
      description: "How far the edge is softened.",
      default: 0,
      min: 0,
      max: 256,
      step: 0.5,
      unit: "px",
      display: "slider",
    },
  ],
};
