import { createMask, type Mask } from "./mask.ts";

/** Reads a picture as a mask of `size`: bright is painted, what is transparent is not. */
export async function readMask(file: Blob, size?: { width: number; height: number }): Promise<Mask> {
  const bitmap = await createImageBitmap(file);
  const { width, height } = size ?? bitmap;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("This browser draws no pictures.");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const mask = createMask(width, height);
  for (let at = 0; at < mask.data.length; at++) {
    const grey = 0.2126 * data[4 * at]! + 0.7152 * data[4 * at + 1]! + 0.0722 * data[4 * at + 2]!;
    mask.data[at] = (grey * data[4 * at + 3]!) / 255;
  }
  return mask;
}

/** A grey PNG: white where it is painted. */
export async function writeMask({ width, height, data }: Mask): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser draws no pictures.");
  const image = context.createImageData(width, height);
  for (let at = 0; at < data.length; at++) {
    const value = data[at]!;
    image.data[4 * at] = value;
    image.data[4 * at + 1] = value;
    image.data[4 * at + 2] = value;
    image.data[4 * at + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return canvas.convertToBlob({ type: "image/png" });
}
