import type { NodeDefinition } from "../../graph/definition.ts";

const side = { kind: "integer", min: 16, max: 8192, step: 16, multipleOf: 16, unit: "px" } as const;

export const definition: NodeDefinition = {
  type: "resize-image",
  version: 1,
  title: "Resize Image",
  category: "image",
  description:
    "Brings pictures to a size that a model can draw, in multiples of 16. Fill crops what is too much, fit adds bars, stretch distorts, and keep shape comes as near to the size as the picture’s shape allows. A mask that is connected goes the same way; without one the mask marks the bars.",
  aliases: [
    "ImageScale",
    "ImageScaleToTotalPixels",
    "ImageScaleToMaxDimension",
    "scale",
    "crop",
    "fit",
    "fill",
    "size",
  ],
  inputs: [
    { name: "image", type: "image", label: "Image" },
    { name: "mask", type: "mask", label: "Mask", description: "Resized together with the picture.", optional: true },
    {
      name: "width",
      type: "integer",
      label: "Width",
      description: "Takes the place of the width set here.",
      optional: true,
    },
    {
      name: "height",
      type: "integer",
      label: "Height",
      description: "Takes the place of the height set here.",
      optional: true,
    },
  ],
  outputs: [
    { name: "image", type: "image", label: "Image" },
    { name: "mask", type: "mask", label: "Mask" },
    { name: "width", type: "integer", label: "Width" },
    { name: "height", type: "integer", label: "Height" },
  ],
  params: [
    { ...side, name: "width", label: "Width", default: 1024 },
    { ...side, name: "height", label: "Height", default: 1024 },
    {
      kind: "choice",
      name: "mode",
      label: "Mode",
      default: "fill",
      options: [
        { value: "fill", label: "Fill", description: "The whole size; what is too much is cropped" },
        { value: "fit", label: "Fit", description: "The whole picture; bars where it is too narrow" },
        { value: "stretch", label: "Stretch", description: "The whole picture in the whole size, distorted" },
        { value: "inside", label: "Keep shape", description: "The picture’s shape, no larger than the size" },
      ],
    },
    {
      kind: "choice",
      name: "position",
      label: "Keep",
      description: "Which part of the picture stays when it is cropped, or where it goes between bars.",
      default: "centre",
      options: [
        { value: "centre", label: "Centre" },
        { value: "top", label: "Top" },
        { value: "bottom", label: "Bottom" },
        { value: "left", label: "Left" },
        { value: "right", label: "Right" },
      ],
      visibleWhen: { param: "mode", equals: ["fill", "fit"] },
    },
    {
      kind: "choice",
      name: "bars",
      label: "Bars",
      default: "black",
      options: [
        { value: "black", label: "Black" },
        { value: "white", label: "White" },
        { value: "grey", label: "Grey" },
      ],
      visibleWhen: { param: "mode", equals: ["fit"] },
    },
  ],
};
