import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "seamless-tiling",
  version: 1,
  title: "Seamless Tiling",
  category: "sampling",
  description:
    "Makes pictures that continue on the opposite side, for patterns, textures and panoramas. Put it behind the model and the VAE, and give both to everything that follows. For the model the picture then goes around and has no edges; the VAE sees the other side where it would see one. Repeat Image shows whether it fits.",
  aliases: ["SeamlessTile", "CircularVAEDecode", "MakeCircularVAE", "tiling", "texture", "pattern", "panorama", "wrap"],
  inputs: [
    { name: "model", type: "model", label: "Model" },
    { name: "vae", type: "vae", label: "VAE" },
  ],
  outputs: [
    { name: "model", type: "model", label: "Model" },
    { name: "vae", type: "vae", label: "VAE" },
  ],
  params: [
    {
      kind: "choice",
      name: "mode",
      label: "Sides",
      description: "Which sides continue.",
      default: "both",
      options: [
        { value: "both", label: "All four" },
        { value: "horizontal", label: "Left and right" },
        { value: "vertical", label: "Top and bottom" },
        { value: "none", label: "None" },
      ],
    },
    {
      kind: "integer",
      name: "tileSize",
      label: "Tile size",
      description:
        "Largest part that the model draws at once, in latent pixels: 128 are 1024 pixels. Larger pictures are drawn in overlapping parts that reach over the sides.",
      default: 256,
      min: 8,
      max: 512,
      step: 8,
      multipleOf: 2,
      advanced: true,
    },
    {
      kind: "integer",
      name: "tileStride",
      label: "Tile stride",
      description:
        "For pictures larger than a tile: distance from one part to the next, in latent pixels. The smaller, the smoother and the slower.",
      default: 128,
      min: 8,
      max: 512,
      step: 8,
      multipleOf: 2,
      advanced: true,
    },
  ],
};
