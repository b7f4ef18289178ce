import { describe, expect, test } from "vitest";
import type { Acceleration } from "../../types.ts";
import { blockSplit, StepCache } from "./step-cache.ts";

const settings: Acceleration = { method: "first-block", threshold: 0.1, maxConsecutive: 2 };
const values = (...numbers: number[]) => Float32Array.from(numbers);
const cacheOf = (overrides: Partial<Acceleration> = {}) =>
  new StepCache({ ...settings, ...overrides }, { run: 0, skipped: 0 });

describe("a step cache", () => {
  test("has nothing to reuse at first, then reuses while the first block changes little since the last full run", () => {
    const cache = cacheOf();
    const residual = values(5);
    expect(cache.reuse(values(1, -1), true)).toBeUndefined();
    cache.keep(residual);
    expect(cache.reuse(values(1.05, -1), true)).toBe(residual);
    // Compared with the full run, not with the step before.
    expect(cache.reuse(values(1.15, -1.15), true)).toBeUndefined();
    cache.keep(residual);
    expect(cache.reuse(values(1.2, -1.2), true)).toBe(residual);
  });

  test("runs everything again after so many reuses, and outside of its range", () => {
    const cache = cacheOf();
    const decisions = [true, true, true, true, false, true].map((mayReuse) => {
      const reused = cache.reuse(values(1), mayReuse) !== undefined;
      if (!reused) cache.keep(values(1));
      return reused;
    });
    expect(decisions).toEqual([false, true, true, false, false, true]);
  });

  test("TeaCache adds up the changes from step to step", () => {
    const cache = cacheOf({ method: "tea", threshold: 0.25, maxConsecutive: 5 });
    const decisions = [1, 1.1, 1.21, 1.331, 1.46].map((value) => {
      const reused = cache.reuse(values(value), true) !== undefined;
      if (!reused) cache.keep(values(1));
      return reused;
    });
    expect(decisions).toEqual([false, true, true, false, true]);
  });

  test("threshold 0 never reuses", () => {
    const cache = cacheOf({ threshold: 0 });
    for (let i = 0; i < 3; i++) {
      expect(cache.reuse(values(1), true)).toBeUndefined();
      cache.keep(values(1));
    }
  });
});

test("layers are cut so that at least one can be left out", () => {
  expect(blockSplit({ ...settings, method: "tea" }, 30)).toEqual({ first: 0, last: 0 });
  expect(blockSplit(settings, 30)).toEqual({ first: 1, last: 0 });
  expect(blockSplit({ ...settings, method: "dual-block" }, 30)).toEqual({ first: 8, last: 0 });
  expect(blockSplit({ ...settings, method: "dual-block", firstBlocks: 9, lastBlocks: 4 }, 7)).toEqual({
    first: 6,
    last: 0,
  });
  expect(blockSplit({ ...settings, method: "dual-block", firstBlocks: 2, lastBlocks: 9 }, 7)).toEqual({
    first: 2,
    last: 4,
  });
});
