import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { freeRoom } from "./free-room.ts";

const seen = { x: 0, y: 0, width: 1200, height: 800 };
const size = { width: 280, height: 200 };
const lieOnEachOther = (a: typeof seen, b: typeof seen) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

describe("the place of a card that nobody placed", () => {
  it("is the middle of what is seen, when nothing is there", () => {
    expect(freeRoom({ size, taken: [], seen, grid: 20 })).toEqual({ x: 460, y: 300 });
  });

  it("is beside a card that stands there, on the nearer side", () => {
    const taken = [{ x: 500, y: 100, width: 280, height: 600 }];
    expect(freeRoom({ size, taken, seen, grid: 20 })).toEqual({ x: 180, y: 300 });
  });

  it("stays in view although a place outside of it is nearer", () => {
    const taken = [{ x: 0, y: 300, width: 1200, height: 600 }];
    const { y } = freeRoom({ size: { width: 280, height: 220 }, taken, seen, grid: 20 });
    expect(y).toBe(40);
  });

  it("lies on nothing, on the grid, however full it is", () => {
    const box = fc.record({
      x: fc.integer({ min: -500, max: 1500 }),
      y: fc.integer({ min: -500, max: 1200 }),
      width: fc.integer({ min: 60, max: 700 }),
      height: fc.integer({ min: 30, max: 700 }),
    });
    fc.assert(
      fc.property(fc.array(box, { maxLength: 60 }), (taken) => {
        const place = freeRoom({ size, taken, seen, grid: 20 });
        expect(taken.some((one) => lieOnEachOther({ ...place, ...size }, one))).toBe(false);
        expect([Math.abs(place.x % 20), Math.abs(place.y % 20)]).toEqual([0, 0]);
      }),
      { numRuns: 200 },
    );
  });
});
