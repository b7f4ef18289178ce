import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatNumber, moveByDrag, parseNumber, snapNumber, stepNumber } from "./number-value.ts";

const width = { kind: "integer", min: 128, max: 2048, step: 16, multipleOf: 16 } as const;
const guidance = { kind: "number", min: 0, max: 20, step: 0.1, display: "slider" } as const;

describe("numbers of parameters", () => {
  it("snap to what the parameter may have", () => {
    expect(snapNumber(width, 1000)).toBe(1008);
    expect(snapNumber(width, 5)).toBe(128);
    expect(snapNumber(width, 99_999)).toBe(2048);
    expect(snapNumber(guidance, 3.14)).toBe(3.14);
  });

  it("never leave the range, however they are typed, stepped or dragged", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.integer({ min: -5_000, max: 5_000 }),
        (value, pixels) => {
          for (const param of [width, guidance]) {
            const start = snapNumber(param, value);
            const moved = moveByDrag(param, start, pixels, { width: 200, fine: false });
            for (const result of [start, moved, stepNumber(param, start, pixels)]) {
              expect(result).toBeGreaterThanOrEqual(param.min);
              expect(result).toBeLessThanOrEqual(param.max);
            }
          }
        },
      ),
    );
  });

  it("follow the pointer over a slider's width", () => {
    expect(moveByDrag(guidance, 0, 100, { width: 200, fine: false })).toBeCloseTo(10);
    expect(moveByDrag(guidance, 0, 100, { width: 200, fine: true })).toBeCloseTo(1);
  });

  it("are shown with the decimals of their step, and more when they have more", () => {
    expect(formatNumber(guidance, 1)).toBe("1.0");
    expect(formatNumber(guidance, 3.14)).toBe("3.14");
    expect(formatNumber(width, 512)).toBe("512");
  });

  it("are read with a point or a comma", () => {
    expect(parseNumber(" 3,5 ")).toBe(3.5);
    expect(parseNumber("abc")).toBeUndefined();
    expect(parseNumber("")).toBeUndefined();
  });
});
