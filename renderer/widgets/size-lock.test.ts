import { expect, test } from "vitest";
import { otherSide, setSizeLock, sizeInShape, sizeLocks } from "./size-lock.ts";

const range = { min: 128, max: 2048, multipleOf: 16 };

test("the other side follows, in its steps and within its range", () => {
  expect(otherSide("width", 1024, 4 / 3, range)).toBe(768);
  expect(otherSide("height", 768, 4 / 3, range)).toBe(1024);
  expect(otherSide("width", 1000, 3, range)).toBe(336);
  expect(otherSide("width", 128, 4, range)).toBe(128);
  expect(otherSide("height", 2048, 2, range)).toBe(2048);
});

test("a shape keeps the number of pixels, about", () => {
  const now = { width: 1024, height: 1024 };
  const wide = sizeInShape(16 / 9, now, { width: range, height: range });
  expect(wide).toEqual({ width: 1360, height: 768 });
  expect(sizeInShape(1, wide, { width: range, height: range })).toEqual({ width: 1024, height: 1024 });
});

test("a lock is kept until it is taken off", () => {
  setSizeLock("a", 2);
  expect(sizeLocks.getState().get("a")).toBe(2);
  setSizeLock("a", undefined);
  expect(sizeLocks.getState().has("a")).toBe(false);
});
