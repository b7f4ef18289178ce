import { describe, expect, it } from "vitest";
import type { ImageReference } from "../../graph/events.ts";
import { outcomeOf } from "./outcome.ts";
import type { NodeRun } from "./run-state.ts";

const picture = (hash: string): ImageReference => ({ hash, width: 8, height: 8, mimeType: "image/png" });
const ran = (phase: NodeRun["phase"], image?: ImageReference): NodeRun => ({
  phase,
  warnings: [],
  ...(image ? { images: [image] } : {}),
});
const link = (from: string, to: string) => ({ from: { node: from, port: "o" }, to: { node: to, port: "i" } });
const links = [link("model", "sampler"), link("sampler", "decode"), link("decode", "save"), link("decode", "grid")];
const of = { nodeId: "sampler", prefix: "", orOlder: false };

describe("the picture that came of a sampler", () => {
  it("is the one at the nearest node behind it", () => {
    const nodes = new Map([
      ["model", ran("done", picture("a"))],
      ["decode", ran("done")],
      ["save", ran("done", picture("b"))],
    ]);
    expect(outcomeOf(nodes, links, of)).toEqual({ image: picture("b"), isOld: false });
  });

  it("is none of the run before, unless that is asked for", () => {
    const nodes = new Map([["save", ran("queued", picture("b"))]]);
    expect(outcomeOf(nodes, links, of)).toBeUndefined();
    expect(outcomeOf(nodes, links, { ...of, orOlder: true })).toEqual({ image: picture("b"), isOld: true });
  });

  it("ends where links go around in a circle", () => {
    const circle = [...links, link("decode", "sampler")];
    expect(outcomeOf(new Map([["decode", ran("done")]]), circle, of)).toBeUndefined();
  });

  it("is found inside a subgraph that takes it, and inside the graph that is looked at", () => {
    const nodes = new Map([["outer/decode/keep", ran("done", picture("c"))]]);
    expect(outcomeOf(nodes, links, { ...of, prefix: "outer/" })?.image.hash).toBe("c");
    expect(outcomeOf(nodes, links, of)).toBeUndefined();
  });
});
