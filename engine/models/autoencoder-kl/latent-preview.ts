import { TorchGenerator } from "../../sampling/noise.ts";
import type { Autoencoder } from "./autoencoder.ts";

/** A linear map from latent channels to RGB: what a latent pixel looks like, good enough to watch a picture form. */
export interface LatentPreview {
  /** Float32Array `[channels + 1, 3]`, the last row the offset; RGB in -1..1. */
  readonly matrix: Float32Array;
  readonly channels: number;
}

/** Side of the picture that the map is fitted on, in latent pixels. */
const FIT_SIDE = 16;
/** Ridge term that keeps the fit steady when channels go together. */
const RIDGE = 1e-3;

/**
 * Fits the map for a VAE: a picture of coloured patches is encoded, and each latent pixel is regressed on the mean colour
 * of the picture pixels it stands for (least squares).
 */
export async function fitLatentPreview(vae: Autoencoder): Promise<LatentPreview> {
  const { latentChannels: channels, downscale } = vae.config;
  const side = FIT_SIDE * downscale;
  const { planes, colours } = patchPicture(FIT_SIDE, downscale);
  const latents = vae.scale((await vae.encode(planes, { height: side, width: side })).mean);
  const pixels = FIT_SIDE * FIT_SIDE;
  const size = channels + 1;
  const normal = new Float64Array(size * size);
  const target = new Float64Array(size * 3);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const row = Float64Array.from({ length: size }, (_, c) => (c < channels ? latents[c * pixels + pixel]! : 1));
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) normal[i * size + j]! += row[i]! * row[j]!;
      for (let c = 0; c < 3; c++) target[i * 3 + c]! += row[i]! * colours[pixel * 3 + c]!;
    }
  }
  for (let i = 0; i < size; i++) normal[i * size + i]! += RIDGE * pixels;
  return { matrix: Float32Array.from(solve(normal, target, size)), channels };
}

/** Latents `[channels, height, width]` (as the transformer sees them) to RGB `[height, width, 3]`. */
export function previewPixels(preview: LatentPreview, latents: Float32Array): Uint8ClampedArray {
  const { matrix, channels } = preview;
  const pixels = latents.length / channels;
  const rgb = new Uint8ClampedArray(pixels * 3);
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let c = 0; c < 3; c++) {
      let value = matrix[channels * 3 + c]!;
      for (let i = 0; i < channels; i++) value += latents[i * pixels + pixel]! * matrix[i * 3 + c]!;
      rgb[pixel * 3 + c] = (value * 0.5 + 0.5) * 255;
    }
  }
  return rgb;
}

/** Patches of 4 x 4 latent pixels in seeded colours, each with a soft ramp: `[3, side, side]`, and the mean colours. */
function patchPicture(side: number, scale: number): { planes: Float32Array; colours: Float32Array } {
  const patch = 2;
  const patches = side / patch;
  const random = new TorchGenerator(0n).rand(patches * patches * 6);
  const full = side * scale;
  const planes = new Float32Array(3 * full * full);
  const colours = new Float32Array(side * side * 3);
  for (let y = 0; y < full; y++) {
    for (let x = 0; x < full; x++) {
      const latentPixel = Math.floor(y / scale) * side + Math.floor(x / scale);
      const cell = Math.floor(y / scale / patch) * patches + Math.floor(x / scale / patch);
      const ramp = ((x / scale) % patch) / patch;
      for (let c = 0; c < 3; c++) {
        const from = random[cell * 6 + c]! * 2 - 1;
        const to = from * 0.7 + (random[cell * 6 + 3 + c]! * 2 - 1) * 0.3;
        const value = from + (to - from) * ramp;
        planes[c * full * full + y * full + x] = value;
        colours[latentPixel * 3 + c]! += value / (scale * scale);
      }
    }
  }
  return { planes, colours };
}

/** Solves `A X = B` for a small symmetric positive definite A `[n, n]` and B `[n, 3]` by Gauss elimination. */
function solve(a: Float64Array, b: Float64Array, n: number): Float64Array {
  for (let pivot = 0; pivot < n; pivot++) {
    const diagonal = a[pivot * n + pivot]!;
    for (let row = 0; row < n; row++) {
      if (row === pivot) continue;
      const factor = a[row * n + pivot]! / diagonal;
      for (let column = pivot; column < n; column++) a[row * n + column]! -= factor * a[pivot * n + column]!;
      for (let c = 0; c < 3; c++) b[row * 3 + c]! -= factor * b[pivot * 3 + c]!;
    }
  }
  return b.map((value, i) => value / a[Math.floor(i / 3) * n + Math.floor(i / 3)]!);
}
