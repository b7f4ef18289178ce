import type { NodeDefinition } from "../../graph/definition.ts";

const pixels = { kind: "integer", min: 0, max: 8192, step: 8, unit: "px" } as const;

export const definition: NodeDefinition = {
  type: "shape-mask",
  version: 1,
  title: "Shape Mask",
  category: "image",
  description:
    "Makes a mask with a white rectangle or ellipse in it. With a picture connected the mask takes its size, else the size is set here. Parts of the shape beyond the edges are left out.",
  aliases: ["SolidMask", "CreateShapeMask", "rectangle", "ellipse", "circle", "region"],
  inputs: [{ name: "image", type: "image", label: "Image", description: "The mask takes its size.", optional: true }],
  outputs: [{ name: "mask", type: "mask", label: "Mask" }],
  params: [
    {
      kind: "choice",
      name: "shape",
      label: "Shape",
      default: "rectangle",
      options: [
        { value: "rectangle", label: "Rectangle" },
        { value: "ellipse", label: "Ellipse" },
      ],
    },
    { ...pixels, name: "left", label: "Left", default: 64 },
    { ...pixels, name: "top", label: "Top", default: 64 },
    { ...pixels, name: "width", label: "Width", default: 128, min: 1 },
    { ...pixels, name: "height", label: "Height", default: 128, min: 1 },
    {
      ...pixels,
      name: "maskWidth",
      label: "Mask width",
      description: "Where no picture is connected.",
      default: 256,
      min: 16,
      advanced: true,
    },
    {
      ...pixels,
      name: "maskHeight",
      label: "Mask height",
      description: "Where no picture is connected.",
      default: 256,
      min: 16,
      advanced: true,
    },
  ],
};
