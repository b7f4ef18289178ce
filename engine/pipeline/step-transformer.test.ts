import { expect, test } from "vitest";
import { noUpdates } from "../models/lora-feeds.ts";
import { sequenceShape } from "../models/z-image/tokens.ts";
import type { ForwardOptions, LatentSize, PreparedRun, ZImageTransformer } from "../models/z-image/transformer.ts";
import { StepTransformer } from "./step-transformer.ts";

const timesteps = [1, 0.75, 0.5, 0.25];
const table = { timesteps, sigmas: [...timesteps, 0] } as never;

/** The rolls of all windows of the first and of the last step, for a cache to follow. */
async function rolls(size: LatentSize, tile: number) {
  const seen: ForwardOptions["roll"][] = [];
  const prepare = async (_text: unknown, { height, width }: LatentSize) =>
    ({ size: { height, width }, shape: sequenceShape(height, width, 1), updates: noUpdates }) as PreparedRun;
  const transformer = {
    prepare,
    forward: async (x: Float32Array, _time: number, _run: PreparedRun, { roll }: ForwardOptions) => {
      seen.push(roll);
      return x;
    },
  } as unknown as ZImageTransformer;
  const run = await prepare(undefined, size);
  const steps = new StepTransformer({
    ...{ transformer, table, size, blockRuns: { run: 0, skipped: 0 } },
    model: {
      acceleration: { method: "tea", threshold: 0.25, maxConsecutive: 3 },
      seamless: { horizontal: true, vertical: true, tile, stride: tile / 2 },
    },
    texts: new Map(),
  });
  const x = new Float32Array(size.height * size.width).map((_, i) => i);
  const result = await steps.forward(x, 0, run);
  expect(Math.max(...result.map((value, i) => Math.abs(value - x[i]!)))).toBeLessThan(0.01);
  const first = seen.splice(0);
  await steps.forward(x, 0.75, run);
  return { first, last: seen };
}

test("a cache follows the picture that begins in its middle in the last steps", async () => {
  const { first, last } = await rolls({ height: 8, width: 8 }, 16);
  expect(first).toEqual([{ rows: -0, columns: -0 }]);
  expect(last).toEqual([{ rows: -2, columns: -2 }]);
});

test("so it does along the side that fits a tile where the other one is taken apart", async () => {
  const { first, last } = await rolls({ height: 8, width: 32 }, 16);
  expect(first).toHaveLength(4);
  expect(first.every((roll) => roll?.rows === 0 && roll.columns === 0)).toBe(true);
  expect(last).toHaveLength(4);
  expect(last.every((roll) => roll?.rows === -2 && roll.columns === 0)).toBe(true);
});
