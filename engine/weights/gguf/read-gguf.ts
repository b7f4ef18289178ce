import { type FileHandle, open, realpath, stat } from "node:fs/promises";
import { HeddleError } from "../../../common/errors.ts";
import { unreadable } from "../safetensors.ts";
import {
  bytesPerElement,
  type DType,
  elementCount,
  isQuantised,
  type QuantisedType,
  type TensorInfo,
} from "../tensor.ts";
import { fingerprintOf, type WeightSet } from "../weight-set.ts";
import { blockFormats } from "./block-formats.ts";

/** Longest header that is read; tokenizers of a language model take some 10 MB. */
const MAX_HEADER_BYTES = 100_000_000;
const FIRST_READ_BYTES = 1 << 20;
const DEFAULT_ALIGNMENT = 32;
/** Arrays longer than this (vocabularies) are passed over; shapes are shorter. */
const MAX_KEPT_ARRAY = 16;

/** Type numbers of ggml (enum ggml_type). */
const storedTypes: ReadonlyMap<number, DType | QuantisedType> = new Map([
  [0, "F32"],
  [1, "F16"],
  [2, "Q4_0"],
  [3, "Q4_1"],
  [6, "Q5_0"],
  [7, "Q5_1"],
  [8, "Q8_0"],
  [12, "Q4_K"],
  [13, "Q5_K"],
  [14, "Q6_K"],
  [24, "I8"],
  [25, "I16"],
  [26, "I32"],
  [27, "I64"],
  [28, "F64"],
  [30, "BF16"],
]);
const unreadTypes: ReadonlyMap<number, string> = new Map([
  [9, "Q8_1"],
  [10, "Q2_K"],
  [11, "Q3_K"],
  [15, "Q8_K"],
  [16, "IQ2_XXS"],
  [17, "IQ2_XS"],
  [18, "IQ3_XXS"],
  [19, "IQ1_S"],
  [20, "IQ4_NL"],
  [21, "IQ3_S"],
  [22, "IQ2_S"],
  [23, "IQ4_XS"],
  [29, "IQ1_M"],
  [34, "TQ1_0"],
  [35, "TQ2_0"],
  [39, "MXFP4"],
]);

interface GgufHeader {
  /** Text, numbers and short arrays (joined by commas); long arrays are left out. */
  readonly metadata: Record<string, string>;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
}

/**
 * A GGUF file (version 2 or 3) as a weight set. Shapes are row-major, so ggml's order of dimensions is reversed.
 *
 * @throws HeddleError `file-unreadable`; `gguf-invalid` for a header that does not add up (truncated, sizes or offsets
 *   outside the file, duplicate names, overlaps); `gguf-type-unsupported` for a quantisation Heddle does not decode.
 */
export async function openGgufFile(path: string): Promise<WeightSet> {
  let file: FileHandle;
  let real: string;
  try {
    real = await realpath(path);
    if (!(await stat(real)).isFile()) throw new Error("it is not a file");
    file = await open(real, "r");
  } catch (cause) {
    throw unreadable(path, cause);
  }
  try {
    const { size, mtimeMs: modifiedMs } = await file.stat();
    const { metadata, tensors } = await readHeader(file, { path, real, size });
    return { tensors, metadata, fingerprint: fingerprintOf([{ path: real, size, modifiedMs }]), path: real };
  } finally {
    await file.close();
  }
}

interface Place {
  /** As the user named it. */
  readonly path: string;
  readonly real: string;
  readonly size: number;
}

/** The header's length is nowhere stated: as long as it does not fit, twice as much is read. */
async function readHeader(file: FileHandle, place: Place): Promise<GgufHeader> {
  for (let bytes = FIRST_READ_BYTES; ; bytes *= 2) {
    const length = Math.min(bytes, place.size, MAX_HEADER_BYTES);
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await file.read(buffer, 0, length, 0);
    try {
      return parseHeader(new Cursor(buffer.subarray(0, bytesRead), place), place);
    } catch (error) {
      if (!(error instanceof HeaderContinues)) throw error;
      if (bytesRead < length || length === place.size) {
        throw noGguf(place.path, "it ends before its header does", { cause: "ends-early" });
      }
      if (length === MAX_HEADER_BYTES) throw noGguf(place.path, "its header is too long", { cause: "long-header" });
    }
  }
}

class HeaderContinues extends Error {}

/** Reads little-endian values one after the other; a length beyond the end of the file is refused at once. */
class Cursor {
  at = 0;
  readonly #bytes: Buffer;
  readonly #place: Place;

  constructor(bytes: Buffer, place: Place) {
    this.#bytes = bytes;
    this.#place = place;
  }

  /** Moves over `count` bytes and gives where they start. */
  take(count: number): number {
    const start = this.at;
    if (!Number.isSafeInteger(start + count) || start + count > this.#place.size) {
      throw noGguf(this.#place.path, "it is cut off or a length in its header is wrong", { cause: "length" });
    }
    if (start + count > this.#bytes.length) throw new HeaderContinues();
    this.at = start + count;
    return start;
  }

  u32(): number {
    return this.#bytes.readUInt32LE(this.take(4));
  }

  /** Values above 2^53 come out rounded, and every use of one checks it against the file's size. */
  u64(): number {
    const start = this.take(8);
    return this.#bytes.readUInt32LE(start) + this.#bytes.readUInt32LE(start + 4) * 2 ** 32;
  }

  text(): string {
    const length = this.u64();
    const start = this.take(length);
    return this.#bytes.toString("utf8", start, start + length);
  }

  /** A metadata value as text; undefined for a long array. */
  value(type: number, depth = 0): string | undefined {
    const bytes = this.#bytes;
    switch (type) {
      case 0:
        return String(bytes.readUInt8(this.take(1)));
      case 1:
        return String(bytes.readInt8(this.take(1)));
      case 2:
        return String(bytes.readUInt16LE(this.take(2)));
      case 3:
        return String(bytes.readInt16LE(this.take(2)));
      case 4:
        return String(this.u32());
      case 5:
        return String(bytes.readInt32LE(this.take(4)));
      case 6:
        return String(bytes.readFloatLE(this.take(4)));
      case 7:
        return String(bytes.readUInt8(this.take(1)) !== 0);
      case 8:
        return this.text();
      case 9:
        return this.#array(depth);
      case 10:
        return String(bytes.readBigUInt64LE(this.take(8)));
      case 11:
        return String(bytes.readBigInt64LE(this.take(8)));
      case 12:
        return String(bytes.readDoubleLE(this.take(8)));
      default:
        throw noGguf(this.#place.path, `its metadata has a value of the unknown type ${type}`, {
          cause: "metadata-type",
          type,
        });
    }
  }

  #array(depth: number): string | undefined {
    if (depth > 3) throw noGguf(this.#place.path, "its metadata is nested too deeply", { cause: "nested" });
    const type = this.u32();
    const count = this.u64();
    const size = fixedSizes.get(type);
    if (count > MAX_KEPT_ARRAY && size !== undefined) {
      this.take(count * size);
      return undefined;
    }
    const kept: (string | undefined)[] = [];
    for (let i = 0; i < count; i++) {
      if (type === 8 && count > MAX_KEPT_ARRAY) this.take(this.u64());
      else kept[i % MAX_KEPT_ARRAY] = this.value(type, depth + 1);
    }
    return count > MAX_KEPT_ARRAY ? undefined : kept.join(",");
  }
}

/** Bytes of the metadata types that always take the same. */
const fixedSizes: ReadonlyMap<number, number> = new Map([
  [0, 1],
  [1, 1],
  [2, 2],
  [3, 2],
  [4, 4],
  [5, 4],
  [6, 4],
  [7, 1],
  [10, 8],
  [11, 8],
  [12, 8],
]);

function parseHeader(cursor: Cursor, place: Place): GgufHeader {
  const { path } = place;
  if (cursor.u32() !== 0x46554747) throw noGguf(path, "it does not start with GGUF", { cause: "start" });
  const version = cursor.u32();
  if (version !== 2 && version !== 3) {
    if (version === 1) throw noGguf(path, "its version is 1, which is outdated", { cause: "outdated" });
    if (version % 65_536 === 0) throw noGguf(path, "its version is big-endian", { cause: "big-endian" });
    throw noGguf(path, `its version is ${version}`, { cause: "version", version });
  }
  const tensorCount = cursor.u64();
  const valueCount = cursor.u64();
  const metadata: Record<string, string> = {};
  for (let i = 0; i < valueCount; i++) {
    const key = cursor.text();
    const value = cursor.value(cursor.u32());
    if (value !== undefined) metadata[key] = value;
  }
  const entries: Entry[] = [];
  for (let i = 0; i < tensorCount; i++) entries.push(readEntry(cursor, path));

  const alignment = Number(metadata["general.alignment"] ?? DEFAULT_ALIGNMENT);
  if (!Number.isInteger(alignment) || alignment < 1 || alignment > 2 ** 20) {
    const stated = metadata["general.alignment"] ?? "";
    throw noGguf(path, `its alignment is ${stated}`, { cause: "alignment", alignment: stated });
  }
  const dataStart = Math.ceil(cursor.at / alignment) * alignment;
  const tensors = new Map<string, TensorInfo>();
  for (const entry of entries) {
    const { name } = entry;
    if (tensors.has(name)) throw noGguf(path, `it names the tensor "${name}" twice`, { cause: "twice", tensor: name });
    tensors.set(name, locate(entry, metadata, dataStart, alignment, place));
  }
  refuseOverlaps([...tensors.values()], path);
  return { metadata, tensors };
}

interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DType | QuantisedType;
  readonly offset: number;
}

function readEntry(cursor: Cursor, path: string): Entry {
  const name = cursor.text();
  const dimensions = cursor.u32();
  if (dimensions > 8) {
    throw noGguf(path, `the tensor "${name}" has ${dimensions} dimensions`, {
      cause: "dimensions",
      tensor: name,
      dimensions,
    });
  }
  const shape = Array.from({ length: dimensions }, () => cursor.u64()).reverse();
  const type = cursor.u32();
  const offset = cursor.u64();
  const dtype = storedTypes.get(type);
  if (dtype !== undefined) return { name, shape, dtype, offset };
  const typeName = unreadTypes.get(type);
  if (typeName === undefined) {
    throw noGguf(path, `the tensor "${name}" has the unknown type ${type}`, { cause: "type", tensor: name, type });
  }
  throw new HeddleError({
    code: "gguf-type-unsupported",
    message: `"${path}" is quantised as ${typeName}, which Heddle does not read.`,
    help: "Get the Q4_K_M, Q5_K_M, Q6_K or Q8_0 form of this model.",
    details: { path, tensor: name, type: typeName },
  });
}

function locate(
  { name, shape, dtype, offset }: Entry,
  metadata: Readonly<Record<string, string>>,
  dataStart: number,
  alignment: number,
  { path, real, size }: Place,
): TensorInfo {
  const count = elementCount(shape);
  const format = isQuantised(dtype) ? blockFormats[dtype] : { values: 1, bytes: bytesPerElement[dtype] };
  if (!Number.isSafeInteger(count)) {
    throw noGguf(path, `the tensor "${name}" is impossibly large`, { cause: "huge", tensor: name });
  }
  if ((shape.at(-1) ?? 1) % format.values !== 0) {
    throw noGguf(path, `the rows of the tensor "${name}" are no whole number of ${dtype} blocks`, {
      cause: "rows",
      tensor: name,
      type: dtype,
    });
  }
  const byteLength = (count / format.values) * format.bytes;
  if (offset % alignment !== 0) {
    throw noGguf(path, `the tensor "${name}" is not aligned`, { cause: "unaligned", tensor: name });
  }
  if (dataStart + offset + byteLength > size) {
    throw noGguf(path, `the tensor "${name}" lies outside the file, which is probably cut off`, {
      cause: "outside",
      tensor: name,
    });
  }
  const original = originalShape(metadata[`comfy.gguf.orig_shape.${name}`]);
  const kept = original !== undefined && elementCount(original) === count && !isQuantised(dtype) ? original : shape;
  return { name, dtype, shape: kept, path: real, offset: dataStart + offset, byteLength };
}

/** ComfyUI-GGUF stores tensors of odd shapes flattened, and says in the metadata what they were. */
function originalShape(text: string | undefined): number[] | undefined {
  const sizes = text?.split(",").map(Number);
  return sizes?.every((size) => Number.isInteger(size) && size >= 0) ? sizes : undefined;
}

function refuseOverlaps(tensors: TensorInfo[], path: string): void {
  const sorted = tensors.filter(({ byteLength }) => byteLength > 0).sort((a, b) => a.offset - b.offset);
  for (const [i, tensor] of sorted.entries()) {
    const before = sorted[i - 1];
    if (before !== undefined && tensor.offset < before.offset + before.byteLength) {
      throw noGguf(path, `the tensors "${before.name}" and "${tensor.name}" overlap`, {
        cause: "overlap",
        tensor: before.name,
        other: tensor.name,
      });
    }
  }
}

/** @param facts `cause` names what is wrong; the rest are the facts in `what` */
function noGguf(
  path: string,
  what: string,
  facts: { readonly cause: string } & Readonly<Record<string, string | number>>,
): HeddleError {
  return new HeddleError({
    code: "gguf-invalid",
    message: `"${path}" is not a usable GGUF file: ${what}.`,
    help: "Download the file again, and compare its size and checksum with the ones its page states.",
    details: { path, ...facts },
  });
}
