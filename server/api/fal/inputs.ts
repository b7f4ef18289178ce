import { z } from "zod";
import { sizePresets } from "../../../nodes/image-size/sizes.ts";
import { LARGEST_SIDE, SMALLEST_SIDE } from "../size.ts";

/** What fal's Z-Image endpoints take: names, ranges and defaults as fal documents them. Fields it does not know are ignored. */

const [firstPreset, ...otherPresets] = sizePresets.map(({ name }) => name);
const preset = z.enum([firstPreset!, ...otherPresets]);
const side = z.int().min(SMALLEST_SIDE).max(LARGEST_SIDE).default(512);
const customSize = z.object({ width: side, height: side });
const size = z.union([preset, customSize]);
const sizeOrAuto = z.union([preset, z.literal("auto"), customSize]);

const lora = z.object({
  path: z.string().min(1).max(1_000),
  scale: z.number().min(0).max(4).default(1),
});

const everywhere = {
  prompt: z.string().max(10_000),
  seed: z.int().min(0).nullish(),
  sync_mode: z.boolean().default(false),
  num_images: z.int().min(1).max(4).default(1),
  enable_safety_checker: z.boolean().default(true),
  output_format: z.enum(["jpeg", "png", "webp"]).default("png"),
  acceleration: z.enum(["none", "regular", "high"]).default("regular"),
};

const base = {
  ...everywhere,
  image_size: size.default("landscape_4_3"),
  num_inference_steps: z.int().min(1).max(50).default(28),
  guidance_scale: z.number().min(1).max(20).default(4),
  negative_prompt: z.string().max(10_000).default(""),
};

const turbo = {
  ...everywhere,
  image_size: size.default("landscape_4_3"),
  num_inference_steps: z.int().min(1).max(30).default(8),
  enable_prompt_expansion: z.boolean().default(false),
};

const picture = z.string().min(1);
const withPicture = { ...turbo, image_size: sizeOrAuto.default("auto"), image_url: picture };
const imageToImage = { ...withPicture, strength: z.number().min(0).max(1).default(0.6) };
const share = z.number().min(0).max(1);
const control = {
  control_scale: share.default(0.75),
  control_start: share.default(0),
  control_end: share.default(0.8),
};
const strength = z.number().min(0).max(1);
const inpaint = { ...imageToImage, ...control, mask_image_url: picture, strength: strength.default(1) };
const preprocess = z.enum(["none", "canny", "depth", "pose"]);
const controlnet = { ...withPicture, ...control, preprocess: preprocess.default("none") };
const tilingMode = z.enum(["both", "horizontal", "vertical"]);
/** In latent pixels, as Seamless Tiling has it. */
const tile = z.int().min(8).max(512).multipleOf(2);
const tiling = {
  ...turbo,
  image_size: sizeOrAuto.default("square_hd"),
  image_url: picture.optional(),
  mask_image_url: picture.optional(),
  strength: strength.default(0.6),
  tiling_mode: tilingMode.default("both"),
  tile_size: tile.default(128),
  tile_stride: tile.default(64),
};

const loras = z.array(lora).max(3).default([]);

const variants = {
  base,
  turbo,
  "turbo/image-to-image": imageToImage,
  "turbo/inpaint": inpaint,
  "turbo/controlnet": controlnet,
  "turbo/tiling": tiling,
};
type Variant = keyof typeof variants;

/** One shape for all: what an endpoint has no field for is absent. */
export const falInputSchema = z.object({
  ...everywhere,
  image_size: sizeOrAuto,
  num_inference_steps: z.int(),
  guidance_scale: z.number().optional(),
  negative_prompt: z.string().optional(),
  image_url: picture.optional(),
  mask_image_url: picture.optional(),
  strength: z.number().optional(),
  control_scale: z.number().optional(),
  control_start: z.number().optional(),
  control_end: z.number().optional(),
  preprocess: preprocess.optional(),
  enable_prompt_expansion: z.boolean().optional(),
  tiling_mode: tilingMode.optional(),
  tile_size: z.int().optional(),
  tile_stride: z.int().optional(),
  loras: loras.optional(),
});
export type FalInput = z.infer<typeof falInputSchema>;

export interface FalEndpoint {
  /** Below `fal-ai/z-image/`. */
  name: string;
  family: "base" | "turbo";
  schema: z.ZodType<FalInput>;
}

/** Every endpoint by its name below `fal-ai/z-image/`. */
export const falEndpoints: ReadonlyMap<string, FalEndpoint> = new Map(
  (Object.keys(variants) as Variant[]).flatMap((variant): [string, FalEndpoint][] => {
    const family = variant === "base" ? "base" : "turbo";
    const withLoras = `${variant}/lora`;
    return [
      [variant, { name: variant, family, schema: z.object(variants[variant]) }],
      [withLoras, { name: withLoras, family, schema: z.object({ ...variants[variant], loras }) }],
    ];
  }),
);
