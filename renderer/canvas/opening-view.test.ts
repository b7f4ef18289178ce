import { describe, expect, it } from "vitest";
import { fittingView, openingView, showsSome } from "./opening-view.ts";

const stage = { width: 1000, height: 600 };

describe("the view of a workflow that is opened", () => {
  it("centres what fits, never enlarged", () => {
    expect(openingView([{ x: 100, y: 100, width: 200, height: 100 }], stage)).toEqual({ x: 300, y: 142, zoom: 1 });
  });

  it("shows the beginning of what does not fit, large enough to read", () => {
    const view = openingView([{ x: -400, y: 0, width: 5000, height: 300 }], stage);
    expect(view.zoom).toBe(0.75);
    expect(view.x + -400 * view.zoom).toBe(32);
  });

  it("shows all of what fits at a size at which one tells the cards apart", () => {
    const view = openingView([{ x: 0, y: 0, width: 1872, height: 300 }], stage);
    expect(view.zoom).toBeCloseTo(0.5);
    expect(view.x).toBe(32);
  });

  it("keeps out from under what lies over the upper edge", () => {
    const box = { x: 0, y: 0, width: 200, height: 5000 };
    expect(openingView([box], { ...stage, covered: 72 }).y).toBe(72);
  });

  it("shows all of a workflow where that is asked, however large it is", () => {
    const view = fittingView([{ x: -400, y: 0, width: 5000, height: 300 }], stage);
    expect(view.zoom).toBeCloseTo(936 / 5000);
    expect(view.x + -400 * view.zoom).toBeCloseTo(32, 0);
    expect(view.x + 4600 * view.zoom).toBeCloseTo(1000 - 32, 0);
  });

  it("knows a saved view that shows nothing here", () => {
    const boxes = [{ x: 0, y: 0, width: 100, height: 100 }];
    expect(showsSome({ x: 10, y: 10, zoom: 1 }, boxes, stage)).toBe(true);
    expect(showsSome({ x: 1100, y: 10, zoom: 1 }, boxes, stage)).toBe(false);
  });
});
