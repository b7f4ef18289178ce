import { describe, expect, test } from "vitest";
import { controlProfile, isControlActive } from "./control-modes.ts";

describe("controlProfile", () => {
  test("balanced acts in full in every pass", () => {
    for (const pass of ["alone", "positive", "negative"] as const) {
      expect(controlProfile("balanced", pass, 3)).toEqual({ layers: [1, 1, 1], refiner: 1 });
      expect(controlProfile(undefined, pass, 3)).toEqual({ layers: [1, 1, 1], refiner: 1 });
    }
  });

  test("prompt weighs 13 layers as ControlNet's guess mode, in both passes", () => {
    const { layers, refiner } = controlProfile("prompt", "positive", 13)!;
    const guessMode = [
      0.099414, 0.120502, 0.146063, 0.177046, 0.214601, 0.260122, 0.3153, 0.382182, 0.46325, 0.561516, 0.680625, 0.825,
      1.0,
    ];
    for (const [i, weight] of guessMode.entries()) expect(layers[i]).toBeCloseTo(weight, 6);
    expect(refiner).toBe(layers[0]);
    expect(controlProfile("prompt", "negative", 13)).toEqual(controlProfile("prompt", "positive", 13));
  });

  test.each([2, 6, 15])("the range is the same for a net of %i layers", (count) => {
    const { layers } = controlProfile("prompt", "alone", count)!;
    expect(layers).toHaveLength(count);
    expect(layers[0]).toBeCloseTo(0.825 ** 12, 10);
    expect(layers.at(-1)).toBe(1);
    expect(controlProfile("prompt", "alone", 1)!.layers).toEqual([1]);
  });

  test("control leaves the negative pass alone, and acts in full where there is no guidance", () => {
    expect(controlProfile("control", "negative", 4)).toBeUndefined();
    expect(controlProfile("control", "positive", 4)).toEqual(controlProfile("prompt", "positive", 4));
    expect(controlProfile("control", "alone", 4)).toEqual(controlProfile("balanced", "alone", 4));
  });
});

test("a ControlNet acts in its share of the steps, or from one step to another", () => {
  const active = (range: Parameters<typeof isControlActive>[0]) =>
    Array.from({ length: 8 }, (_, step) => step).filter((step) => isControlActive(range, step, 8));
  expect(active({ start: 0, end: 1 })).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(active({ start: 0.25, end: 0.8 })).toEqual([2, 3, 4, 5, 6]);
  expect(active({ start: 0, end: 1, steps: { start: 3, end: 5 } })).toEqual([3, 4]);
  expect(active({ start: 0, end: 1, steps: { start: 0, end: 1000 } })).toHaveLength(8);
});
