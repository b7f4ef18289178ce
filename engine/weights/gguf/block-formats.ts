import { halfsToFloats } from "../float-formats.ts";
import type { QuantisedType } from "../tensor.ts";

interface BlockFormat {
  /** Values in a block. */
  readonly values: number;
  /** Bytes of a block. */
  readonly bytes: number;
  /** Decodes block `index`: `from` and `to` are where it starts in bytes and in values. */
  decode(bytes: Uint8Array, from: number, floats: Float32Array, to: number): void;
}

/** Layouts as ggml defines them (ggml-common.h); all numbers little-endian, `half` an IEEE half float. */
export const blockFormats: Record<QuantisedType, BlockFormat> = {
  Q4_0: { values: 32, bytes: 18, decode: decodeQ4_0 },
  Q4_1: { values: 32, bytes: 20, decode: decodeQ4_1 },
  Q5_0: { values: 32, bytes: 22, decode: decodeQ5_0 },
  Q5_1: { values: 32, bytes: 24, decode: decodeQ5_1 },
  Q8_0: { values: 32, bytes: 34, decode: decodeQ8_0 },
  Q4_K: { values: 256, bytes: 144, decode: decodeQ4_K },
  Q5_K: { values: 256, bytes: 176, decode: decodeQ5_K },
  Q6_K: { values: 256, bytes: 210, decode: decodeQ6_K },
};

/** `bytes` holds whole blocks. */
export function decodeBlocks(type: QuantisedType, bytes: Uint8Array): Float32Array {
  const format = blockFormats[type];
  const blocks = Math.floor(bytes.length / format.bytes);
  const floats = new Float32Array(blocks * format.values);
  for (let i = 0; i < blocks; i++) format.decode(bytes, i * format.bytes, floats, i * format.values);
  return floats;
}

const halfTable = halfsToFloats(Uint16Array.from({ length: 65_536 }, (_, bits) => bits));

function half(bytes: Uint8Array, at: number): number {
  return halfTable[bytes[at]! | (bytes[at + 1]! << 8)]!;
}

/** half d; 16 bytes, whose low nibbles are values 0 to 15 and whose high ones are 16 to 31. x = d (q - 8) */
function decodeQ4_0(bytes: Uint8Array, from: number, floats: Float32Array, to: number): void {
  const d = half(bytes, from);
  for (let i = 0; i < 16; i++) {
    const packed = bytes[from + 2 + i]!;
    floats[to + i] = d * ((packed & 15) - 8);
    floats[to + 16 + i] = d * ((packed >> 4) - 8);
  }
}

/** half d, m; nibbles as Q4_0. x = d q + m */
function decodeQ4_1(bytes: Uint8Array, from: number, floats: Float32Array, to: number): void {
  const d = half(bytes, from);
  const m = half(bytes, from + 2);
  for (let i = 0; i < 16; i++) {
    const packed = bytes[from + 4 + i]!;
    floats[to + i] = d * (packed & 15) + m;
    floats[to + 16 + i] = d * (packed >> 4) + m;
  }
}

/** half d; 32 bits, the fifth bit of each value; nibbles as Q4_0. x = d (q - 16) */
function decodeQ5_0(bytes: Uint8Array, from: number, floats: Float32Array, to: number): void {
  const d = half(bytes, from);
  const high = fifthBits(bytes, from + 2);
  for (let i = 0; i < 16; i++) {
    const packed = bytes[from + 6 + i]!;
    floats[to + i] = d * ((packed & 15) + (((high >>> i) & 1) << 4) - 16);
    floats[to + 16 + i] = d * ((packed >> 4) + (((high >>> (i + 16)) & 1) << 4) - 16);
  }
}

/** half d, m; fifth bits and nibbles as Q5_0. x = d q + m */
function decodeQ5_1(bytes: Uint8Array, from: number, floats: Float32Array, to: number): void {
  const d = half(bytes, from);
  const m = half(bytes, from + 2);
  const high = fifthBits(bytes, from + 4);
  for (let i = 0; i < 16; i++) {
    const packed = bytes[from + 8 + i]!;
    floats[to + i] = d * ((packed & 15) + (((high >>> i) & 1) << 4)) + m;
    floats[to + 16 + i] = d * ((packed >> 4) + (((high >>> (i + 16)) & 1) << 4)) + m;
  }
}

function fifthBits(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/** half d; 32 signed bytes. x = d q */
function decodeQ8_0(bytes: Uint8Array, from: number, floats: Float32Array, to: number): void {
  const d = half(bytes, from);
  for (let i = 0; i < 32; i++) floats[to + i] = (d * (bytes[from + 2 + i]! << 24)) / 2 ** 24;
}

/**
 * half d, dmin; 12 bytes with a 6-bit scale and a 6-bit minimum for each of 8 groups of 32 values; nibbles, where each 32
 * bytes hold one group in their low halves and the next in their high halves. x = d scale q - dmin minimum
 */
function decodeQ4_K(bytes: Uint8Array, from: number, floats: Float32Array, to: number): void {
  const d = half(bytes, from);
  const dmin = half(bytes, from + 2);
  for (let group = 0; group < 8; group++) {
    const scale = d * groupScale(bytes, from + 4, group);
    const minimum = dmin * groupMinimum(bytes, from + 4, group);
    const nibbles = from + 16 + 32 * (group >> 1);
    const shift = 4 * (group & 1);
    for (let i = 0; i < 32; i++) {
      floats[to + 32 * group + i] = scale * ((bytes[nibbles + i]! >> shift) & 15) - minimum;
    }
  }
}

/** As Q4_K, with 32 bytes before the nibbles: bit g of byte i is the fifth bit of value i of group g. */
function decodeQ5_K(bytes: Uint8Array, from: number, floats: Float32Array, to: number): void {
  const d = half(bytes, from);
  const dmin = half(bytes, from + 2);
  for (let group = 0; group < 8; group++) {
    const scale = d * groupScale(bytes, from + 4, group);
    const minimum = dmin * groupMinimum(bytes, from + 4, group);
    const nibbles = from + 48 + 32 * (group >> 1);
    const shift = 4 * (group & 1);
    for (let i = 0; i < 32; i++) {
      const high = (bytes[from + 16 + i]! >> group) & 1;
      floats[to + 32 * group + i] = scale * (((bytes[nibbles + i]! >> shift) & 15) | (high << 4)) - minimum;
    }
  }
}

/** Groups 0 to 3: the low 6 bits of bytes 0 to 3. Groups 4 to 7: low nibble of bytes 8 to 11, high bits from bytes 0 to 3. */
function groupScale(bytes: Uint8Array, at: number, group: number): number {
  if (group < 4) return bytes[at + group]! & 63;
  return (bytes[at + 4 + group]! & 15) | ((bytes[at + group - 4]! >> 6) << 4);
}

/** As the scales, in bytes 4 to 7 and in the high nibbles of bytes 8 to 11. */
function groupMinimum(bytes: Uint8Array, at: number, group: number): number {
  if (group < 4) return bytes[at + 4 + group]! & 63;
  return (bytes[at + 4 + group]! >> 4) | ((bytes[at + group]! >> 6) << 4);
}

/**
 * 128 bytes with the low 4 bits of 256 values, 64 with the high 2 bits, 16 signed scales for 16 values each, half d.
 * Each half of 128 values takes 64 and 32 of these bytes: value 32 k + i has nibble (k >> 1) of byte i + 32 (k & 1) and
 * bits 2 k of byte i. x = d scale (q - 32)
 */
function decodeQ6_K(bytes: Uint8Array, from: number, floats: Float32Array, to: number): void {
  const d = half(bytes, from + 208);
  for (let n = 0; n < 2; n++) {
    for (let k = 0; k < 4; k++) {
      const low = from + 64 * n + 32 * (k & 1);
      const high = from + 128 + 32 * n;
      const out = to + 128 * n + 32 * k;
      const nibble = 4 * (k >> 1);
      for (let part = 0; part < 2; part++) {
        const scale = (d * (bytes[from + 192 + 8 * n + 2 * k + part]! << 24)) / 2 ** 24;
        for (let i = 16 * part; i < 16 * part + 16; i++) {
          const q = ((bytes[low + i]! >> nibble) & 15) | (((bytes[high + i]! >> (2 * k)) & 3) << 4);
          floats[out + i] = scale * (q - 32);
        }
      }
    }
  }
}
