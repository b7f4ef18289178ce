import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { TorchGenerator } from "../../engine/sampling/noise.ts";

const numbers = z.array(z.number());
const schema = z.object({
  cases: z.array(
    z.object({
      seed: z.string(),
      shape: z.array(z.int()),
      first: numbers,
      last: numbers,
      sum: z.number(),
      sumsq: z.number(),
      second_draw_first: numbers,
    }),
  ),
});
/** A few units in the last place: torch's vectorised log, cos and sin round differently from libm's. */
const TOLERANCE = 1e-6;

export interface NoiseVerdict {
  id: string;
  verdict: { passed: boolean; text: string; maxAbs: number };
}

/** The cases of `torch_randn.json`, which stand outside the manifest; none where the folder has no such file. */
export async function noiseCases(root: string): Promise<NoiseVerdict[]> {
  const text = await readFile(join(root, "torch_randn.json"), "utf8").catch(() => undefined);
  if (text === undefined) return [];
  return schema.parse(JSON.parse(text)).cases.map((draw) => {
    const generator = new TorchGenerator(BigInt(draw.seed));
    const count = draw.shape.reduce((product, size) => product * size, 1);
    const values = generator.randn(count);
    const second = generator.randn(count);
    const worst = Math.max(
      largestDifference(values, draw.first),
      largestDifference(values.subarray(count - draw.last.length), draw.last),
      largestDifference(second, draw.second_draw_first),
    );
    const sum = values.reduce((total, value) => total + value, 0);
    const sumOff = Math.abs(sum - draw.sum) / Math.max(1, Math.sqrt(count));
    return {
      id: `torch_randn seed ${draw.seed} [${draw.shape.join(", ")}]`,
      verdict: { passed: worst <= TOLERANCE && sumOff < 1e-5, text: `max ${worst.toExponential(1)}`, maxAbs: worst },
    };
  });
}

function largestDifference(values: Float32Array, expected: readonly number[]): number {
  return Math.max(...expected.map((value, i) => Math.abs(value - values[i]!)));
}
