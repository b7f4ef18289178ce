import type { GreyPlane } from "./grey.ts";

/** Beyond this many sigmas a Gaussian adds less than an 8-bit step. */
const REACH = 3;

/** A Gaussian blur of `sigma` pixels; beyond its edges a plane goes on as at them. */
export function gaussianBlur(plane: GreyPlane, sigma: number): GreyPlane {
  if (sigma <= 0) return plane;
  const kernel = gaussianKernel(sigma);
  const { width, height } = plane;
  const rows = convolve(plane.values, kernel, { length: width, step: 1, lines: height, lineStep: width });
  return { ...plane, values: convolve(rows, kernel, { length: height, step: width, lines: width, lineStep: 1 }) };
}

/** Weights from -reach to reach; their sum is 1. */
function gaussianKernel(sigma: number): Float64Array {
  const reach = Math.ceil(REACH * sigma);
  const kernel = Float64Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-0.5 * ((i - reach) / sigma) ** 2));
  const sum = kernel.reduce((total, weight) => total + weight, 0);
  return kernel.map((weight) => weight / sum);
}

/** Along one direction of a plane: `lines` lines of `length` values, `step` apart. */
function convolve(
  values: Float32Array,
  kernel: Float64Array,
  { length, step, lines, lineStep }: { length: number; step: number; lines: number; lineStep: number },
): Float32Array {
  const reach = (kernel.length - 1) / 2;
  const result = new Float32Array(values.length);
  for (let line = 0; line < lines; line++) {
    const start = line * lineStep;
    for (let i = 0; i < length; i++) {
      let sum = 0;
      for (let k = -reach; k <= reach; k++) {
        const at = Math.min(length - 1, Math.max(0, i + k));
        sum += kernel[k + reach]! * values[start + at * step]!;
      }
      result[start + i * step] = sum;
    }
  }
  return result;
}
