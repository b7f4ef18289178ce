import sharp from "sharp";
import type { RgbImage } from "../../engine/types.ts";
import { addPngText } from "../../graph/embedding/png-text.ts";
import { buildXmp } from "../../graph/embedding/xmp.ts";

export type PictureFormat = "png" | "jpeg" | "webp";

export const formatFacts: Record<PictureFormat, { extension: string; mimeType: string }> = {
  png: { extension: "png", mimeType: "image/png" },
  jpeg: { extension: "jpg", mimeType: "image/jpeg" },
  webp: { extension: "webp", mimeType: "image/webp" },
};

export interface EncodedPicture {
  bytes: Uint8Array;
  /** False when the entries were too large for the format. */
  entriesFit: boolean;
}

/** A JPEG holds metadata in segments of at most 65,535 bytes, of which the XMP signature takes 31. */
const MAX_JPEG_XMP_BYTES = 65_000;

/** The picture as a file, with text entries embedded: PNG text chunks, or XMP (and the settings in EXIF). */
export async function encodePicture(
  { data, width, height }: RgbImage,
  format: PictureFormat,
  quality: number,
  entries: Readonly<Record<string, string>>,
): Promise<EncodedPicture> {
  const picture = sharp(data, { raw: { width, height, channels: 3 } });
  if (format === "png") {
    const png = await picture.png().toBuffer();
    return { bytes: Object.keys(entries).length > 0 ? addPngText(png, entries) : png, entriesFit: true };
  }
  const xmp = buildXmp(entries);
  const entriesFit = format === "webp" || Buffer.byteLength(xmp) <= MAX_JPEG_XMP_BYTES;
  if (Object.keys(entries).length > 0 && entriesFit) {
    picture.withXmp(xmp);
    // What other programs look for; libvips writes EXIF comments in ASCII only.
    const { parameters } = entries;
    if (parameters && parameters.length < 30_000 && /^[\t\n\x20-\x7e]*$/.test(parameters)) {
      picture.withExif({ IFD2: { UserComment: parameters } });
    }
  }
  const encoder = format === "jpeg" ? picture.jpeg({ quality, mozjpeg: true }) : picture.webp({ quality });
  return { bytes: await encoder.toBuffer(), entriesFit };
}
