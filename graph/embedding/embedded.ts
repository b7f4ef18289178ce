import type { WorkflowDocument } from "../document.ts";
import { latin1, viewOf } from "./bytes.ts";
import { isPng, readPngText } from "./png-text.ts";
import { readXmpProperty } from "./xmp.ts";

/** What a picture says about how it was made. */
export interface Embedded {
  /** JSON text, unchecked: it may be another program's workflow. */
  workflow?: string;
  /** The settings as text for people and for other programs. */
  parameters?: string;
}

/** Names of the entries: PNG keywords, and XMP properties of JPEG and WebP. */
const WORKFLOW = "workflow";
const PARAMETERS = "parameters";

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
  let read: (name: string) => string | undefined;
  if (isPng(bytes)) {
    const entries = readPngText(bytes);
    read = (name) => entries.get(name);
  } else if (isJpeg(bytes) || isWebp(bytes)) {
    const xmp = isJpeg(bytes) ? jpegXmp(bytes) : webpXmp(bytes);
    read = (name) => xmp && readXmpProperty(xmp, name);
  } else {
    return undefined;
  }
  const workflow = read(WORKFLOW);
  const parameters = read(PARAMETERS);
  return { ...(workflow === undefined ? {} : { workflow }), ...(parameters === undefined ? {} : { parameters }) };
}

function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

function isWebp(bytes: Uint8Array): boolean {
  return latin1(bytes.subarray(0, 4)) === "RIFF" && latin1(bytes.subarray(8, 12)) === "WEBP";
}

const XMP_SIGNATURE = "http://ns.adobe.com/xap/1.0/\0";

/** The XMP packet in an APP1 segment before the picture data (ISO 16684-3). */
function jpegXmp(bytes: Uint8Array): string | undefined {
  const view = viewOf(bytes);
  for (let offset = 2; offset + 4 <= bytes.length && bytes[offset] === 0xff; ) {
    const marker = bytes[offset + 1]!;
    const isStartOfScan = marker === 0xda;
    if (isStartOfScan) return undefined;
    const end = offset + 2 + view.getUint16(offset + 2);
    const data = bytes.subarray(offset + 4, end);
    if (marker === 0xe1 && latin1(data.subarray(0, XMP_SIGNATURE.length)) === XMP_SIGNATURE) {
      return new TextDecoder().decode(data.subarray(XMP_SIGNATURE.length));
    }
    offset = end;
  }
  return undefined;
}

/** The `XMP ` chunk of a RIFF container; chunks are padded to an even length. */
function webpXmp(bytes: Uint8Array): string | undefined {
  const view = viewOf(bytes);
  for (let offset = 12; offset + 8 <= bytes.length; ) {
    const length = view.getUint32(offset + 4, true);
    if (latin1(bytes.subarray(offset, offset + 4)) === "XMP ") {
      return new TextDecoder().decode(bytes.subarray(offset + 8, offset + 8 + length));
    }
    offset += 8 + length + (length % 2);
  }
  return undefined;
}
