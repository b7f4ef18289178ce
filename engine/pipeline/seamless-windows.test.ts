import { expect, test } from "vitest";
import { blended, placesOf, seamlessWindows, windowOf, windowOffset } from "./seamless-windows.ts";

const both = { horizontal: true, vertical: true, tile: 128, stride: 128 };
const size = { height: 4, width: 8 };
const planes = () => Float32Array.from({ length: 2 * 4 * 8 }, (_, i) => i);

test("a latent that fits one window is rolled, by whole tokens, and put back", () => {
  const windows = seamlessWindows(size, both, { rows: 0.5, columns: 0.9 });
  expect(windows).toEqual({
    rows: { extent: 4, starts: [2], wraps: true },
    columns: { extent: 8, starts: [6], wraps: true },
  });
  const part = windowOf({ values: planes(), ...size }, windows, placesOf(windows)[0]!);
  expect([...part.subarray(0, 8)]).toEqual([22, 23, 16, 17, 18, 19, 20, 21]);
  expect(blended([part], windows, size)).toEqual(planes());
});

test("windows cover everything over the sides, and blending what they hold gives the latent back", () => {
  for (const offset of [0, 0.3, 0.99]) {
    const options = { ...both, tile: 4, stride: 2 };
    const windows = seamlessWindows(size, options, { rows: offset, columns: offset });
    expect(windows.columns.starts).toHaveLength(4);
    const parts = placesOf(windows).map((place) => windowOf({ values: planes(), ...size }, windows, place));
    for (const [i, value] of blended(parts, windows, size).entries()) expect(value).toBeCloseTo(i, 3);
  }
});

test("a side that has an edge keeps it: its windows start at 0 and end at the end", () => {
  const windows = seamlessWindows(
    { height: 10, width: 8 },
    { ...both, vertical: false, tile: 4, stride: 3 },
    {
      rows: 0.5,
      columns: 0.5,
    },
  );
  expect(windows.rows).toEqual({ extent: 4, starts: [0, 2, 6], wraps: false });
  expect(seamlessWindows(size, { ...both, vertical: false }, { rows: 0.5, columns: 0 }).rows.starts).toEqual([0]);
});

test("windows lie elsewhere at every step, and at the same places for the same seed", () => {
  for (let step = 0; step < 50; step++) {
    const [now, next] = [windowOffset(step, 5n), windowOffset(step + 1, 5n)];
    for (const axis of ["rows", "columns"] as const) {
      const distance = Math.abs(next[axis] - now[axis]);
      expect(Math.min(distance, 1 - distance)).toBeGreaterThan(0.2);
    }
  }
  expect(windowOffset(3, 5n)).toEqual(windowOffset(3, 5n));
  expect(windowOffset(3, 5n)).not.toEqual(windowOffset(3, 6n));
});
