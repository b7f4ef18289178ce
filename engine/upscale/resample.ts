import { toByte } from "../image/grey.ts";
import type { RgbImage } from "../types.ts";

export const resampleMethods = ["lanczos", "mitchell", "bicubic", "bilinear", "nearest"] as const;
export type ResampleMethod = (typeof resampleMethods)[number];

interface Kernel {
  /** Beyond this distance it is 0. */
  readonly reach: number;
  weight(distance: number): number;
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** The family of Mitchell and Netravali (1988): B = C = 1/3 is theirs, B = 0 and C = 1/2 is Catmull-Rom. */
function cubic(b: number, c: number): Kernel {
  const weight = (distance: number) => {
    const x = Math.abs(distance);
    if (x < 1) return ((12 - 9 * b - 6 * c) * x ** 3 + (-18 + 12 * b + 6 * c) * x ** 2 + (6 - 2 * b)) / 6;
    if (x < 2) return ((-b - 6 * c) * x ** 3 + (6 * b + 30 * c) * x ** 2 + (-12 * b - 48 * c) * x + 8 * b + 24 * c) / 6;
    return 0;
  };
  return { reach: 2, weight };
}

const kernels: Readonly<Record<Exclude<ResampleMethod, "nearest">, Kernel>> = {
  lanczos: { reach: 3, weight: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
  mitchell: cubic(1 / 3, 1 / 3),
  bicubic: cubic(0, 0.5),
  bilinear: { reach: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
};

/**
 * The picture at another size, by convolution with the kernel in both directions. sharp has these kernels for making
 * pictures smaller only; enlarging, it knows cubic at best.
 */
export function resamplePicture(image: RgbImage, width: number, height: number, method: ResampleMethod): RgbImage {
  const across = resampleWeights(image.width, width, method);
  const down = resampleWeights(image.height, height, method);
  const rows = new Float32Array(image.height * width * 3);
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < width; x++) {
      const { first, weights } = across[x]!;
      const start = (y * image.width + first) * 3;
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k]! * image.data[start + k * 3 + channel]!;
        rows[(y * width + x) * 3 + channel] = sum;
      }
    }
  }
  const data = new Uint8Array(height * width * 3);
  for (const [y, { first, weights }] of down.entries()) {
    for (let i = 0; i < width * 3; i++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k]! * rows[(first + k) * width * 3 + i]!;
      data[y * width * 3 + i] = toByte(sum);
    }
  }
  return { ...image, width, height, data };
}

/** For each place of the new size: the first old place that counts, and the weights from there on; their sum is 1. */
function resampleWeights(from: number, to: number, method: ResampleMethod): { first: number; weights: Float64Array }[] {
  const scale = from / to;
  if (method === "nearest") {
    return Array.from({ length: to }, (_, i) => ({
      first: Math.floor((i + 0.5) * scale),
      weights: Float64Array.of(1),
    }));
  }
  const { reach, weight } = kernels[method];
  // Made smaller, a picture needs a kernel that covers all pixels that become one.
  const stretch = Math.max(1, scale);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - reach * stretch));
    const end = Math.min(from, Math.ceil(centre + reach * stretch));
    const weights = Float64Array.from({ length: end - first }, (_, k) => weight((first + k + 0.5 - centre) / stretch));
    const sum = weights.reduce((total, value) => total + value, 0);
    return { first, weights: weights.map((value) => value / sum) };
  });
}
