import sharp, { type Sharp } from "sharp";
import type { RgbImage } from "../types.ts";
import { type Provenance, provenanceOf } from "./provenance.ts";

/** The picture as the start of a sharp pipeline. */
export function toSharp({ data, width, height }: Pick<RgbImage, "data" | "width" | "height">): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** What the pipeline gives, as a picture that comes from `origin`. */
export async function fromSharp(pipeline: Sharp, origin: Provenance = {}): Promise<RgbImage> {
  const { data, info } = await pipeline.toColourspace("srgb").removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return {
    width: info.width,
    height: info.height,
    data: new Uint8Array(data),
    ...provenanceOf(origin),
  };
}
