import { expect, test } from "vitest";
import { encodeGguf, type GgufTensor } from "../../../test/support/encode-gguf.ts";
import { pseudoRandom } from "../../../test/support/encode-safetensors.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { readFloats } from "../read-tensor.ts";
import { type QuantisedType, quantisedTypes, sliceRows } from "../tensor.ts";
import { blockFormats, decodeBlocks } from "./block-formats.ts";
import { openGgufFile } from "./read-gguf.ts";

const random = pseudoRandom(5);
const integer = (below: number) => Math.floor(((random() + 1) / 2) * below);
const integers = (count: number, below: number) => Array.from({ length: count }, () => integer(below));
/** Half floats that are exact: 0.25 and -1.5. */
const [quarter, minusOneAndHalf] = [
  [0x00, 0x34],
  [0x00, 0xbe],
];

/** Bits `bits`, each a list of bytes' bit positions from the lowest, set one by one: slow, and nothing like the decoder. */
class BitPacker {
  readonly bytes: number[];
  constructor(length: number) {
    this.bytes = new Array<number>(length).fill(0);
  }
  set(byte: number, firstBit: number, width: number, value: number): void {
    for (let bit = 0; bit < width; bit++) {
      if ((value >> bit) & 1) this.bytes[byte]! |= 1 << (firstBit + bit);
    }
  }
}

/** A block of random content and the values it stands for, from the definition in ggml-common.h. */
const encoders: Record<QuantisedType, () => { bytes: number[]; values: number[] }> = {
  Q4_0: () => {
    const q = integers(32, 16);
    return { bytes: [...quarter, ...nibbles(q)], values: q.map((v) => 0.25 * (v - 8)) };
  },
  Q4_1: () => {
    const q = integers(32, 16);
    return { bytes: [...quarter, ...minusOneAndHalf, ...nibbles(q)], values: q.map((v) => 0.25 * v - 1.5) };
  },
  Q5_0: () => {
    const q = integers(32, 32);
    return { bytes: [...quarter, ...fifths(q), ...nibbles(q)], values: q.map((v) => 0.25 * (v - 16)) };
  },
  Q5_1: () => {
    const q = integers(32, 32);
    const bytes = [...quarter, ...minusOneAndHalf, ...fifths(q), ...nibbles(q)];
    return { bytes, values: q.map((v) => 0.25 * v - 1.5) };
  },
  Q8_0: () => {
    const q = integers(32, 256).map((v) => v - 128);
    return { bytes: [...quarter, ...q.map((v) => v & 255)], values: q.map((v) => 0.25 * v) };
  },
  Q4_K: () => {
    const [q, scales, minima] = [integers(256, 16), integers(8, 64), integers(8, 64)];
    const bytes = [...quarter, ...minusOneAndHalf, ...sixBit(scales, minima), ...groupNibbles(q)];
    return { bytes, values: q.map((v, i) => 0.25 * scales[i >> 5]! * v + 1.5 * minima[i >> 5]!) };
  },
  Q5_K: () => {
    const [q, scales, minima] = [integers(256, 32), integers(8, 64), integers(8, 64)];
    const high = new BitPacker(32);
    for (const [i, v] of q.entries()) high.set(i % 32, i >> 5, 1, v >> 4);
    const bytes = [...quarter, ...minusOneAndHalf, ...sixBit(scales, minima), ...high.bytes, ...groupNibbles(q)];
    return { bytes, values: q.map((v, i) => 0.25 * scales[i >> 5]! * v + 1.5 * minima[i >> 5]!) };
  },
  Q6_K: () => {
    const [q, scales] = [integers(256, 64), integers(16, 256).map((v) => v - 128)];
    const [low, high] = [new BitPacker(128), new BitPacker(64)];
    for (const [i, v] of q.entries()) {
      const [half, k, lane] = [i >> 7, (i >> 5) & 3, i & 31];
      low.set(64 * half + 32 * (k % 2) + lane, k < 2 ? 0 : 4, 4, v & 15);
      high.set(32 * half + lane, 2 * k, 2, v >> 4);
    }
    const bytes = [...low.bytes, ...high.bytes, ...scales.map((v) => v & 255), ...quarter];
    return { bytes, values: q.map((v, i) => 0.25 * scales[i >> 4]! * (v - 32)) };
  },
};

function nibbles(q: readonly number[]): number[] {
  return Array.from({ length: 16 }, (_, i) => (q[i]! & 15) + 16 * (q[i + 16]! & 15));
}

function fifths(q: readonly number[]): number[] {
  const packer = new BitPacker(4);
  for (const [i, v] of q.entries()) packer.set(i >> 3, i & 7, 1, v >> 4);
  return packer.bytes;
}

function groupNibbles(q: readonly number[]): number[] {
  return Array.from({ length: 128 }, (_, i) => {
    const at = 64 * (i >> 5) + (i & 31);
    return (q[at]! & 15) + 16 * (q[at + 32]! & 15);
  });
}

function sixBit(scales: readonly number[], minima: readonly number[]): number[] {
  const packer = new BitPacker(12);
  for (let i = 0; i < 4; i++) {
    packer.set(i, 0, 6, scales[i]!);
    packer.set(4 + i, 0, 6, minima[i]!);
    packer.set(8 + i, 0, 4, scales[4 + i]! & 15);
    packer.set(8 + i, 4, 4, minima[4 + i]! & 15);
    packer.set(i, 6, 2, scales[4 + i]! >> 4);
    packer.set(4 + i, 6, 2, minima[4 + i]! >> 4);
  }
  return packer.bytes;
}

test.each([...quantisedTypes])("%s blocks decode to what their definition says", (type) => {
  const blocks = Array.from({ length: 5 }, encoders[type]);
  const bytes = Uint8Array.from(blocks.flatMap((block) => block.bytes));
  expect(bytes).toHaveLength(5 * blockFormats[type].bytes);
  expect([...decodeBlocks(type, bytes).map((v) => v + 0)]).toEqual(
    blocks.flatMap((block) => block.values.map((v) => v + 0)),
  );
});

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const q8 = () => Array.from({ length: 6 }, encoders.Q8_0);

async function openBytes(bytes: Uint8Array) {
  const folder = await temporaryFolder();
  return openGgufFile(await folder.write("model.gguf", bytes));
}

test.each([2, 3])(
  "version %i: shapes are row-major, and rows of a quantised tensor are slices of the file",
  async (version) => {
    const blocks = q8();
    const weight = { shape: [3, 64], type: 8, bytes: Uint8Array.from(blocks.flatMap((block) => block.bytes)) };
    const bias = { shape: [3], type: 0, bytes: floats(1, 2, 3) };
    const folder = await temporaryFolder();
    const metadata = { "general.architecture": "lumina2", "general.name": "z_image" };
    const path = await folder.write("model.gguf", encodeGguf({ weight, bias }, metadata, version));
    const weights = await openGgufFile(path);
    expect(weights.metadata).toEqual(metadata);
    const read = weights.tensors.get("weight")!;
    expect(read).toMatchObject({ shape: [3, 64], dtype: "Q8_0" });
    const values = blocks.flatMap((block) => block.values);
    expect([...(await readFloats(read))]).toEqual(values.map((v) => v + 0));
    expect([...(await readFloats(sliceRows(read, 1, 1)))]).toEqual(values.slice(64, 128).map((v) => v + 0));
    expect([...(await readFloats(weights.tensors.get("bias")!))]).toEqual([1, 2, 3]);
  },
);

test("a shape that ComfyUI-GGUF flattened is restored", async () => {
  const kernel = { shape: [12], type: 0, bytes: floats(...Array.from({ length: 12 }, (_, i) => i)) };
  const { tensors } = await openBytes(encodeGguf({ kernel }, { "comfy.gguf.orig_shape.kernel": [3, 2, 2] }));
  expect(tensors.get("kernel")!.shape).toEqual([3, 2, 2]);
});

const fine: GgufTensor = { shape: [2, 4], type: 0, bytes: floats(1, 2, 3, 4, 5, 6, 7, 8) };
const good = encodeGguf({ fine });

test.each([
  ["cut off in the data", good.subarray(0, good.length - 16), "gguf-invalid"],
  ["cut off in the header", good.subarray(0, 40), "gguf-invalid"],
  ["version 1", encodeGguf({ fine }, {}, 1), "gguf-invalid"],
  ["big-endian", encodeGguf({ fine }, {}, 0x03000000), "gguf-invalid"],
  [
    "rows that are no whole blocks",
    encodeGguf({ odd: { shape: [2, 33], type: 8, bytes: new Uint8Array(70) } }),
    "gguf-invalid",
  ],
  ["an impossible size", encodeGguf({ big: { ...fine, shape: [2 ** 40, 2 ** 40] } }), "gguf-invalid"],
  ["a type nobody knows", encodeGguf({ odd: { ...fine, type: 99 } }), "gguf-invalid"],
  ["a type that is not read", encodeGguf({ odd: { ...fine, type: 10 } }), "gguf-type-unsupported"],
  ["a bad alignment", encodeGguf({ fine }, { "general.alignment": "x" }), "gguf-invalid"],
])("%s is refused", async (_, bytes, code) => {
  await expect(openBytes(bytes)).rejects.toMatchObject({ code });
});
