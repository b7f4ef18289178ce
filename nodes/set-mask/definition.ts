import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "set-mask",
  version: 1,
  title: "Set Mask",
  category: "latent",
  description:
    "Gives latents a mask: the next Sampler paints anew where the mask is white, and keeps the rest step by step. The mask is brought to the latents’ grid of 8 pixels. To keep the rest of the picture exact to the pixel, put the result back onto the original with Composite Image.",
  aliases: ["SetLatentNoiseMask", "noise mask", "inpaint", "latent mask"],
  inputs: [
    { name: "latent", type: "latent", label: "Latent" },
    { name: "mask", type: "mask", label: "Mask", description: "Where to paint anew." },
  ],
  outputs: [{ name: "latent", type: "latent", label: "Latent" }],
  params: [
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
  ],
};
