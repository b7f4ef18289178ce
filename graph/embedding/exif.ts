import { latin1, viewOf } from "./bytes.ts";

/**
 * Text in EXIF metadata (a TIFF directory, EXIF 2.32 section 4.6): ComfyUI writes `workflow:{…}` and `prompt:{…}` into
 * plain text tags of its WebP files, other programs their settings into the user comment.
 */
const EXIF_DIRECTORY = 0x8769;
const USER_COMMENT = 0x9286;
const ASCII = 2;
const UNDEFINED = 7;
const MAX_ENTRIES = 500;

export interface ExifText {
  /** Of all text tags, in the order of the file. */
  texts: string[];
  userComment?: string;
}

/** `bytes` begin with the byte order ("II" or "MM"), with or without `Exif\0\0` before it. Damaged entries are left out. */
export function readExifText(bytes: Uint8Array): ExifText {
  const tiff = latin1(bytes.subarray(0, 6)) === "Exif\0\0" ? bytes.subarray(6) : bytes;
  const order = latin1(tiff.subarray(0, 2));
  const found: ExifText = { texts: [] };
  if (tiff.length < 8 || (order !== "II" && order !== "MM")) return found;
  const littleEndian = order === "II";
  const view = viewOf(tiff);
  const directories = [view.getUint32(4, littleEndian)];
  for (let visited = 0; visited < 2; visited++) {
    const directory = directories[visited];
    if (directory === undefined || directory + 2 > tiff.length) break;
    const count = Math.min(view.getUint16(directory, littleEndian), MAX_ENTRIES);
    for (let entry = directory + 2; entry + 12 <= tiff.length && entry < directory + 2 + count * 12; entry += 12) {
      const tag = view.getUint16(entry, littleEndian);
      const type = view.getUint16(entry + 2, littleEndian);
      const length = view.getUint32(entry + 4, littleEndian);
      const value = view.getUint32(entry + 8, littleEndian);
      const start = length <= 4 ? entry + 8 : value;
      if (tag === EXIF_DIRECTORY) directories.push(value);
      if (start + length > tiff.length) continue;
      const data = tiff.subarray(start, start + length);
      if (type === ASCII) found.texts.push(new TextDecoder().decode(data).replace(/\0+$/, ""));
      if (tag === USER_COMMENT && type === UNDEFINED) found.userComment = decodeComment(data, littleEndian);
    }
  }
  return found;
}

/** The first eight bytes name the character set. */
function decodeComment(data: Uint8Array, littleEndian: boolean): string {
  const text = data.subarray(8);
  if (latin1(data.subarray(0, 7)) !== "UNICODE") return new TextDecoder().decode(text);
  // Some programs write their own order instead of the file's: text that people read has zeros in the high bytes.
  const zeros = (offset: number) => text.filter((byte, index) => byte === 0 && index % 2 === offset).length;
  const isLittle = zeros(0) === zeros(1) ? littleEndian : zeros(1) > zeros(0);
  return new TextDecoder(isLittle ? "utf-16le" : "utf-16be").decode(text);
}
