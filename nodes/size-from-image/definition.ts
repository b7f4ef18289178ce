import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "size-from-image",
  version: 1,
  title: "Size from Image",
  category: "latent",
  description:
    "Reads the size of a picture: as numbers, and as an empty latent for the Sampler that is as large as the picture, in multiples of 16. With a model connected, a size that it cannot draw is replaced by the nearest one of the same shape, and the node says which.",
  aliases: ["GetImageSize", "Get Image Size", "width", "height", "resolution", "auto size", "image info"],
  inputs: [
    { name: "image", type: "image", label: "Image" },
    {
      name: "model",
      type: "model",
      label: "Model",
      description: "Keeps the size within what this model can draw.",
      optional: true,
    },
  ],
  outputs: [
    { name: "width", type: "integer", label: "Width" },
    { name: "height", type: "integer", label: "Height" },
    { name: "pictures", type: "integer", label: "Pictures" },
    { name: "latent", type: "latent", label: "Latent" },
  ],
  params: [
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
