import type { RgbImage } from "../types.ts";
import { gaussianBlur } from "./gaussian.ts";
import { toByte } from "./grey.ts";
import { resizePicture } from "./resize.ts";

/** Pixels that are left of the longer side: too few to make anything out, and what is gone cannot be computed back. */
const LEFT_SIDE = 12;

/** A picture of which only the colours of large areas are left. */
export async function obscurePicture(image: RgbImage): Promise<RgbImage> {
  const scale = Math.min(1, LEFT_SIDE / Math.max(image.width, image.height));
  const [width, height] = [Math.max(1, Math.round(image.width * scale)), Math.max(1, Math.round(image.height * scale))];
  const coarse = await resizePicture(image, width, height);
  const data = new Uint8Array(coarse.data.length);
  for (let channel = 0; channel < 3; channel++) {
    const values = Float32Array.from({ length: width * height }, (_, i) => coarse.data[i * 3 + channel]!);
    for (const [i, value] of gaussianBlur({ width, height, values }, 1).values.entries()) {
      data[i * 3 + channel] = toByte(value);
    }
  }
  return resizePicture({ ...coarse, data }, image.width, image.height);
}
