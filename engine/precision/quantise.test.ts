import { describe, expect, it } from "vitest";
import { pseudoRandom } from "../../test/support/encode-safetensors.ts";
import { hadamard, quantiseBlocks, quantiseRows, rotate, SPLIT_RATIO, splitRows } from "./quantise.ts";

const random = (count: number) => Float32Array.from({ length: count }, pseudoRandom(count));

describe("rotate", () => {
  it("is undone by itself and keeps the norm", () => {
    const values = random(256);
    const rotated = values.slice();
    rotate(rotated, 64);
    const norm = (array: Float32Array) => Math.hypot(...array);
    expect(norm(rotated)).toBeCloseTo(norm(values), 4);
    rotate(rotated, 64);
    expect(Math.max(...rotated.map((value, i) => Math.abs(value - values[i]!)))).toBeLessThan(1e-6);
  });

  it("spreads one outlier over its block", () => {
    const values = new Float32Array(128);
    values[5] = 8;
    rotate(values, 128);
    expect(Math.max(...values.map(Math.abs))).toBeCloseTo(8 / Math.sqrt(128), 5);
  });

  it("is multiplication with the Hadamard matrix", () => {
    const size = 32;
    const values = random(size);
    const matrix = hadamard(size);
    const product = values.map((_, column) =>
      values.reduce((sum, value, row) => sum + value * matrix[row * size + column]!, 0),
    );
    rotate(values, size);
    for (const [i, value] of values.entries()) expect(value).toBeCloseTo(product[i]!, 5);
  });
});

describe("quantiseRows and splitRows", () => {
  it("stay within half a step of each row's own scale", () => {
    const columns = 48;
    const values = random(4 * columns).map((value, i) => value * 10 ** Math.floor(i / columns));
    const { integers, scales } = quantiseRows(values, columns);
    for (const [i, value] of values.entries()) {
      const scale = scales[Math.floor(i / columns)]!;
      expect(Math.abs(value - scale * integers[i]!)).toBeLessThanOrEqual(scale * 0.501);
    }
  });

  it("splits 254 times finer, and gives zero for a row of zeros", () => {
    const columns = 48;
    const values = random(3 * columns);
    values.fill(0, columns, 2 * columns);
    const { high, low, scales } = splitRows(values, columns);
    for (const [i, value] of values.entries()) {
      const scale = scales[Math.floor(i / columns)]!;
      const restored = scale * (high[i]! + low[i]! / SPLIT_RATIO);
      expect(Math.abs(value - restored)).toBeLessThanOrEqual((scale * 0.51) / SPLIT_RATIO);
    }
    expect(high.subarray(columns, 2 * columns).every((value) => value === 0)).toBe(true);
  });
});

describe("quantiseBlocks", () => {
  it.each([4, 8] as const)("restores %i-bit blocks, the last one of a row shorter", (bits) => {
    const columns = 40;
    const blockSize = 32;
    const values = random(3 * columns);
    const { bytes, scales } = quantiseBlocks(values, columns, bits, blockSize);
    const offset = 2 ** (bits - 1);
    for (const [i, value] of values.entries()) {
      const row = Math.floor(i / columns);
      const column = i % columns;
      const block = row * 2 + Math.floor(column / blockSize);
      const at = block * blockSize + (column % blockSize);
      const integer = bits === 8 ? bytes[at]! : (bytes[at >> 1]! >> ((at & 1) * 4)) & 15;
      const scale = scales[block]!;
      expect(Math.abs(value - scale * (integer - offset))).toBeLessThanOrEqual(Math.abs(scale) * 1.001);
    }
    expect(bytes.length).toBe((3 * 2 * blockSize * bits) / 8);
  });
});
