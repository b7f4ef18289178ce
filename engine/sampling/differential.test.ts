import { describe, expect, it } from "vitest";
import { repaintedAt, repaintSteps } from "./differential.ts";

const row = (...values: number[]) => ({ width: values.length, height: 1, values });

describe("repaintSteps", () => {
  it("keeps a cell of value v for the steps that image-to-image of that strength leaves out", () => {
    expect([...repaintSteps(row(1, 0.75, 0.5, 0.3, 0.1, 0), 6, 1, 8)]).toEqual([0, 2, 4, 6, 8, 8]);
  });

  it("takes the mean of the pixels that a cell covers", () => {
    expect([...repaintSteps(row(1, 0, 1, 1), 2, 1, 4)]).toEqual([2, 0]);
  });

  it("repeats pixels where the grid is finer than the mask", () => {
    expect([...repaintSteps(row(1, 0), 4, 2, 4)]).toEqual([0, 0, 4, 4, 0, 0, 4, 4]);
  });

  it("takes white that was stored in floating point as white", () => {
    expect([...repaintSteps(row(0.999999), 1, 1, 50)]).toEqual([0]);
  });
});

describe("repaintedAt", () => {
  it("has a cell repainted from its step on", () => {
    const starts = Uint16Array.of(0, 2, 4);
    expect([...repaintedAt(starts, 1)]).toEqual([1, 0, 0]);
    expect([...repaintedAt(starts, 2)]).toEqual([1, 1, 0]);
    expect([...repaintedAt(starts, 3)]).toEqual([1, 1, 0]);
  });
});
