import type { RgbImage } from "../types.ts";
import { toByte } from "./grey.ts";
import { fromSharp, toSharp } from "./sharp-picture.ts";

/** Smallest sigma that libvips blurs with. */
const LEAST_SIGMA = 0.3;

/** A Gaussian blur of `sigma` pixels; below 0.3 there is nothing to see, and the picture stays as it is. */
export async function blurPicture(image: RgbImage, sigma: number): Promise<RgbImage> {
  return sigma < LEAST_SIGMA ? image : fromSharp(toSharp(image).blur(sigma), image);
}

/** Unsharp mask: what a blur of `sigma` pixels takes away is added `amount` times. */
export async function sharpenPicture(image: RgbImage, sigma: number, amount: number): Promise<RgbImage> {
  const { data: blurred } = await blurPicture(image, sigma);
  return { ...image, data: image.data.map((value, i) => toByte(value + amount * (value - blurred[i]!))) };
}
