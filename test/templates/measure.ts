import type { RgbImage } from "../../engine/types.ts";

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export function boxOf({ width, height }: RgbImage): Box {
  return { left: 0, top: 0, width, height };
}

/** The values of a part of a picture, interleaved RGB. */
export function cut({ data, width }: RgbImage, box: Box): RgbImage {
  const rows = Array.from({ length: box.height }, (_, y) => {
    const start = ((box.top + y) * width + box.left) * 3;
    return data.subarray(start, start + box.width * 3);
  });
  return { width: box.width, height: box.height, data: new Uint8Array(Buffer.concat(rows)) };
}

/** Mean absolute difference of the channels, 0 to 255. */
export function difference(a: RgbImage, b: RgbImage): number {
  if (a.width !== b.width || a.height !== b.height) throw new Error("the pictures differ in size");
  return a.data.reduce((sum, value, i) => sum + Math.abs(value - b.data[i]!), 0) / a.data.length;
}

/** Peak signal-to-noise ratio in dB; infinite for equal pictures. */
export function psnr(a: RgbImage, b: RgbImage): number {
  const square = a.data.reduce((sum, value, i) => sum + (value - b.data[i]!) ** 2, 0) / a.data.length;
  return 10 * Math.log10(255 ** 2 / square);
}

/** Mean of each channel over a part of the picture. */
export function meanColour(
  image: RgbImage,
  box: Box = boxOf(image),
): readonly [red: number, green: number, blue: number] {
  const { data } = cut(image, box);
  const mean = (channel: number) =>
    data.reduce((sum, value, i) => (i % 3 === channel ? sum + value : sum), 0) / (data.length / 3);
  return [mean(0), mean(1), mean(2)];
}

/** The middle third, where a single thing is drawn. */
export function centre({ width, height }: RgbImage): Box {
  const third = (side: number) => Math.floor(side / 3);
  return { left: third(width), top: third(height), width: third(width), height: third(height) };
}

/** A square in the upper left corner, where the background is seen. */
export function corner({ width }: RgbImage): Box {
  const side = Math.floor(width / 8);
  return { left: 0, top: 0, width: side, height: side };
}

/** Mean absolute difference of two columns of a picture. */
export function columnStep(image: RgbImage, left: number, right: number): number {
  const column = (x: number) => cut(image, { left: x, top: 0, width: 1, height: image.height });
  return difference(column(left), column(right));
}

/** Mean absolute second difference along rows: how much fine detail a picture has. */
export function detail({ data, width, height }: RgbImage): number {
  let sum = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = (y * width + x) * 3 + 1;
      sum += Math.abs(2 * data[i]! - data[i - 3]! - data[i + 3]!);
    }
  }
  return sum / (height * (width - 2));
}
