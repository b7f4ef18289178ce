import { expect, test } from "vitest";
import { FITTED, panPane, transformOf, zoomOfPixels, zoomPane } from "./pane-view.ts";

test("zooming keeps the point under the pointer, and goes back to the whole picture", () => {
  const near = zoomPane(FITTED, 4, { px: 0.25, py: -0.1 });
  expect(near.zoom).toBe(4);
  // The point at 0.25 of the pane was at 0.25 of the picture, and still is.
  expect((0.25 - near.x) / near.zoom).toBeCloseTo(0.25);
  expect((-0.1 - near.y) / near.zoom).toBeCloseTo(-0.1);
  expect(zoomPane(near, 0.01)).toEqual(FITTED);
  expect(zoomPane(near, 1e6).zoom).toBe(64);
});

test("a fitted picture stays; a large one can be moved, but not lost", () => {
  expect(panPane(FITTED, 1, 1)).toEqual(FITTED);
  const near = zoomPane(FITTED, 2);
  expect(panPane(near, 0.1, -0.2)).toEqual({ zoom: 2, x: 0.1, y: -0.2 });
  expect(panPane(near, 9, -9)).toEqual({ zoom: 2, x: 1, y: -1 });
  expect(transformOf({ zoom: 2, x: 0.5, y: 0 })).toBe("translate(50%, 0%) scale(2)");
});

test("actual pixels", () => {
  expect(zoomOfPixels({ width: 1000, height: 500 }, { width: 500, height: 500 }, 1)).toBe(2);
  expect(zoomOfPixels({ width: 1000, height: 500 }, { width: 500, height: 500 }, 2)).toBe(1);
  // A small picture is smaller than its pane; it stays in the middle.
  const least = zoomOfPixels({ width: 100, height: 100 }, { width: 400, height: 500 }, 1);
  expect(least).toBe(0.25);
  expect(zoomPane({ zoom: 2, x: 0.5, y: 0 }, 0.01, { px: 0.3, least })).toEqual({ zoom: 0.25, x: 0, y: 0 });
});
