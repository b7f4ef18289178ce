import { expect, test } from "vitest";
import { centre, keptInView, zoomAround } from "./viewer-placement.ts";

const stage = { width: 1000, height: 800 };

test("a picture that is dragged away stays findable at the edge, whatever its shape", () => {
  const square = { width: 400, height: 400 };
  const placed = centre(square, stage, 1);
  expect(keptInView(placed, square, stage)).toEqual(placed);
  expect(keptInView({ ...placed, x: -5000, y: 5000 }, square, stage)).toEqual({ x: -352, y: 752, scale: 1 });
  expect(keptInView({ ...placed, x: 5000, y: -5000 }, square, stage)).toEqual({ x: 952, y: -352, scale: 1 });
  // Of a line half of its width is all that there is to see.
  expect(keptInView({ x: -50, y: 0, scale: 4 }, { width: 1, height: 100 }, stage)).toEqual({ x: -2, y: 0, scale: 4 });
});

test("every part of a large picture can be brought into the middle", () => {
  const large = { width: 4000, height: 4000 };
  const corner = { x: stage.width / 2, y: stage.height / 2, scale: 1 };
  expect(keptInView(corner, large, stage)).toEqual(corner);
});

test("the point under the pointer stays while one zooms", () => {
  const before = { x: 100, y: 50, scale: 1 };
  const after = zoomAround(before, 2, { x: 300, y: 250 });
  expect(after).toEqual({ x: -100, y: -150, scale: 2 });
});
