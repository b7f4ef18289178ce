export interface GgufTensor {
  /** Row-major. */
  readonly shape: readonly number[];
  /** ggml's type number. */
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** A GGUF file as bytes, with text and number[] metadata. */
export function encodeGguf(
  tensors: Readonly<Record<string, GgufTensor>>,
  metadata: Readonly<Record<string, string | readonly number[]>> = {},
  version = 3,
): Buffer {
  const parts: Buffer[] = [Buffer.from("GGUF"), u32(version)];
  parts.push(u64(Object.keys(tensors).length), u64(Object.keys(metadata).length));
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value === "string") parts.push(text(key), u32(8), text(value));
    else parts.push(text(key), u32(9), u32(4), u64(value.length), ...value.map(u32));
  }
  let offset = 0;
  for (const [name, { shape, type, bytes }] of Object.entries(tensors)) {
    parts.push(text(name), u32(shape.length), ...shape.toReversed().map(u64), u32(type), u64(offset));
    offset += aligned(bytes.length);
  }
  const header = Buffer.concat(parts);
  const padded = Object.values(tensors).map(({ bytes }) => pad(bytes));
  return Buffer.concat([pad(header), ...padded]);
}

const aligned = (length: number) => Math.ceil(length / 32) * 32;
const pad = (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.alloc(aligned(bytes.length) - bytes.length)]);

function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

function u64(value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}
