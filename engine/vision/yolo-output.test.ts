import { describe, expect, test } from "vitest";
import { overlap, readYoloOutput, type ScoredBox, withoutDuplicates } from "./yolo-output.ts";

/** Columns of (x, y, width, height, scores...) as the model lays them out: row by row. */
const columns = (...boxes: number[][]) =>
  Float32Array.from(boxes[0]!.flatMap((_, row) => boxes.map((box) => box[row]!)));

describe("readYoloOutput", () => {
  test("reads centre and size, takes the best class, and leaves out what scores too little", () => {
    const data = columns([50, 40, 20, 10, 0.1, 0.9], [10, 10, 4, 4, 0.3, 0.2], [90, 80, 6, 8, 0.7, 0.1]);
    expect(readYoloOutput(data, [1, 6, 3], { confidence: 0.5 })).toEqual([
      { left: 40, top: 35, width: 20, height: 10, score: expect.closeTo(0.9), category: 1 },
      { left: 87, top: 76, width: 6, height: 8, score: expect.closeTo(0.7), category: 0 },
    ]);
    expect(readYoloOutput(data, [1, 6, 3], { confidence: 0 })).toHaveLength(3);
  });

  test("rows behind the classes are no classes", () => {
    const data = columns([50, 40, 20, 10, 0.6, 5, 7], [10, 10, 4, 4, 0.3, 9, 9]);
    expect(readYoloOutput(data, [1, 7, 2], { confidence: 0.5, classes: 1 })).toMatchObject([{ category: 0, left: 40 }]);
  });

  test("reads corners, of models that sort out duplicates themselves", () => {
    const data = Float32Array.of(10, 20, 30, 60, 0.4, 0, 1, 2, 3, 5, 0.8, 2, 0, 0, 0, 0, 0, 0);
    expect(readYoloOutput(data, [1, 3, 6], { confidence: 0.3 })).toEqual([
      { left: 1, top: 2, width: 2, height: 3, score: expect.closeTo(0.8), category: 2 },
      { left: 10, top: 20, width: 20, height: 40, score: expect.closeTo(0.4), category: 0 },
    ]);
  });

  test.each([[[1, 4, 10]], [[10, 5]], [[2, 5, 2]], [[1, 5, 2, 1]]])("%j is another form", (dims) => {
    const data = new Float32Array(dims.reduce((product, side) => product * side, 1));
    expect(readYoloOutput(data, dims, { confidence: 0.5 })).toBeUndefined();
  });
});

describe("duplicates", () => {
  const box = (left: number, score: number, category = 0): ScoredBox => ({
    ...{ left, top: 0, width: 10, height: 10, score, category },
  });

  test("the best of boxes around the same thing stays", () => {
    const kept = withoutDuplicates([box(0, 0.6), box(2, 0.9), box(30, 0.5), box(1, 0.7)]);
    expect(kept).toEqual([box(2, 0.9), box(30, 0.5)]);
  });

  test("things of different classes may lie on each other, and things side by side may touch", () => {
    expect(withoutDuplicates([box(0, 0.9), box(0, 0.8, 1)])).toHaveLength(2);
    expect(withoutDuplicates([box(0, 0.9), box(7, 0.8)])).toHaveLength(2);
  });

  test("overlap is the shared part of both", () => {
    expect(overlap(box(0, 1), box(5, 1))).toBeCloseTo(50 / 150, 10);
    expect(overlap(box(0, 1), box(10, 1))).toBe(0);
    expect(overlap(box(3, 1), box(3, 1))).toBe(1);
  });
});
