import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "vae-encode",
  version: 1,
  title: "VAE Encode",
  category: "latent",
  description:
    "Turns pictures into latents, from which a Sampler can go on: with a denoise below 1 it keeps more of the picture the smaller it is, at 0 all of it. With a mask connected only the masked area is painted anew, and the rest is kept. The sides of the picture must be multiples of 16; Resize Image sees to that.",
  aliases: [
    "VAEEncode",
    "VAEEncodeForInpaint",
    "InpaintModelConditioning",
    "RepeatLatentBatch",
    "image to latent",
    "img2img",
    "inpaint",
    "encode",
  ],
  inputs: [
    { name: "image", type: "image", label: "Image" },
    { name: "vae", type: "vae", label: "VAE" },
    { name: "mask", type: "mask", label: "Mask", description: "Where to paint anew.", optional: true },
  ],
  outputs: [{ name: "latent", type: "latent", label: "Latent" }],
  params: [
    {
      kind: "integer",
      name: "copies",
      label: "Pictures",
      description: "How many pictures are drawn from each.",
      default: 1,
      min: 1,
      max: 20,
      step: 1,
      display: "slider",
    },
    {
      kind: "choice",
      name: "maskRule",
      label: "Grey of the mask",
      description: "What grey places of a mask mean; white is always made anew, black kept.",
      default: "cut",
      options: [
        { value: "cut", label: "All or nothing", description: "Made anew from half grey on (diffusers)" },
        {
          value: "differential",
          label: "Strength",
          description: "The darker, the later a place begins to change: differential diffusion",
        },
      ],
      advanced: true,
    },
    {
      kind: "boolean",
      name: "sample",
      label: "Sample",
      description: "Takes a random sample of what the VAE holds possible, as diffusers does, instead of its mean.",
      default: false,
      advanced: true,
    },
    {
      kind: "seed",
      name: "seed",
      label: "Seed",
      default: 0,
      visibleWhen: { param: "sample", equals: [true] },
      advanced: true,
    },
  ],
};
