import type { PictureMask, RgbImage } from "../types.ts";
import { resizePicture } from "./resize.ts";
import { fromSharp, toSharp } from "./sharp-picture.ts";

/** How the colours of two pictures are brought together (W3C Compositing and Blending Level 1). */
export const blendModes = [
  "over",
  "multiply",
  "screen",
  "overlay",
  "darken",
  "lighten",
  "hard-light",
  "soft-light",
  "difference",
  "exclusion",
  "add",
] as const;
export type BlendMode = (typeof blendModes)[number];

export interface Placement {
  /** Of the overlay's upper left corner on the base, in pixels; may lie outside. */
  readonly x: number;
  readonly y: number;
  readonly blend: BlendMode;
  /** 0 to 1. */
  readonly opacity: number;
  /** Where the overlay shows, 0 to 1; brought to the overlay's size. Everywhere without one. */
  readonly mask?: PictureMask | undefined;
}

/** `overlay` laid onto `base`; what sticks out is cut off. Pixels that are not covered stay exactly as they are. */
export async function compositePictures(base: RgbImage, overlay: RgbImage, placement: Placement): Promise<RgbImage> {
  const [left, top] = [Math.max(0, placement.x), Math.max(0, placement.y)];
  const width = Math.min(base.width, placement.x + overlay.width) - left;
  const height = Math.min(base.height, placement.y + overlay.height) - top;
  if (width <= 0 || height <= 0) return base;
  const alpha = await alphaOf(overlay, placement);
  const layer = Buffer.alloc(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (top - placement.y + y) * overlay.width + (left - placement.x + x);
      const to = (y * width + x) * 4;
      layer.set(overlay.data.subarray(from * 3, from * 3 + 3), to);
      layer[to + 3] = alpha[from]!;
    }
  }
  const input = { input: layer, raw: { width, height, channels: 4 as const }, left, top, blend: placement.blend };
  return fromSharp(toSharp(base).composite([input]), overlay.seed === undefined ? base : overlay);
}

/** 0 to 255, one a pixel of the overlay. */
async function alphaOf({ width, height }: RgbImage, { mask, opacity }: Placement): Promise<Uint8Array> {
  if (mask === undefined) return new Uint8Array(width * height).fill(Math.round(255 * opacity));
  const data = new Uint8Array(mask.values.length * 3);
  for (const [i, value] of mask.values.entries()) data.fill(Math.round(255 * value * opacity), i * 3, i * 3 + 3);
  const fitted = await resizePicture({ width: mask.width, height: mask.height, data }, width, height);
  return Uint8Array.from({ length: width * height }, (_, i) => fitted.data[i * 3]!);
}
