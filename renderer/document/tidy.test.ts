import { expect, it } from "vitest";
import { tidy } from "./tidy.ts";

it("puts nodes in columns along their links, without overlap, and stays where it was", () => {
  const box = (id: string) => ({ id, x: 500, y: 70, width: 288, height: 200 });
  const places = tidy({
    boxes: ["save", "sampler", "model", "prompt"].map(box),
    links: [
      { from: "model", to: "prompt" },
      { from: "model", to: "sampler" },
      { from: "prompt", to: "sampler" },
      { from: "sampler", to: "save" },
    ],
  });
  const xs = ["model", "prompt", "sampler", "save"].map((id) => places.get(id)?.x ?? Number.NaN);
  for (const [at, x] of xs.entries()) if (at > 0) expect(x).toBeGreaterThanOrEqual((xs[at - 1] ?? 0) + 288);
  expect(Math.min(...xs)).toBe(500);
  expect(Math.min(...[...places.values()].map(({ y }) => y))).toBe(70);
});
