import ELK from "elkjs/lib/elk.bundled.js";
import { describe, expect, it } from "vitest";
import { fromElk, type TidyRequest, type TidyResult, toElk } from "./tidy.ts";

const SIZE = { width: 288, height: 200 };
const socket = (side: "input" | "output", port: string, y: number) => ({ port, side, y });
const box = (id: string, place: { x: number; y: number } = { x: 500, y: 70 }) => ({
  id,
  ...place,
  ...SIZE,
  sockets: [socket("input", "a", 60), socket("input", "b", 84), socket("output", "a", 60), socket("output", "b", 84)],
});
const link = (from: string, to: string) => {
  const [fromNode = "", fromPort = "a"] = from.split(".");
  const [toNode = "", toPort = "a"] = to.split(".");
  return { from: { node: fromNode, port: fromPort }, to: { node: toNode, port: toPort } };
};
async function tidy(request: TidyRequest): Promise<TidyResult> {
  return fromElk(request, await new ELK().layout(toElk(request)));
}
const overlaps = (places: TidyResult["nodes"]) =>
  [...places].flatMap(([a, p]) =>
    [...places].flatMap(([b, q]) =>
      a < b && Math.abs(p.x - q.x) < SIZE.width && Math.abs(p.y - q.y) < SIZE.height ? [`${a} ${b}`] : [],
    ),
  );

describe("tidying", () => {
  it("puts nodes in columns along their links, without overlap, and stays where it was", async () => {
    const { nodes } = await tidy({
      boxes: ["save", "sampler", "model", "prompt", "alone"].map((id) => box(id)),
      links: [link("model", "prompt"), link("model", "sampler"), link("prompt", "sampler.b"), link("sampler", "save")],
      frames: [],
    });
    const xs = ["model", "prompt", "sampler", "save"].map((id) => nodes.get(id)?.x ?? Number.NaN);
    for (const [at, x] of xs.entries()) if (at > 0) expect(x).toBeGreaterThanOrEqual((xs[at - 1] ?? 0) + SIZE.width);
    expect(Math.min(...[...nodes.values()].map(({ x }) => x))).toBe(500);
    expect(Math.min(...[...nodes.values()].map(({ y }) => y))).toBe(70);
    expect(overlaps(nodes)).toEqual([]);
  });

  it("orders nodes as the sockets are that they are linked to, so that links do not cross", async () => {
    const { nodes } = await tidy({
      boxes: ["lower", "upper", "target"].map((id) => box(id)),
      links: [link("lower", "target.b"), link("upper", "target.a")],
      frames: [],
    });
    expect(nodes.get("upper")?.y).toBeLessThan(nodes.get("lower")?.y ?? 0);
  });

  it("keeps frames around their nodes and others out of them, also frames in frames, and takes ports it does not know", async () => {
    const request: TidyRequest = {
      boxes: [
        box("inner", { x: 60, y: 100 }),
        box("middle", { x: 460, y: 100 }),
        box("outer", { x: 2_000, y: 90 }),
        box("last", { x: 3_000, y: 2_000 }),
      ],
      links: [link("inner", "middle"), link("middle.gone", "outer"), link("inner.b", "outer.b"), link("outer", "last")],
      frames: [
        { id: "wide", x: 0, y: 0, width: 900, height: 400 },
        { id: "small", x: 40, y: 50, width: 340, height: 300 },
      ],
    };
    const { nodes, frames } = await tidy(request);
    const isIn = (id: string, frame: string) => {
      const at = nodes.get(id);
      const area = frames.get(frame);
      if (!at || !area) return undefined;
      const isBeside = at.x >= area.x + area.width || at.x + SIZE.width <= area.x;
      const isAbove = at.y >= area.y + area.height || at.y + SIZE.height <= area.y;
      if (isBeside || isAbove) return false;
      return at.x >= area.x && at.x + SIZE.width <= area.x + area.width && at.y >= area.y + 40;
    };
    expect(["inner", "middle", "outer", "last"].map((id) => isIn(id, "wide"))).toEqual([true, true, false, false]);
    expect(["inner", "middle", "outer", "last"].map((id) => isIn(id, "small"))).toEqual([true, false, false, false]);
    expect(overlaps(nodes)).toEqual([]);
  });
});
