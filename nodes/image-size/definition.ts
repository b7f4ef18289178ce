import type { NodeDefinition } from "../../graph/definition.ts";
import { sizePresets } from "./sizes.ts";

const isCustom = { param: "preset", equals: ["custom"] };

export const definition: NodeDefinition = {
  type: "image-size",
  version: 1,
  title: "Image Size",
  category: "latent",
  description:
    "Chooses how large the picture is and how many are drawn at once, and gives the Sampler an empty latent of that size. Take a preset or any size in multiples of 16. With a model connected, a size that the model cannot draw is replaced by the nearest one of the same shape, and the node says which.",
  aliases: [
    "empty latent",
    "width",
    "height",
    "resolution",
    "aspect ratio",
    "batch",
    "EmptySD3LatentImage",
    "EmptyLatentImage",
  ],
  inputs: [
    {
      name: "model",
      type: "model",
      label: "Model",
      description: "Keeps the size within what this model can draw.",
      optional: true,
    },
    { name: "width", type: "integer", label: "Width", description: "Makes the size a custom one.", optional: true },
    { name: "height", type: "integer", label: "Height", description: "Makes the size a custom one.", optional: true },
  ],
  outputs: [
    { name: "latent", type: "latent", label: "Latent" },
    { name: "width", type: "integer", label: "Width" },
    { name: "height", type: "integer", label: "Height" },
  ],
  params: [
    {
      kind: "choice",
      name: "preset",
      label: "Size",
      default: "square_hd",
      options: [
        ...sizePresets.map(({ name, label, width, height }) => ({
          value: name,
          label,
          description: `${width} × ${height}`,
        })),
        { value: "custom", label: "Custom", description: "Any size in multiples of 16" },
      ],
    },
    {
      kind: "integer",
      name: "width",
      label: "Width",
      unit: "px",
      default: 1024,
      min: 128,
      max: 2048,
      step: 16,
      multipleOf: 16,
      visibleWhen: isCustom,
    },
    {
      kind: "integer",
      name: "height",
      label: "Height",
      unit: "px",
      default: 1024,
      min: 128,
      max: 2048,
      step: 16,
      multipleOf: 16,
      visibleWhen: isCustom,
    },
    {
      kind: "integer",
      name: "batch",
      label: "Pictures",
      description: "How many pictures one run draws.",
      default: 1,
      min: 1,
      max: 20,
      step: 1,
      display: "slider",
    },
  ],
};
