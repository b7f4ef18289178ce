import { z } from "zod";
import { HeddleError } from "../../../common/errors.ts";
import { issuesInWords, type Words } from "../../../common/words.ts";

/** `vae/config.json` (`AutoencoderKL`). */
const schema = z.looseObject({
  in_channels: z.int().positive(),
  out_channels: z.int().positive(),
  latent_channels: z.int().positive(),
  block_out_channels: z.array(z.int().positive()).min(1).max(8),
  layers_per_block: z.int().positive(),
  norm_num_groups: z.int().positive(),
  scaling_factor: z.number().positive(),
  shift_factor: z.number().nullish(),
  mid_block_add_attention: z.boolean().default(true),
  use_quant_conv: z.boolean().default(false),
  use_post_quant_conv: z.boolean().default(false),
});

export interface AutoencoderConfig {
  readonly imageChannels: number;
  readonly latentChannels: number;
  readonly blockChannels: readonly number[];
  readonly layersPerBlock: number;
  readonly groups: number;
  /** `latents = (sample - shift) * scale`; `z = latents / scale + shift`. */
  readonly scale: number;
  readonly shift: number;
  readonly midAttention: boolean;
  /** Picture pixels per latent pixel and side. */
  readonly downscale: number;
}

/** @throws HeddleError `config-invalid` */
export function parseAutoencoderConfig(json: unknown, path: string): AutoencoderConfig {
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    throw invalidVae(path, z.prettifyError(parsed.error), { cause: "vae", problems: issuesInWords(parsed.error) });
  }
  const c = parsed.data;
  if (c.use_quant_conv || c.use_post_quant_conv) {
    throw invalidVae(path, "it has quantisation convolutions, which this family does not", {
      cause: "vae-quant-conv",
    });
  }
  return {
    imageChannels: c.in_channels,
    latentChannels: c.latent_channels,
    blockChannels: c.block_out_channels,
    layersPerBlock: c.layers_per_block,
    groups: c.norm_num_groups,
    scale: c.scaling_factor,
    shift: c.shift_factor ?? 0,
    midAttention: c.mid_block_add_attention,
    downscale: 2 ** (c.block_out_channels.length - 1),
  };
}

type Fault = { cause: "vae"; problems: readonly Words[] } | { cause: "vae-quant-conv" };

function invalidVae(path: string, what: string, fault: Fault): HeddleError {
  return new HeddleError({
    code: "config-invalid",
    message: `The configuration of the VAE "${path}" cannot be used: ${what}.`,
    help: "Download the VAE’s config.json again, or choose another VAE.",
    details: { path, ...fault },
  });
}

/**
 * Memory that a pixel takes while a whole picture is decoded, the weights aside: activations peak at about five float32
 * planes of the second-widest resolution's channels (measured: docs/performance.md).
 */
export function bytesPerPixel({ blockChannels }: Pick<AutoencoderConfig, "blockChannels">): number {
  const widest = blockChannels[1] ?? blockChannels[0]!;
  return 5 * 4 * widest;
}
