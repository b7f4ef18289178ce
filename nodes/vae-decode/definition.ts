import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "vae-decode",
  version: 1,
  title: "VAE Decode",
  category: "latent",
  description:
    "Turns the latents that a Sampler made into pictures, eight times as large a side. Use the VAE that came with the model.",
  aliases: ["VAEDecode", "VAEDecodeTiled", "latent to image", "decode"],
  inputs: [
    { name: "latent", type: "latent", label: "Latent" },
    { name: "vae", type: "vae", label: "VAE" },
  ],
  outputs: [{ name: "image", type: "image", label: "Image" }],
  params: [],
};
