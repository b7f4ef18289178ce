import { concatBytes, fromLatin1, latin1, viewOf } from "./bytes.ts";

/**
 * Text inside PNG files: `tEXt` (Latin-1) and `iTXt` (UTF-8) chunks, PNG specification (third edition) section 11.3.3.
 * A chunk is length (u32, big endian), type (4 letters), data, CRC-32 over type and data.
 */
const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const OVERHEAD = 12;

export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, index) => bytes[index] === byte);
}

/** The file with text entries added after its header chunk. Keywords have 1 to 79 Latin-1 characters. */
export function addPngText(png: Uint8Array, entries: Readonly<Record<string, string>>): Uint8Array {
  const header = pngChunks(png).next().value;
  if (!header) throw new TypeError("not a PNG file");
  return concatBytes([
    png.subarray(0, header.end),
    ...Object.entries(entries).map(([keyword, text]) => textChunk(keyword, text)),
    png.subarray(header.end),
  ]);
}

/** Uncompressed text entries by keyword; a damaged file gives those before the damage. */
export function readPngText(png: Uint8Array): Map<string, string> {
  const entries = new Map<string, string>();
  for (const { type, data } of pngChunks(png)) {
    const separator = data.indexOf(0);
    if (separator < 1) continue;
    const keyword = latin1(data.subarray(0, separator));
    if (type === "tEXt") entries.set(keyword, latin1(data.subarray(separator + 1)));
    // Compression flag and method follow the keyword, then language tag and translated keyword, each ended by a zero.
    if (type === "iTXt" && data[separator + 1] === 0) {
      const languageEnd = data.indexOf(0, separator + 3);
      const translatedEnd = languageEnd < 0 ? -1 : data.indexOf(0, languageEnd + 1);
      if (translatedEnd > 0) entries.set(keyword, new TextDecoder().decode(data.subarray(translatedEnd + 1)));
    }
  }
  return entries;
}

interface PngChunk {
  type: string;
  data: Uint8Array;
  /** Where the next chunk begins. */
  end: number;
}

function* pngChunks(png: Uint8Array): Generator<PngChunk, undefined> {
  if (!isPng(png)) return;
  const view = viewOf(png);
  for (let offset = SIGNATURE.length; offset + OVERHEAD <= png.length; ) {
    const end = offset + OVERHEAD + view.getUint32(offset);
    if (end > png.length) return;
    yield { type: latin1(png.subarray(offset + 4, offset + 8)), data: png.subarray(offset + 8, end - 4), end };
    offset = end;
  }
}

function textChunk(keyword: string, text: string): Uint8Array {
  if (!/^[\x20-\x7e\xa1-\xff]{1,79}$/.test(keyword)) throw new TypeError(`not a PNG keyword: ${keyword}`);
  const isAscii = /^[\t\n\x20-\x7e]*$/.test(text);
  const data = isAscii
    ? fromLatin1(`${keyword}\0${text}`)
    : concatBytes([fromLatin1(`${keyword}\0\0\0\0\0`), new TextEncoder().encode(text)]);
  const body = concatBytes([fromLatin1(isAscii ? "tEXt" : "iTXt"), data]);
  const chunk = new Uint8Array(data.length + OVERHEAD);
  viewOf(chunk).setUint32(0, data.length);
  chunk.set(body, 4);
  viewOf(chunk).setUint32(data.length + 8, crc32(body));
  return chunk;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? 0xedb88320 ^ (remainder >>> 1) : remainder >>> 1;
  return remainder;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
