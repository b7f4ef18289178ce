import { describe, expect, test } from "vitest";
import { cannyEdges } from "./canny.ts";
import { gaussianBlur } from "./gaussian.ts";

/** A plane from rows of digits: 0 is 0, 9 is 225. */
function plane(...rows: string[]) {
  const values = Float32Array.from(rows.join(""), (digit) => Number(digit) * 25);
  return { width: rows[0]!.length, height: rows.length, values };
}

/** Rows of "#" for edges. */
function show({ values, width }: { values: Float32Array; width: number }): string[] {
  const text = Array.from(values, (value) => (value === 255 ? "#" : ".")).join("");
  return text.match(new RegExp(`.{${width}}`, "g")) ?? [];
}

describe("cannyEdges", () => {
  test("a step is one line of pixels, on its first side", () => {
    const rows = Array.from({ length: 5 }, () => "000999");
    const column = ["......", "..#...", "..#...", "..#...", "......"];
    expect(show(cannyEdges(plane(...rows), { low: 100, high: 200 }))).toEqual(column);
  });

  test("nothing in an even plane, and nothing below the lower threshold", () => {
    expect(show(cannyEdges(plane("5555", "5555", "5555", "5555"), { low: 1, high: 2 })).join("")).not.toContain("#");
    const faint = plane("000111", "000111", "000111", "000111");
    expect(show(cannyEdges(faint, { low: 150, high: 200 })).join("")).not.toContain("#");
    expect(show(cannyEdges(faint, { low: 50, high: 90 })).join("")).toContain("#");
  });

  test("a weak edge counts where it goes on from a strong one, and not alone", () => {
    // The step fades from 225 to 75, and the edge with it.
    const fading = plane("000999", "000999", "000777", "000555", "000333", "000333", "000333");
    const rows = (low: number, high: number) =>
      show(cannyEdges(fading, { low, high })).flatMap((row, y) => (row.includes("#") ? y : []));
    expect(rows(280, 800)).toEqual([1, 2, 3, 4, 5]);
    expect(rows(800, 800)).toEqual([1, 2, 3]);
    expect(rows(280, 1500)).toEqual([]);
  });

  test("a slanted step is one thin line", () => {
    const size = 12;
    const rows = Array.from({ length: size }, (_, y) => "0".repeat(size - y) + "9".repeat(y));
    const edges = show(cannyEdges(plane(...rows), { low: 100, high: 200 }));
    for (const row of edges.slice(2, -2)) expect(row.match(/#/g)?.length ?? 0).toBeLessThanOrEqual(2);
    expect(edges.slice(2, -2).every((row) => row.includes("#"))).toBe(true);
  });
});

describe("gaussianBlur", () => {
  test("keeps an even plane and the sum of a dot, and spreads as a Gaussian does", () => {
    const even = plane("555", "555");
    expect([...gaussianBlur(even, 2).values].every((value) => Math.abs(value - 125) < 1e-4)).toBe(true);
    const size = 21;
    const dot = { width: size, height: size, values: new Float32Array(size * size) };
    dot.values[10 * size + 10] = 1000;
    const { values } = gaussianBlur(dot, 1.5);
    expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1000, 2);
    expect(values[10 * size + 13]! / values[10 * size + 10]!).toBeCloseTo(Math.exp(-0.5 * (3 / 1.5) ** 2), 5);
  });
});
