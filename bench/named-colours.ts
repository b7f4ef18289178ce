import type { RgbImage } from "../engine/types.ts";

/** The colours that the starter model's pictures are painted with (tools/starter-model/data.py). */
const named: Record<string, readonly [number, number, number]> = {
  red: [220, 42, 44],
  orange: [246, 138, 28],
  yellow: [250, 214, 48],
  green: [56, 166, 72],
  blue: [42, 98, 222],
  purple: [138, 62, 190],
  pink: [246, 138, 186],
  brown: [128, 80, 46],
  black: [26, 26, 30],
  white: [248, 248, 246],
  gray: [138, 140, 146],
  cyan: [44, 192, 200],
};

/** A pixel this far (in RGB) from the background belongs to the object. */
const OBJECT_DISTANCE = 60;

/** Names of the background colour (median of the border) and of the object's (median of what differs from it). */
export function dominantColours({ data, width, height }: RgbImage): { background: string; object: string } {
  const border: number[] = [];
  for (let x = 0; x < width; x++) border.push(x, (height - 1) * width + x);
  for (let y = 0; y < height; y++) border.push(y * width, y * width + width - 1);
  const background = medianColour(data, border);
  const pixels = Array.from({ length: width * height }, (_, i) => i);
  const object = pixels.filter((i) => distance(data.subarray(i * 3, i * 3 + 3), background) > OBJECT_DISTANCE);
  return {
    background: nearestName(background),
    object: object.length === 0 ? "nothing" : nearestName(medianColour(data, object)),
  };
}

function medianColour(data: Uint8Array, pixels: readonly number[]): number[] {
  return [0, 1, 2].map((channel) => {
    const values = pixels.map((i) => data[i * 3 + channel]!).sort((a, b) => a - b);
    return values[Math.floor(values.length / 2)]!;
  });
}

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!, a[2]! - b[2]!);
}

function nearestName(colour: readonly number[]): string {
  const byDistance = Object.entries(named).sort(([, a], [, b]) => distance(a, colour) - distance(b, colour));
  return byDistance[0]![0];
}
