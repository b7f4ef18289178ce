import { describe, expect, it } from "vitest";
import { applyGuidance, guidanceFromCfgScale, isGuided } from "./guidance.ts";

const positive = Float32Array.of(3, 4, 1, 0);
const negative = Float32Array.of(1, 0, 1, 2);
const norm = (values: Float32Array) => Math.hypot(...values);

describe("guidance", () => {
  it("is the conventional scale less 1: both forms give the same", () => {
    const scale = 5;
    const guided = applyGuidance(positive, negative, { guidance: guidanceFromCfgScale(scale) });
    expect([...guided]).toEqual([...positive].map((value, i) => negative[i]! + scale * (value - negative[i]!)));
  });

  it("shrinks a sample to the allowed norm and never enlarges one", () => {
    const options = { guidance: 4, cfgNormalization: 1 };
    const [first, second] = [0, 2].map((start) =>
      applyGuidance(positive, negative, options, 2).subarray(start, start + 2),
    ) as [Float32Array, Float32Array];
    expect(norm(first)).toBeCloseTo(5, 5);
    expect(norm(second)).toBeCloseTo(1, 5);

    const small = applyGuidance(Float32Array.of(2, 0), Float32Array.of(3, 0), { guidance: 1, cfgNormalization: 1 });
    expect([...small]).toEqual([1, 0]);
  });

  it("takes the norm over the whole sample by default", () => {
    const guided = applyGuidance(positive, negative, { guidance: 4, cfgNormalization: 0.5 });
    expect(norm(guided)).toBeCloseTo(norm(positive) / 2, 5);
  });

  it.each([
    [{ guidance: 4 }, 0.001, true],
    [{ guidance: 0 }, 1, false],
    [{ guidance: -0.5 }, 1, true],
    // Strictly after the given share of the sampling.
    [{ guidance: 4, cfgTruncation: 0.5 }, 0.5, true],
    [{ guidance: 4, cfgTruncation: 0.5 }, 0.49, false],
    [{ guidance: 4, cfgTruncation: 1 }, 0, true],
  ])("with %j at sigma %s: guided is %s", (options, sigma, expected) => {
    expect(isGuided(options, sigma)).toBe(expected);
  });
});
