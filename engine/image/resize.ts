import sharp from "sharp";
import type { RgbImage } from "../types.ts";

/** The picture at another size (Lanczos); the same picture when the size is right already. */
export async function resizePicture(image: RgbImage, width: number, height: number): Promise<RgbImage> {
  if (image.width === width && image.height === height) return image;
  const data = await sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } })
    .resize(width, height, { fit: "fill", kernel: "lanczos3" })
    .raw()
    .toBuffer();
  return { ...image, width, height, data: new Uint8Array(data) };
}
