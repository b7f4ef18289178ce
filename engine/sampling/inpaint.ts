/** Start latents of image-to-image and the blend of inpainting, as the diffusers pipelines of Z-Image compute them. */
import { combine } from "./float32.ts";

/** A clean latent brought to noise level `sigma`: `sigma * noise + (1 - sigma) * clean`. */
export function addNoise(clean: Float32Array, noise: Float32Array, sigma: number): Float32Array {
  return combine([sigma, noise], [Math.fround(1 - sigma), clean]);
}

export interface Mask {
  readonly width: number;
  readonly height: number;
  /** [height, width] in row order; 0.5 and above is repainted, the rest is kept. */
  readonly values: ArrayLike<number>;
}

/** The mask on the latent grid: 1 = repaint, 0 = keep; Uint8Array [height, width]. The nearest pixel decides. */
export function maskToLatentGrid(mask: Mask, width: number, height: number): Uint8Array {
  const cells = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    const sourceRow = Math.floor((row * mask.height) / height);
    for (let column = 0; column < width; column++) {
      const sourceColumn = Math.floor((column * mask.width) / width);
      cells[row * width + column] = mask.values[sourceRow * mask.width + sourceColumn]! >= 0.5 ? 1 : 0;
    }
  }
  return cells;
}

export interface InpaintBlend {
  /** Latents of the picture that is repainted, [batch, channels, height, width]. */
  readonly original: Float32Array;
  /** The noise that the run started from. */
  readonly noise: Float32Array;
  /** [height, width] of the latent grid: 1 = repaint, 0 = keep. */
  readonly mask: Uint8Array;
}

/**
 * Puts the kept area back after a step: the original latents at the noise level `sigma` that the step has reached.
 * @param latents [batch, channels, height, width].
 */
export function blendKept(latents: Float32Array, sigma: number, { original, noise, mask }: InpaintBlend): Float32Array {
  const kept = sigma === 0 ? original : addNoise(original, noise, sigma);
  return latents.map((value, i) => (mask[i % mask.length] === 1 ? value : kept[i]!));
}
