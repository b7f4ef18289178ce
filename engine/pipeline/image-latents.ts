import { pictureToPlanes } from "../image/planes.ts";
import type { Autoencoder, LatentDistribution } from "../models/autoencoder-kl/autoencoder.ts";
import { maskToLatentGrid } from "../sampling/inpaint.ts";
import type { PictureMask, RgbImage } from "../types.ts";

/**
 * Latents of an encoded picture, as the transformer sees them: the mean of the distribution, or a sample of it when noise
 * (standard normal, of the latents' size) is given.
 */
export function imageLatents(
  vae: Autoencoder,
  { mean, logVariance }: LatentDistribution,
  noise?: Float32Array,
): Float32Array {
  if (noise === undefined) return vae.scale(mean);
  return vae.scale(
    mean.map((value, i) => value + Math.fround(Math.fround(Math.exp(0.5 * logVariance[i]!)) * noise[i]!)),
  );
}

/** The picture as the VAE takes it, with the area that is repainted grey, as the diffusers inpainting pipelines blank it. */
export function blankMasked({ data, width, height }: RgbImage, mask: PictureMask): Float32Array {
  const isRepainted = maskToLatentGrid(mask, width, height);
  return pictureToPlanes(data, height, width).map((value, i) =>
    isRepainted[i % isRepainted.length] === 1 ? 0 : value,
  );
}

/**
 * What a ControlNet of 33 channels receives: control latents, then a mask, then latents of the masked picture; zeros where
 * there is nothing to inpaint. A ControlNet of 16 channels receives the control latents alone.
 */
export function controlContext(
  channels: number,
  control: Float32Array,
  size: { height: number; width: number },
  inpaint?: { readonly keep: Float32Array; readonly masked: Float32Array },
): Float32Array {
  const plane = size.height * size.width;
  const context = new Float32Array(channels * plane);
  context.set(control);
  if (inpaint !== undefined) {
    context.set(inpaint.keep, control.length);
    context.set(inpaint.masked, control.length + plane);
  }
  return context;
}
