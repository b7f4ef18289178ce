import type { RgbImage } from "../types.ts";

/** Over all channels of all pixels, in 8-bit steps: 0 for equal pictures. Both must be of one size. */
export function rootMeanSquareError(a: RgbImage, b: RgbImage): number {
  if (a.data.length !== b.data.length) throw new RangeError("the pictures have different sizes");
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += (a.data[i]! - b.data[i]!) ** 2;
  return Math.sqrt(sum / a.data.length);
}
