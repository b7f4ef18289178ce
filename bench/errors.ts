import type { RgbImage } from "../engine/types.ts";

/** |actual - expected| / |expected|, both as Euclidean norms. */
export function relativeError(actual: Float32Array, expected: Float32Array): number {
  let error = 0;
  let norm = 0;
  for (let i = 0; i < expected.length; i++) {
    error += (actual[i]! - expected[i]!) ** 2;
    norm += expected[i]! ** 2;
  }
  return Math.sqrt(error / norm);
}

/** Peak signal-to-noise ratio of two 8-bit pictures in decibels; 99 for equal ones. */
export function psnr(actual: RgbImage, expected: RgbImage): number {
  let error = 0;
  for (let i = 0; i < expected.data.length; i++) error += (actual.data[i]! - expected.data[i]!) ** 2;
  if (error === 0) return 99;
  return 10 * Math.log10((255 ** 2 * expected.data.length) / error);
}
