import { describe, expect, it } from "vitest";
import { align, distribute } from "./arrange.ts";

const boxes = [
  { id: "a", x: 0, y: 0, width: 100, height: 50 },
  { id: "b", x: 110, y: 30, width: 40, height: 50 },
  { id: "c", x: 400, y: 90, width: 100, height: 20 },
];

describe("lining up", () => {
  it("aligns edges and middles, and moves only what is elsewhere", () => {
    expect(Object.fromEntries(align(boxes, "left"))).toEqual({ b: { x: 0, y: 30 }, c: { x: 0, y: 90 } });
    expect(align(boxes, "right").get("b")).toEqual({ x: 460, y: 30 });
    expect(align(boxes, "middle").get("c")).toEqual({ x: 400, y: 45 });
  });

  it("distributes with equal gaps between the outermost", () => {
    expect(Object.fromEntries(distribute(boxes, "x"))).toEqual({ b: { x: 230, y: 30 } });
    expect(distribute(boxes.slice(0, 2), "x").size).toBe(0);
  });
});
