import type { RgbImage } from "../types.ts";
import { gaussianBlur } from "./gaussian.ts";
import type { GreyPlane } from "./grey.ts";

/** What is darker than this below its surroundings counts when the lines' usual strength is measured. */
const LINE_FLOOR = 8;
/** A picture without lines is not stretched until its noise looks like some. */
const LEAST_SCALE = 16;
/** The median line comes out this bright. */
const MEDIAN_BRIGHTNESS = 127;

/**
 * Lines as if drawn: bright where a pixel is darker than its surroundings (a blur of `sigma` pixels), on black. This is
 * the model-free "standard" line art that ControlNets for line art know.
 */
export function lineArt({ data, width, height }: RgbImage, sigma: number): GreyPlane {
  const values = new Float32Array(width * height).fill(Number.POSITIVE_INFINITY);
  for (let channel = 0; channel < 3; channel++) {
    const plane = { width, height, values: Float32Array.from(values, (_, i) => data[i * 3 + channel]!) };
    const blurred = gaussianBlur(plane, sigma);
    for (let i = 0; i < values.length; i++) {
      values[i] = Math.min(values[i]!, blurred.values[i]! - plane.values[i]!);
    }
  }
  const lines = values.filter((value) => value > LINE_FLOOR).sort();
  const scale = MEDIAN_BRIGHTNESS / Math.max(LEAST_SCALE, lines[Math.floor(lines.length / 2)] ?? 0);
  return { width, height, values: values.map((value) => Math.min(255, Math.max(0, value * scale))) };
}
