import type { NodeDefinition } from "../../graph/definition.ts";

const isSize = { param: "by", equals: ["size"] };

export const definition: NodeDefinition = {
  type: "upscale-image",
  version: 1,
  title: "Upscale Image",
  category: "image",
  description:
    "Makes pictures larger (or smaller) by a factor or to a size, without a model. Lanczos is the sharpest, Mitchell smoother and free of ringing, nearest keeps hard pixels. A model of the ESRGAN family adds detail: see Upscale with Model.",
  aliases: ["ImageScale", "ImageScaleBy", "enlarge", "resize", "Lanczos", "interpolate", "resample"],
  inputs: [
    { name: "image", type: "image", label: "Image" },
    { name: "factor", type: "number", label: "Factor", optional: true },
  ],
  outputs: [{ name: "image", type: "image", label: "Image" }],
  params: [
    {
      kind: "choice",
      name: "method",
      label: "Method",
      default: "lanczos",
      options: [
        { value: "lanczos", label: "Lanczos", description: "Sharp; a little ringing at hard edges" },
        { value: "mitchell", label: "Mitchell", description: "Between sharp and smooth" },
        { value: "bicubic", label: "Bicubic", description: "Catmull-Rom" },
        { value: "bilinear", label: "Bilinear", description: "Smooth" },
        { value: "nearest", label: "Nearest", description: "Hard pixels" },
      ],
    },
    {
      kind: "choice",
      name: "by",
      label: "Scale",
      default: "factor",
      options: [
        { value: "factor", label: "By a factor" },
        { value: "size", label: "To a size" },
      ],
    },
    {
      kind: "number",
      name: "factor",
      label: "Factor",
      default: 2,
      min: 0.05,
      max: 16,
      step: 0.05,
      visibleWhen: { param: "by", equals: ["factor"] },
    },
    {
      kind: "integer",
      name: "width",
      label: "Width",
      unit: "px",
      default: 1024,
      min: 1,
      max: 8192,
      step: 1,
      visibleWhen: isSize,
    },
    {
      kind: "integer",
      name: "height",
      label: "Height",
      unit: "px",
      default: 1024,
      min: 1,
      max: 8192,
      step: 1,
      visibleWhen: isSize,
    },
  ],
};
