import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Brush,
  coverage,
  createMask,
  fillArea,
  floodFill,
  invert,
  type Mask,
  paintDot,
  paintedShare,
  paintLine,
  wholeOf,
} from "./mask.ts";
import { MaskHistory } from "./mask-history.ts";

const hard: Brush = { radius: 3, hardness: 1, strength: 1, erases: false };
const at = (mask: Mask, x: number, y: number) => mask.data[y * mask.width + x]!;
const dot = (x: number, y: number, pressure = 1) => ({ x, y, pressure });

describe("brush", () => {
  test("a hard one has an edge of a pixel, a soft one falls off from its middle", () => {
    expect(coverage(0, 10, 1)).toBe(1);
    expect(coverage(9, 10, 1)).toBe(1);
    expect(coverage(10, 10, 1)).toBeCloseTo(0.5);
    expect(coverage(11, 10, 1)).toBe(0);
    const soft = [0, 2.5, 5, 7.5, 10].map((distance) => coverage(distance, 10, 0));
    expect(soft).toEqual(soft.toSorted((a, b) => b - a));
    expect(soft[2]).toBeGreaterThan(0.4);
    expect(soft[2]).toBeLessThan(0.65);
  });

  test("paints around a point, and the eraser takes away", () => {
    const mask = createMask(20, 20);
    const area = paintDot(mask, dot(10, 10), hard);
    expect(at(mask, 10, 10)).toBe(255);
    expect(at(mask, 10, 15)).toBe(0);
    expect(area).toEqual({ left: 6, top: 6, right: 14, bottom: 14 });
    paintDot(mask, dot(10, 10), { ...hard, erases: true, strength: 0.5 });
    expect(at(mask, 10, 10)).toBe(128);
    paintDot(mask, dot(10, 10), { ...hard, erases: true });
    expect(at(mask, 10, 10)).toBe(0);
  });

  test("going over a place again does not add up", () => {
    const mask = createMask(40, 20);
    const half = { ...hard, strength: 0.5 };
    paintLine(mask, dot(5, 10), dot(35, 10), half);
    paintLine(mask, dot(35, 10), dot(5, 10), half);
    expect(Math.max(...mask.data)).toBe(128);
  });

  test("a fast stroke has no gaps, and pen pressure makes it thinner", () => {
    const mask = createMask(200, 20);
    paintLine(mask, dot(5, 10), dot(195, 10), hard);
    for (let x = 5; x < 195; x++) expect(at(mask, x, 10)).toBe(255);
    const thin = createMask(200, 20);
    paintLine(thin, dot(5, 10, 1), dot(195, 10, 0.2), hard);
    expect(at(thin, 10, 12)).toBeGreaterThan(200);
    expect(at(thin, 190, 12)).toBe(0);
  });

  test("outside of the mask nothing happens", () => {
    const mask = createMask(10, 10);
    paintLine(mask, dot(-50, -50), dot(-20, 30), hard);
    expect(paintedShare(mask)).toBe(0);
    paintDot(mask, dot(0, 0), hard);
    expect(at(mask, 0, 0)).toBe(255);
  });
});

test("the bucket fills what is enclosed, and nothing behind the line", () => {
  const mask = createMask(20, 20);
  fillArea(mask, { left: 5, top: 0, right: 6, bottom: 20 }, 255);
  const area = floodFill(mask, 2, 2, 255);
  expect(area).toEqual({ left: 0, top: 0, right: 5, bottom: 20 });
  expect(paintedShare(mask)).toBeCloseTo(0.3);
  expect(floodFill(mask, 2, 2, 255)).toBeUndefined();
  expect(floodFill(mask, -1, 2, 255)).toBeUndefined();
});

test("inverting twice gives the same mask", () => {
  const mask = createMask(8, 8);
  paintDot(mask, dot(4, 4), { ...hard, hardness: 0 });
  const before = [...mask.data];
  invert(mask);
  expect(at(mask, 0, 0)).toBe(255 - before[0]!);
  invert(mask);
  expect([...mask.data]).toEqual(before);
});

test("whatever is painted, undone and redone, the mask is always exactly what it was", () => {
  const stroke = fc.record({
    kind: fc.constantFrom("brush", "erase", "fill", "invert", "undo", "redo"),
    x: fc.integer({ min: -4, max: 34 }),
    y: fc.integer({ min: -4, max: 24 }),
    radius: fc.integer({ min: 1, max: 9 }),
  });
  fc.assert(
    fc.property(fc.array(stroke, { maxLength: 40 }), (strokes) => {
      const mask = createMask(30, 20);
      const history = new MaskHistory(mask);
      const states = [[...mask.data].join()];
      let now = 0;
      for (const { kind, x, y, radius } of strokes) {
        if (kind === "undo") {
          if (history.undo()) now--;
        } else if (kind === "redo") {
          if (history.redo()) now++;
        } else {
          const brush = { ...hard, radius, hardness: 0.3, erases: kind === "erase" };
          const area =
            kind === "fill"
              ? floodFill(mask, x, y, 255)
              : kind === "invert"
                ? invert(mask)
                : paintLine(mask, dot(x, y), dot(y, x), brush);
          const state = [...mask.data].join();
          if (area) history.commit(area);
          if (state !== states[now]) states.splice(++now, states.length, state);
        }
        expect([...mask.data].join()).toBe(states[now]);
        expect(history.canUndo).toBe(now > 0);
        expect(history.canRedo).toBe(now < states.length - 1);
      }
    }),
    { numRuns: 60 },
  );
});

test("a step that changes nothing is no step", () => {
  const mask = createMask(4, 4);
  const history = new MaskHistory(mask);
  history.commit(wholeOf(mask));
  expect(history.canUndo).toBe(false);
});
