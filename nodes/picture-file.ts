import type { Metadata, Sharp } from "sharp";
import { HeddleError } from "../common/errors.ts";
import type { PictureFacts } from "./services.ts";

/** Largest file that is read as a picture. */
export const MAX_PICTURE_BYTES = 64 * 2 ** 20;
/** 100 megapixels: beyond any camera's and any model's, and 300 MB decoded. */
const MAX_PICTURE_PIXELS = 100_000_000;

/**
 * PNG, JPEG, WebP, GIF, TIFF, AVIF. Other formats that the library reads (SVG, PDF) are never handed to it: drawing them runs
 * far more code than a picture needs.
 */
const signatures = /^(\x89PNG|\xff\xd8\xff|RIFF....WEBP|GIF8|II\*\0|MM\0\*|....ftyp)/s;
/** Kept as they are; other formats become PNG. */
const keptFormats: Readonly<Record<string, string>> = { png: "image/png", jpeg: "image/jpeg", webp: "image/webp" };

export interface PictureFile {
  readonly bytes: Uint8Array;
  readonly facts: PictureFacts;
}

/**
 * The file of a picture that somebody gave, checked by decoding all of it, in a format that the stores keep.
 * @throws HeddleError `picture-unreadable`, `picture-too-large`
 */
export async function checkPictureFile(bytes: Uint8Array): Promise<PictureFile> {
  const { format, picture } = await open(bytes);
  const mimeType = keptFormats[format];
  const { data, info } = await (mimeType === undefined ? picture.png() : picture.raw())
    .toBuffer({ resolveWithObject: true })
    .catch(unreadable);
  const { width, height } = info;
  return mimeType === undefined
    ? { bytes: data, facts: { width, height, mimeType: "image/png" } }
    : { bytes, facts: { width, height, mimeType } };
}

export interface DecodedPicture {
  readonly width: number;
  readonly height: number;
  /** Uint8Array [height, width, 3]; also below transparent parts. */
  readonly rgb: Uint8Array;
  /** Uint8Array [height, width], 255 = opaque; absent where the file has no alpha channel. */
  readonly alpha: Uint8Array | undefined;
}

/**
 * The pixels of a picture file, as sRGB and the way up that its EXIF says.
 * @throws HeddleError `picture-unreadable`, `picture-too-large`
 */
export async function decodePictureFile(bytes: Uint8Array): Promise<DecodedPicture> {
  const { hasAlpha, picture } = await open(bytes);
  const { data, info } = await picture.ensureAlpha().raw().toBuffer({ resolveWithObject: true }).catch(unreadable);
  const { width, height } = info;
  const rgb = new Uint8Array(width * height * 3);
  const alpha = new Uint8Array(width * height);
  for (let i = 0; i < alpha.length; i++) {
    rgb.set(data.subarray(i * 4, i * 4 + 3), i * 3);
    alpha[i] = data[i * 4 + 3]!;
  }
  return { width, height, rgb, alpha: hasAlpha ? alpha : undefined };
}

async function open(bytes: Uint8Array): Promise<{ format: string; hasAlpha: boolean; picture: Sharp }> {
  if (bytes.length > MAX_PICTURE_BYTES) {
    const [size, limit] = [`${Math.ceil(bytes.length / 2 ** 20)} MB`, `${MAX_PICTURE_BYTES / 2 ** 20} MB`];
    throw tooLarge(size, limit, { cause: "bytes", size, limit });
  }
  if (!signatures.test(Buffer.from(bytes.subarray(0, 16)).toString("latin1"))) unreadable();
  // Loaded here: the studio starts without it.
  const { default: sharp } = await import("sharp");
  // Its own limit would be told apart from damage by its English message only.
  const metadata: Metadata = await sharp(bytes, { limitInputPixels: false }).metadata().catch(unreadable);
  const { format = "", width, height, hasAlpha } = metadata;
  if (width * height > MAX_PICTURE_PIXELS) {
    const most = MAX_PICTURE_PIXELS / 1e6;
    const details = { cause: "pixels", width, height, limit: most };
    throw tooLarge(`${width} x ${height} pixels`, `${most} million pixels`, details);
  }
  const picture = sharp(bytes, { limitInputPixels: MAX_PICTURE_PIXELS, failOn: "error" });
  return { format, hasAlpha, picture: picture.autoOrient().toColourspace("srgb") };
}

function unreadable(cause?: unknown): never {
  throw new HeddleError(
    {
      code: "picture-unreadable",
      message: "The file is no picture that can be read, or it is damaged.",
      help: "Use a PNG, JPEG, WebP, GIF, TIFF or AVIF file.",
    },
    { cause },
  );
}

function tooLarge(size: string, limit: string, details: Record<string, string | number>): HeddleError {
  return new HeddleError({
    code: "picture-too-large",
    message: `The picture has ${size}; at most ${limit} are read.`,
    help: "Make it smaller in another program first.",
    details,
  });
}
