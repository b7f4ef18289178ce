import { expect, test } from "vitest";
import { blended, isLateStep, placesOf, seamlessWindows, windowOf } from "./seamless-windows.ts";

const both = { horizontal: true, vertical: true, tile: 128, stride: 128 };
const size = { height: 4, width: 8 };
const planes = () => Float32Array.from({ length: 2 * 4 * 8 }, (_, i) => i);

test("what fits a tile is one window around the picture; late, it begins in the middle", () => {
  expect(seamlessWindows(size, both, false)).toEqual({
    rows: { extent: 4, starts: [0], closed: true },
    columns: { extent: 8, starts: [0], closed: true },
  });
  const late = seamlessWindows(size, both, true);
  const part = windowOf({ values: planes(), ...size }, late, placesOf(late)[0]!);
  expect([...part.subarray(0, 8)]).toEqual([20, 21, 22, 23, 16, 17, 18, 19]);
  expect(blended([part], late, size)).toEqual(planes());
});

test("larger ones are covered by overlapping windows that reach over the sides, and blending them gives the latent back", () => {
  const windows = seamlessWindows(size, { ...both, tile: 4, stride: 2 }, false);
  expect(windows).toEqual({
    rows: { extent: 4, starts: [0], closed: true },
    columns: { extent: 4, starts: [0, 2, 4, 6], closed: false },
  });
  const parts = placesOf(windows).map((place) => windowOf({ values: planes(), ...size }, windows, place));
  expect([...parts[3]!.subarray(0, 4)]).toEqual([6, 7, 0, 1]);
  for (const [i, value] of blended(parts, windows, size).entries()) expect(value).toBeCloseTo(i, 3);
});

test("a side that has an edge keeps it: its windows start at 0 and end at the end", () => {
  const tall = { height: 10, width: 8 };
  const windows = seamlessWindows(tall, { ...both, vertical: false, tile: 4, stride: 3 }, true);
  expect(windows.rows).toEqual({ extent: 4, starts: [0, 2, 6], closed: false });
  expect(seamlessWindows(size, { ...both, vertical: false }, true).rows).toMatchObject({ starts: [0], closed: false });
});

test("the last eighth of the steps is late, and at least one", () => {
  const late = (steps: number) => Array.from({ length: steps }, (_, step) => isLateStep(step, steps));
  expect(late(20).filter(Boolean)).toHaveLength(2);
  expect(late(8)).toEqual([false, false, false, false, false, false, false, true]);
  expect(late(1)).toEqual([true]);
});
