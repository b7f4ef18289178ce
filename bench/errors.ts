import type { RgbImage } from "../engine/types.ts";

/** Peak signal-to-noise ratio of two 8-bit pictures in decibels; 99 for equal ones. */
export function psnr(actual: RgbImage, expected: RgbImage): number {
  let error = 0;
  for (let i = 0; i < expected.data.length; i++) error += (actual.data[i]! - expected.data[i]!) ** 2;
  if (error === 0) return 99;
  return 10 * Math.log10((255 ** 2 * expected.data.length) / error);
}
