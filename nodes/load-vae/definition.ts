import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "load-vae",
  version: 1,
  title: "Load VAE",
  category: "loaders",
  description:
    "Opens the VAE alone, which turns pictures into latents and back: a single file (such as ae.safetensors), or the vae folder of a checkpoint.",
  aliases: ["VAELoader", "autoencoder", "ae.safetensors", "loader"],
  inputs: [],
  outputs: [{ name: "vae", type: "vae", label: "VAE" }],
  params: [
    {
      kind: "model",
      name: "vae",
      label: "VAE",
      description: "A file in vae, or a vae folder.",
      modelKind: "vae",
      default: "starter/base/vae",
    },
  ],
};
