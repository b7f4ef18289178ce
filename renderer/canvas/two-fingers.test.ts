import { expect, it } from "vitest";
import { pinched, ZOOM_RANGE } from "./two-fingers.ts";

const view = { x: 100, y: 50, zoom: 1 };
const under = ({ x, y, zoom }: typeof view, point: { x: number; y: number }) => ({
  x: (point.x - x) / zoom,
  y: (point.y - y) / zoom,
});

it("keeps what is between two fingers between them, within the range of zoom", () => {
  const from = { x: 300, y: 200, distance: 100 };
  for (const to of [
    { x: 300, y: 200, distance: 200 },
    { x: 340, y: 150, distance: 100 },
    { x: 10, y: 20, distance: 1 },
    { x: 10, y: 20, distance: 5_000 },
  ]) {
    const next = pinched(view, from, to);
    const [before, after] = [under(view, from), under(next, to)];
    expect(after.x).toBeCloseTo(before.x);
    expect(after.y).toBeCloseTo(before.y);
    expect(next.zoom).toBeGreaterThanOrEqual(ZOOM_RANGE.min);
    expect(next.zoom).toBeLessThanOrEqual(ZOOM_RANGE.max);
  }
  expect(pinched(view, from, { ...from, distance: 150 }).zoom).toBe(1.5);
});
