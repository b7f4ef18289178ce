import { expect, test } from "vitest";
import { blockFactor, weightAt } from "./lora-weights.ts";

const lora = { path: "a", fingerprint: "a", weight: 2 };

test("the weight over a run is linear between the points, and even before the first and after the last", () => {
  const schedule = [
    { at: 0.75, factor: 0.5 },
    { at: 0.25, factor: 1 },
  ];
  const at = (progress: number) => weightAt({ ...lora, schedule }, progress);
  expect([0, 0.25, 0.5, 0.75, 1].map(at)).toEqual([2, 2, 1.5, 1, 1]);
  expect(weightAt(lora, 0.5)).toBe(2);
});

test("two points at one place make a switch", () => {
  const schedule = [
    { at: 0, factor: 1 },
    { at: 0.5, factor: 1 },
    { at: 0.5, factor: 0 },
  ];
  const at = (progress: number) => weightAt({ ...lora, schedule }, progress);
  expect([0.4, 0.49, 0.5, 0.9].map(at)).toEqual([2, 2, 0, 0]);
});

test("the last rule that fits a layer says its factor", () => {
  const rules = [
    { part: "layers", factor: 0.5 },
    { part: "layers", from: 2, to: 4, factor: 0 },
    { part: "attention", factor: 2 },
  ];
  const factors = ["layers.1.feed_forward.w1", "layers.3.feed_forward.w1", "layers.3.attention.to_q", "x_embedder"];
  expect(factors.map((module) => blockFactor(rules, module))).toEqual([0.5, 0, 2, 1]);
});
