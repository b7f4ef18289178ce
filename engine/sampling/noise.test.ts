import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { TorchGenerator } from "./noise.ts";
import { ancestralNoise } from "./noise-source.ts";

interface ReferenceDraw {
  seed: string;
  shape: number[];
  first: number[];
  last: number[];
  sum: number;
  sumsq: number;
  second_draw_first: number[];
}

const reference: { cases: ReferenceDraw[] } = JSON.parse(
  readFileSync(new URL("../../test/golden/torch_randn.json", import.meta.url), "utf8"),
);
/** Two units in the last place of the largest values: torch's vectorised log and sine round differently. */
const ROUNDING = 5e-7;

function largestDifference(values: Float32Array, expected: number[]): number {
  return Math.max(...expected.map((value, i) => Math.abs(value - values[i]!)));
}

describe("TorchGenerator", () => {
  it.each(reference.cases)("draws what torch.randn($shape) draws with seed $seed, twice in a row", (draw) => {
    const generator = new TorchGenerator(BigInt(draw.seed));
    const count = draw.shape.reduce((product, size) => product * size, 1);
    const values = generator.randn(count);
    const second = generator.randn(count);

    expect(largestDifference(values, draw.first)).toBeLessThan(ROUNDING);
    expect(largestDifference(values.subarray(count - draw.last.length), draw.last)).toBeLessThan(ROUNDING);
    expect(largestDifference(second, draw.second_draw_first)).toBeLessThan(ROUNDING);
    expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(draw.sum, 3);
    expect(values.reduce((sum, value) => sum + value ** 2, 0)).toBeCloseTo(draw.sumsq, 2);
  });

  it("is exact where torch computes in double precision", () => {
    const short = reference.cases.find(({ shape }) => shape.length === 1 && shape[0] === 15)!;
    expect([...new TorchGenerator(BigInt(short.seed)).randn(15)]).toEqual(short.first);
  });

  it("takes every 64-bit seed and, like torch, counts its low 32 bits only", () => {
    const highest = new TorchGenerator(2n ** 64n - 1n).randn(16);
    expect(highest).toEqual(new TorchGenerator(0xffffffffn).randn(16));
    expect(new TorchGenerator(0n).randn(16)).not.toEqual(highest);
  });

  it.each([-1n, 2n ** 64n])("refuses the seed %s", (seed) => {
    expect(() => new TorchGenerator(seed)).toThrow(expect.objectContaining({ code: "seed-out-of-range" }));
  });

  it("draws uniform values in [0, 1) of 24 bits", () => {
    const values = new TorchGenerator(3n).rand(1000);
    expect(values.every((value) => value >= 0 && value < 1 && Number.isInteger(value * 2 ** 24))).toBe(true);
  });
});

describe("ancestralNoise", () => {
  it("is the next seed's noise and goes on from draw to draw", () => {
    const source = ancestralNoise(41n);
    const generator = new TorchGenerator(42n);
    expect(source.draw(32, 1, 0.5)).toEqual(generator.randn(32));
    expect(source.draw(32, 0.5, 0.2)).toEqual(generator.randn(32));
  });

  it("wraps around after the last seed", () => {
    expect(ancestralNoise(2n ** 64n - 1n).draw(16, 1, 0)).toEqual(new TorchGenerator(0n).randn(16));
  });
});
