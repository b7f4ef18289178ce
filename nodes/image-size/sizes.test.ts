import fc from "fast-check";
import { expect, test } from "vitest";
import { nearestSize, sizePresets } from "./sizes.ts";

const starter = { min: 112, max: 256, multipleOf: 16 };

test("the presets, for the starter model", () => {
  const replaced = sizePresets.map((preset) => {
    const { width, height } = nearestSize(preset, starter);
    return `${preset.name} ${width}x${height}`;
  });
  expect(replaced).toEqual([
    "square_hd 256x256",
    "square 256x256",
    "portrait_4_3 192x256",
    "portrait_16_9 144x256",
    "landscape_4_3 256x192",
    "landscape_16_9 256x144",
  ]);
});

test("a size within the limits stays, extreme shapes come as near as they can", () => {
  expect(nearestSize({ width: 128, height: 240 }, starter)).toEqual({ width: 128, height: 240 });
  expect(nearestSize({ width: 2048, height: 128 }, starter)).toEqual({ width: 256, height: 112 });
  expect(nearestSize({ width: 128, height: 128 }, { min: 256, max: 2048, multipleOf: 16 })).toEqual({
    width: 256,
    height: 256,
  });
});

test("whatever is asked, the answer is within the limits and turns with the question", () => {
  const side = fc.integer({ min: 8, max: 128 }).map((units) => units * 16);
  fc.assert(
    fc.property(side, side, (width, height) => {
      const size = nearestSize({ width, height }, starter);
      for (const value of [size.width, size.height]) {
        expect(value).toBeGreaterThanOrEqual(112);
        expect(value).toBeLessThanOrEqual(256);
        expect(value % 16).toBe(0);
      }
      if (width > height) expect(size.width).toBeGreaterThanOrEqual(size.height);
    }),
  );
});
