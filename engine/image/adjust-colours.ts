import type { RgbImage } from "../types.ts";
import { toByte } from "./grey.ts";

/** Each as the CSS filter of that name takes it; what is left alone is 1, or 0 degrees. */
export interface ColourAdjustment {
  /** 0 is black, 1 unchanged. */
  readonly brightness: number;
  /** 0 is all grey, 1 unchanged. */
  readonly contrast: number;
  /** 0 is greyscale, 1 unchanged. */
  readonly saturation: number;
  /** Degrees around the colour wheel. */
  readonly hue: number;
  /** Above 1 lightens the middle tones; black and white stay. */
  readonly gamma: number;
}

/**
 * Gamma, brightness and contrast per channel, then saturation and hue over all three (Filter Effects Module Level 1: the
 * matrices of `saturate()` and `hue-rotate()`), on sRGB values.
 */
export function adjustColours(image: RgbImage, adjustment: ColourAdjustment): RgbImage {
  const tones = toneTable(adjustment);
  const matrix = product(hueMatrix(adjustment.hue), saturationMatrix(adjustment.saturation));
  const data = new Uint8Array(image.data.length);
  for (let i = 0; i < data.length; i += 3) {
    const [r, g, b] = [tones[image.data[i]!]!, tones[image.data[i + 1]!]!, tones[image.data[i + 2]!]!];
    for (let channel = 0; channel < 3; channel++) {
      const [fromRed, fromGreen, fromBlue] = matrix[channel]!;
      data[i + channel] = toByte(255 * (fromRed * r + fromGreen * g + fromBlue * b));
    }
  }
  return { ...image, data };
}

/** 8-bit value to 0 to 1. */
function toneTable({ brightness, contrast, gamma }: ColourAdjustment): number[] {
  return Array.from({ length: 256 }, (_, value) => {
    const bright = (value / 255) ** (1 / gamma) * brightness;
    return Math.min(1, Math.max(0, (bright - 0.5) * contrast + 0.5));
  });
}

type Matrix = readonly (readonly [number, number, number])[];

function saturationMatrix(s: number): Matrix {
  return [
    [0.213 + 0.787 * s, 0.715 - 0.715 * s, 0.072 - 0.072 * s],
    [0.213 - 0.213 * s, 0.715 + 0.285 * s, 0.072 - 0.072 * s],
    [0.213 - 0.213 * s, 0.715 - 0.715 * s, 0.072 + 0.928 * s],
  ];
}

function hueMatrix(degrees: number): Matrix {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return [
    [0.213 + cos * 0.787 - sin * 0.213, 0.715 - cos * 0.715 - sin * 0.715, 0.072 - cos * 0.072 + sin * 0.928],
    [0.213 - cos * 0.213 + sin * 0.143, 0.715 + cos * 0.285 + sin * 0.14, 0.072 - cos * 0.072 - sin * 0.283],
    [0.213 - cos * 0.213 - sin * 0.787, 0.715 - cos * 0.715 + sin * 0.715, 0.072 + cos * 0.928 + sin * 0.072],
  ];
}

function product(a: Matrix, b: Matrix): Matrix {
  return a.map((row) => {
    const column = (j: 0 | 1 | 2) => row[0] * b[0]![j] + row[1] * b[1]![j] + row[2] * b[2]![j];
    return [column(0), column(1), column(2)] as const;
  });
}
