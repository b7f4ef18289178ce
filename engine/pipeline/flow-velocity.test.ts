import { expect, test } from "vitest";
import type { PreparedRun, ZImageTransformer } from "../models/z-image/transformer.ts";
import { type FlowVelocityRequest, flowVelocity } from "./flow-velocity.ts";

const run = (value: number) => ({ value }) as unknown as PreparedRun;

/** Predicts the prompt's value, and what the ControlNet adds. */
const transformer = {
  forward: async (_x: Float32Array, _time: number, prompt: PreparedRun, options: { control?: Map<number, number[]> }) =>
    Float32Array.of((prompt as unknown as { value: number }).value + (options.control?.get(0)?.[0] ?? 0)),
} as unknown as ZImageTransformer;

async function velocity(guidance: number, control?: FlowVelocityRequest["control"]): Promise<number> {
  const model = flowVelocity({
    transformer,
    positive: [run(3)],
    negative: [run(1)],
    guidance: { guidance },
    ...(control && { control }),
  });
  return ((await model(new Float32Array(1), 0.5, 500)) as Float32Array)[0]!;
}

test("a ControlNet in the positive pass alone is magnified by guidance; in both passes it is not", async () => {
  const add =
    (passes: readonly string[]): FlowVelocityRequest["control"] =>
    async (_x, _time, _run, pass) =>
      new Map(passes.includes(pass) ? [[0, Float32Array.of(10)]] : []);
  expect(await velocity(2)).toBe(-(3 + 2 * (3 - 1)));
  expect(await velocity(2, add(["positive", "negative"]))).toBe(-(13 + 2 * (13 - 11)));
  expect(await velocity(2, add(["positive"]))).toBe(-(13 + 2 * (13 - 1)));
});

test("without guidance there is one pass, which says so", async () => {
  const passes: string[] = [];
  await velocity(0, async (_x, _time, _run, pass) => {
    passes.push(pass);
    return new Map();
  });
  expect(passes).toEqual(["alone"]);
});
