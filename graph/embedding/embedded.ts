import type { WorkflowDocument } from "../document.ts";
import { latin1, viewOf } from "./bytes.ts";
import { readExifText } from "./exif.ts";
import { isPng, readPngText } from "./png-text.ts";
import { readXmpProperty } from "./xmp.ts";

/** What a picture says about how it was made. */
export interface Embedded {
  /** JSON text, unchecked: it may be another program's workflow. */
  workflow?: string;
  /** What ComfyUI ran, in its API format: JSON text, unchecked. */
  prompt?: string;
  /** The settings as text for people and for other programs. */
  parameters?: string;
}

/** Names of the entries: PNG keywords, and XMP properties of JPEG and WebP. */
const WORKFLOW = "workflow";
const PARAMETERS = "parameters";
const PROMPT = "prompt";

/** The entries to embed. The workflow is plain ASCII JSON, so that every kind of text chunk holds it. */
export function embeddedEntries(workflow: WorkflowDocument, parameters: string): Record<string, string> {
  const json = JSON.stringify(workflow).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return { [PARAMETERS]: parameters, [WORKFLOW]: json };
}

/** Reads what a PNG, JPEG or WebP file has embedded; `undefined` when the bytes are none of these. */
export function readEmbedded(bytes: Uint8Array): Embedded | undefined {
  if (isPng(bytes)) return entriesOf(readPngText(bytes));
  if (isJpeg(bytes)) return readTagged(jpegXmp(bytes), jpegExif(bytes));
  if (isWebp(bytes)) return readTagged(webpXmp(bytes), webpChunk(bytes, "EXIF"));
  return undefined;
}

function entriesOf(entries: ReadonlyMap<string, string>): Embedded {
  const embedded: Embedded = {};
  for (const name of [WORKFLOW, PROMPT, PARAMETERS] as const) {
    const text = entries.get(name);
    if (text !== undefined) embedded[name] = text;
  }
  return embedded;
}

/** Heddle's own XMP properties come first; after them what other programs put into EXIF. */
function readTagged(xmp: string | undefined, exif: Uint8Array | undefined): Embedded {
  const entries = new Map<string, string>();
  const { texts, userComment } = exif ? readExifText(exif) : { texts: [], userComment: undefined };
  if (userComment !== undefined && userComment !== "") entries.set(PARAMETERS, userComment);
  for (const text of texts) {
    const [, name, value] = /^(workflow|prompt):\s*([{"].*)$/is.exec(text) ?? [];
    if (name !== undefined && value !== undefined) entries.set(name.toLowerCase(), value);
  }
  for (const name of [WORKFLOW, PARAMETERS]) {
    const value = xmp === undefined ? undefined : readXmpProperty(xmp, name);
    if (value !== undefined) entries.set(name, value);
  }
  return entriesOf(entries);
}

function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

function isWebp(bytes: Uint8Array): boolean {
  return latin1(bytes.subarray(0, 4)) === "RIFF" && latin1(bytes.subarray(8, 12)) === "WEBP";
}

const XMP_SIGNATURE = "http://ns.adobe.com/xap/1.0/\0";

const EXIF_SIGNATURE = "Exif\0\0";

function jpegXmp(bytes: Uint8Array): string | undefined {
  const packet = jpegApp1(bytes, XMP_SIGNATURE);
  return packet && new TextDecoder().decode(packet);
}

function jpegExif(bytes: Uint8Array): Uint8Array | undefined {
  return jpegApp1(bytes, EXIF_SIGNATURE);
}

/** What follows the signature in an APP1 segment before the picture data (ISO 16684-3, EXIF 2.32). */
function jpegApp1(bytes: Uint8Array, signature: string): Uint8Array | undefined {
  const view = viewOf(bytes);
  for (let offset = 2; offset + 4 <= bytes.length && bytes[offset] === 0xff; ) {
    const marker = bytes[offset + 1]!;
    const isStartOfScan = marker === 0xda;
    if (isStartOfScan) return undefined;
    const end = offset + 2 + view.getUint16(offset + 2);
    const data = bytes.subarray(offset + 4, end);
    if (marker === 0xe1 && latin1(data.subarray(0, signature.length)) === signature) {
      return data.subarray(signature.length);
    }
    offset = end;
  }
  return undefined;
}

function webpXmp(bytes: Uint8Array): string | undefined {
  const packet = webpChunk(bytes, "XMP ");
  return packet && new TextDecoder().decode(packet);
}

/** A chunk of a RIFF container; chunks are padded to an even length. */
function webpChunk(bytes: Uint8Array, name: string): Uint8Array | undefined {
  const view = viewOf(bytes);
  for (let offset = 12; offset + 8 <= bytes.length; ) {
    const length = view.getUint32(offset + 4, true);
    if (latin1(bytes.subarray(offset, offset + 4)) === name) return bytes.subarray(offset + 8, offset + 8 + length);
    offset += 8 + length + (length % 2);
  }
  return undefined;
}
