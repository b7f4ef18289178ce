import { expect, test } from "vitest";
import { rootMeanSquareError } from "../image/difference.ts";
import type { RgbImage } from "../types.ts";
import { resampleMethods, resamplePicture } from "./resample.ts";

/** A picture of one row, all channels alike. */
function row(...values: number[]): RgbImage {
  return { width: values.length, height: 1, data: Uint8Array.from(values.flatMap((value) => [value, value, value])) };
}
const valuesOf = ({ data }: RgbImage) => [...data].filter((_, i) => i % 3 === 0);

const waves: RgbImage = {
  width: 24,
  height: 20,
  data: Uint8Array.from({ length: 1440 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % 24, Math.floor(i / 72)];
    return 128 + 60 * Math.sin((2 * Math.PI * x) / 12) + 50 * Math.cos((2 * Math.PI * y) / 10);
  }),
  seed: "7",
};

test.each(resampleMethods)("%s keeps an even picture, the seed, and reaches the size", (method) => {
  const even = { width: 5, height: 4, data: new Uint8Array(60).fill(77), seed: "7" };
  for (const [width, height] of [
    [13, 9],
    [2, 3],
  ] as const) {
    const result = resamplePicture(even, width, height, method);
    expect(result).toMatchObject({ width, height, seed: "7" });
    expect(new Set(result.data)).toEqual(new Set([77]));
    expect(result.data).toHaveLength(width * height * 3);
  }
});

test("nearest repeats pixels", () => {
  expect(valuesOf(resamplePicture(row(10, 200), 6, 1, "nearest"))).toEqual([10, 10, 10, 200, 200, 200]);
});

test("bilinear goes straight from one to the next", () => {
  expect(valuesOf(resamplePicture(row(0, 100), 4, 1, "bilinear"))).toEqual([0, 25, 75, 100]);
  expect(valuesOf(resamplePicture(row(0, 100, 200, 100), 2, 1, "bilinear"))).toEqual([71, 143]);
});

test("Mitchell has the weights of its formula, 1/18, 8/9, 1/18, on pixels themselves", () => {
  expect(valuesOf(resamplePicture(row(0, 0, 0, 180, 0, 0, 0), 7, 1, "mitchell"))).toEqual([0, 0, 10, 160, 10, 0, 0]);
});

test.each(["lanczos", "bicubic", "bilinear", "nearest"] as const)("%s at the same size changes nothing", (method) => {
  expect(resamplePicture(waves, waves.width, waves.height, method)).toEqual(waves);
});

test("Lanczos rings at a hard edge, Mitchell hardly does", () => {
  const edge = row(50, 50, 50, 50, 50, 50, 200, 200, 200, 200, 200, 200);
  const overshoot = (method: "lanczos" | "mitchell") =>
    Math.max(...valuesOf(resamplePicture(edge, 48, 1, method))) - 200;
  expect(overshoot("lanczos")).toBeGreaterThan(8);
  expect(overshoot("mitchell")).toBeLessThan(overshoot("lanczos") / 1.5);
});

test("there and back, the smoothest kernel loses most", () => {
  const loss = (method: (typeof resampleMethods)[number]) => {
    const large = resamplePicture(waves, 60, 50, method);
    return rootMeanSquareError(resamplePicture(large, 24, 20, method), waves);
  };
  expect(loss("lanczos")).toBeLessThan(3);
  expect(loss("lanczos")).toBeLessThan(loss("bicubic"));
  expect(loss("bicubic")).toBeLessThan(loss("bilinear"));
});
