/** Types that Heddle writes. */
export type WrittenType = "F32" | "BF16" | "F16";

export interface WrittenTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** The bytes of a safetensors file: length of the header (8 bytes, little-endian), JSON, data. */
export function encodeSafetensorsFile(
  tensors: ReadonlyMap<string, WrittenTensor>,
  type: WrittenType,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const bytesEach = type === "F32" ? 4 : 2;
  const header: Record<string, unknown> = { __metadata__: metadata };
  let at = 0;
  for (const [name, { shape, values }] of tensors) {
    const end = at + bytesEach * values.length;
    header[name] = { dtype: type, shape, data_offsets: [at, end] };
    at = end;
  }
  // Padded with blanks, as the format wants, so that the data are aligned.
  const json = JSON.stringify(header);
  const length = Math.ceil(Buffer.byteLength(json) / 8) * 8;
  const file = Buffer.alloc(8 + length + at, " ");
  file.writeBigUInt64LE(BigInt(length));
  file.write(json, 8);
  let to = 8 + length;
  for (const { values } of tensors.values()) {
    const bytes = encoded(values, type);
    file.set(bytes, to);
    to += bytes.length;
  }
  return file;
}

function encoded(values: Float32Array, type: WrittenType): Uint8Array {
  if (type === "F32") return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const rounded = Uint16Array.from(values, type === "BF16" ? floatToBfloat16 : floatToHalf);
  return new Uint8Array(rounded.buffer);
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** Rounded to the nearest, ties to even. */
function floatToBfloat16(value: number): number {
  float[0] = value;
  return (bits[0]! + 0x7fff + ((bits[0]! >>> 16) & 1)) >>> 16;
}

/** Rounded to the nearest, ties to even; what is too large becomes infinite. */
export function floatToHalf(value: number): number {
  float[0] = value;
  const sign = (bits[0]! >>> 16) & 0x8000;
  const size = Math.abs(float[0]!);
  if (Number.isNaN(size)) return 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | roundToEven(size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  return sign | (((exponent + 15) << 10) + roundToEven((size / 2 ** exponent - 1) * 1024));
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
