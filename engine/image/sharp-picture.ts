import sharp, { type Sharp } from "sharp";
import type { RgbImage } from "../types.ts";

/** The picture as the start of a sharp pipeline. */
export function toSharp({ data, width, height }: Pick<RgbImage, "data" | "width" | "height">): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** What the pipeline gives, as a picture with the seed of `origin`. */
export async function fromSharp(pipeline: Sharp, origin: Pick<RgbImage, "seed"> = {}): Promise<RgbImage> {
  const { data, info } = await pipeline.toColourspace("srgb").removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return {
    width: info.width,
    height: info.height,
    data: new Uint8Array(data),
    ...(origin.seed === undefined ? {} : { seed: origin.seed }),
  };
}
