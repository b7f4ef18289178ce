import { concatBytes, latin1, viewOf } from "./bytes.ts";
import { isPng } from "./png-text.ts";

/**
 * A picture file without anything that says who made it, with what, when or where: text, EXIF, XMP, comments. The picture
 * itself and its colour profile stay byte for byte. What is no whole PNG, JPEG or WebP gives `undefined`.
 */
export function stripMetadata(bytes: Uint8Array): Uint8Array | undefined {
  if (isPng(bytes)) return stripPng(bytes);
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return stripJpeg(bytes);
  const isWebp = latin1(bytes.subarray(0, 4)) === "RIFF" && latin1(bytes.subarray(8, 12)) === "WEBP";
  return isWebp ? stripWebp(bytes) : undefined;
}

const PNG_SIGNATURE = 8;
/** Needed to draw the picture as it is meant: the critical chunks, transparency, colour and pixel shape. */
const drawn = new Set(["IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "cICP", "sBIT", "pHYs"]);

function stripPng(bytes: Uint8Array): Uint8Array | undefined {
  const view = viewOf(bytes);
  const kept = [bytes.subarray(0, PNG_SIGNATURE)];
  for (let at = PNG_SIGNATURE; at + 12 <= bytes.length; ) {
    const end = at + 12 + view.getUint32(at);
    if (end > bytes.length) return undefined;
    const type = latin1(bytes.subarray(at + 4, at + 8));
    if (drawn.has(type)) kept.push(bytes.subarray(at, end));
    if (type === "IEND") return concatBytes(kept);
    at = end;
  }
  return undefined;
}

/** APP0 says the pixels' shape, APP14 how colours are stored. */
const keptSegments = new Set([0xe0, 0xee]);
/** What an APP2 with a colour profile begins with; others point to further pictures behind the first, with data of their own. */
const PROFILE = "ICC_PROFILE\0";
const END_OF_IMAGE = 0xd9;
const START_OF_SCAN = 0xda;

function stripJpeg(bytes: Uint8Array): Uint8Array | undefined {
  const view = viewOf(bytes);
  const kept = [bytes.subarray(0, 2)];
  for (let at = 2; at + 2 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1]!;
    if (marker === END_OF_IMAGE) return concatBytes([...kept, bytes.subarray(at, at + 2)]);
    if (at + 4 > bytes.length) return undefined;
    const header = at + 2 + view.getUint16(at + 2);
    const end = marker === START_OF_SCAN ? endOfScan(bytes, header) : header;
    if (end > bytes.length) return undefined;
    const isProfile = marker === 0xe2 && latin1(bytes.subarray(at + 4, at + 4 + PROFILE.length)) === PROFILE;
    const isMetadata = (marker >= 0xe0 && marker <= 0xef && !keptSegments.has(marker) && !isProfile) || marker === 0xfe;
    if (!isMetadata) kept.push(bytes.subarray(at, end));
    at = end;
  }
  return undefined;
}

/** The next marker behind coded data, in which 0xff stands before 0 and restart markers only. */
function endOfScan(bytes: Uint8Array, from: number): number {
  let at = bytes.indexOf(0xff, from);
  while (at >= 0 && at + 1 < bytes.length) {
    const next = bytes[at + 1]!;
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
    at = bytes.indexOf(0xff, at + 1);
  }
  return bytes.length;
}

const EXIF_FLAG = 0x08;
const XMP_FLAG = 0x04;

function stripWebp(bytes: Uint8Array): Uint8Array | undefined {
  const view = viewOf(bytes);
  const kept: Uint8Array[] = [];
  for (let at = 12; at + 8 <= bytes.length; ) {
    const name = latin1(bytes.subarray(at, at + 4));
    const length = view.getUint32(at + 4, true);
    const end = Math.min(bytes.length, at + 8 + length + (length % 2));
    if (at + 8 + length > bytes.length) return undefined;
    if (["VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "ICCP"].includes(name)) {
      const chunk = bytes.slice(at, end);
      if (name === "VP8X" && chunk.length > 8) chunk[8] = chunk[8]! & ~(EXIF_FLAG | XMP_FLAG);
      kept.push(chunk);
    }
    at = end;
  }
  const header = bytes.slice(0, 12);
  const size = kept.reduce((sum, chunk) => sum + chunk.length, 4);
  viewOf(header).setUint32(4, size, true);
  return kept.length > 0 ? concatBytes([header, ...kept]) : undefined;
}
