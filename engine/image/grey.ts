import type { RgbImage } from "../types.ts";
import { type Provenance, provenanceOf } from "./provenance.ts";

/** One channel of a picture: Float32Array [height, width], 0 to 255. */
export interface GreyPlane {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

/** Brightness as television weighs it (ITU-R BT.601), which OpenCV and the usual preprocessors use. */
export const luminance = (red: number, green: number, blue: number): number =>
  0.299 * red + 0.587 * green + 0.114 * blue;

export function greyPlane({ data, width, height }: RgbImage): GreyPlane {
  const values = new Float32Array(width * height);
  for (let i = 0; i < values.length; i++) {
    values[i] = luminance(data[i * 3]!, data[i * 3 + 1]!, data[i * 3 + 2]!);
  }
  return { width, height, values };
}

/** A grey picture; values are rounded and clamped to 0 to 255. */
export function greyPicture({ values, width, height }: GreyPlane, origin: Provenance = {}): RgbImage {
  const data = new Uint8Array(values.length * 3);
  for (const [i, value] of values.entries()) data.fill(toByte(value), i * 3, i * 3 + 3);
  return { width, height, data, ...provenanceOf(origin) };
}

export function toByte(value: number): number {
  return Math.min(255, Math.max(0, Math.round(value)));
}
