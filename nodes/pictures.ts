import sharp, { type Sharp } from "sharp";
import { HeddleError } from "../common/errors.ts";
import type { ImageBatch, PictureMask, RgbImage } from "../engine/types.ts";
import type { PortValues } from "../graph/execution/runner.ts";
import { requiredInput } from "./values.ts";

/** Longest side that a node makes: 8192 x 8192 takes 200 MB. */
const MAX_SIDE = 8192;

/** Changes every picture of a batch by the same operations of the imaging library; seeds stay with their pictures. */
export async function mapPictures(image: ImageBatch, change: (picture: Sharp) => Sharp): Promise<ImageBatch> {
  const items = await Promise.all(
    image.items.map(async ({ data, width, height, ...rest }): Promise<RgbImage> => {
      const raw = { raw: { width, height, channels: 3 } } as const;
      const result = await change(sharp(data, raw)).raw().toBuffer({ resolveWithObject: true });
      return { ...rest, width: result.info.width, height: result.info.height, data: new Uint8Array(result.data) };
    }),
  );
  return { kind: "image", items };
}

/** Changes a mask by operations of the imaging library, which sees it as a grey picture of 8 bits. */
export async function mapMask(mask: PictureMask, change: (picture: Sharp) => Sharp): Promise<PictureMask> {
  const { width, height, values } = mask;
  const bytes = Uint8Array.from(values, (value) => Math.round(Math.min(1, Math.max(0, value)) * 255));
  const changed = change(sharp(bytes, { raw: { width, height, channels: 1 } })).toColourspace("b-w");
  const { data, info } = await changed.raw().toBuffer({ resolveWithObject: true });
  return {
    kind: "mask",
    width: info.width,
    height: info.height,
    values: Float32Array.from(data, (byte) => byte / 255),
  };
}

/** The mask at another size; the same mask when the size is right already. */
export async function resizeMask(mask: PictureMask, width: number, height: number): Promise<PictureMask> {
  if (mask.width === width && mask.height === height) return mask;
  return mapMask(mask, (picture) => picture.resize(width, height, { fit: "fill", kernel: "linear" }));
}

export function makeMask(width: number, height: number, value: (x: number, y: number) => number): PictureMask {
  const values = new Float32Array(width * height);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) values[y * width + x] = value(x, y);
  return { kind: "mask", width, height, values };
}

/** The size that all pictures of a batch have. @throws HeddleError `image-sizes-differ` */
export function sizeOfBatch({ items }: ImageBatch, field: string): { width: number; height: number } {
  const [first] = items;
  if (!first || items.some(({ width, height }) => width !== first.width || height !== first.height)) {
    throw new HeddleError({
      code: "image-sizes-differ",
      message: "The pictures of a batch must all have the same size.",
      help: "Resize them to one size first.",
      details: { cause: "batch" },
      field,
    });
  }
  return { width: first.width, height: first.height };
}

/** @throws HeddleError `picture-too-large` */
export function checkSides(width: number, height: number, field: string): void {
  if (width <= MAX_SIDE && height <= MAX_SIDE) return;
  throw new HeddleError({
    code: "picture-too-large",
    message: `The picture would become ${width} x ${height} pixels; at most ${MAX_SIDE} a side are made.`,
    help: "Choose a smaller size.",
    details: { cause: "side", width, height, limit: MAX_SIDE },
    field,
  });
}

/** Bytes that an output holds, for the cache. */
export function pictureBytes(outputs: PortValues, name = "image"): number {
  return requiredInput(outputs, name, "image").items.reduce((bytes, { data }) => bytes + data.byteLength, 0);
}

export function maskBytes(outputs: PortValues, name = "mask"): number {
  return requiredInput(outputs, name, "mask").values.byteLength;
}
