import { describe, expect, test } from "vitest";
import { drawnSize, faceRegion } from "./face-region.ts";

const picture = { width: 100, height: 80 };

describe("faceRegion", () => {
  test("grows the box by the padding, and the cut by the surroundings", () => {
    const box = { left: 40.6, top: 30.2, width: 10.1, height: 8 };
    const { cut, mask } = faceRegion(box, picture, { padding: 5, blur: 0, context: 12 });
    // 40.6 to 50.7 is pixels 40 to 51; 35 to 56 with padding.
    expect(cut).toEqual({ left: 23, top: 13, width: 45, height: 43 });
    const at = (x: number, y: number) => mask.values[(y - cut.top) * mask.width + x - cut.left];
    expect([at(34, 40), at(35, 40), at(55, 40), at(56, 40)]).toEqual([0, 1, 1, 0]);
    expect([at(40, 24), at(40, 25), at(40, 43), at(40, 44)]).toEqual([0, 1, 1, 0]);
    expect(mask).toMatchObject({ width: cut.width, height: cut.height });
  });

  test("the cut holds the whole of the soft edge, which falls from 1 to 0", () => {
    const box = { left: 30, top: 30, width: 40, height: 20 };
    const { cut, mask } = faceRegion(box, picture, { padding: 0, blur: 4, context: 0 });
    expect(cut).toEqual({ left: 18, top: 18, width: 64, height: 44 });
    const row = Array.from(mask.values.subarray(22 * cut.width, 22 * cut.width + 32));
    expect(row[0]).toBeLessThan(0.003);
    expect(row[12]).toBeCloseTo(0.55, 1);
    expect(row[30]).toBeGreaterThan(0.98);
    for (let x = 1; x < row.length; x++) expect(row[x]).toBeGreaterThanOrEqual(row[x - 1]! - 1e-6);
  });

  test("nothing reaches beyond the picture", () => {
    const { cut } = faceRegion({ left: 90, top: 0, width: 10, height: 10 }, picture, {
      padding: 20,
      blur: 9,
      context: 64,
    });
    expect(cut).toEqual({ left: 6, top: 0, width: 94, height: 80 });
  });
});

describe("drawnSize", () => {
  test("the longer side is as asked for, on the grid", () => {
    expect(drawnSize({ width: 60, height: 40 }, 1024)).toEqual({ width: 1024, height: 688 });
    expect(drawnSize({ width: 40, height: 60 }, 512)).toEqual({ width: 336, height: 512 });
  });

  test("a model draws no smaller and no larger than it can", () => {
    const limits = { min: 112, max: 256, multipleOf: 16 };
    expect(drawnSize({ width: 60, height: 40 }, 1024, limits)).toEqual({ width: 256, height: 176 });
    expect(drawnSize({ width: 200, height: 20 }, 1024, limits)).toEqual({ width: 256, height: 112 });
  });
});
