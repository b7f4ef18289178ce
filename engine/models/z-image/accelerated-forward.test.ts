import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { relativeError } from "../../../test/support/relative-error.ts";
import { SessionPool } from "../../runtime/session-pool.ts";
import { TorchGenerator } from "../../sampling/noise.ts";
import type { Acceleration } from "../../types.ts";
import { openWeightFolder, type WeightSet } from "../../weights/weight-set.ts";
import { parseZImageConfig, type ZImageConfig } from "./config.ts";
import { StepCache } from "./step-cache.ts";
import { type PreparedRun, ZImageTransformer } from "./transformer.ts";

const folder = fileURLToPath(new URL("../../../resources/starter-model/turbo/transformer", import.meta.url));
const size = { height: 8, width: 12 };
/** So wide that rolling it takes few neighbours apart. */
const wide = { height: 4, width: 96 };
/** The middle of a run, where steps are alike. */
const times = [0.5, 0.55, 0.6, 0.65];

let config: ZImageConfig;
let weights: WeightSet;
const pool = new SessionPool({ memoryBudgetBytes: 1e9 });
beforeAll(async () => {
  config = parseZImageConfig(JSON.parse(await readFile(`${folder}/config.json`, "utf8")), folder);
  weights = await openWeightFolder(folder);
});
afterAll(() => pool.dispose());

const latent = ({ height, width } = size) => new TorchGenerator(1n).randn(config.channels * height * width);
const prepare = (model: ZImageTransformer, of = size) =>
  model.prepare({ embeddings: new TorchGenerator(2n).randn(20 * config.captionDim), tokens: 20 }, of);

/** A step for each time, over a latent that stays the same. */
async function walk(model: ZImageTransformer, run: PreparedRun, cache?: StepCache): Promise<Float32Array[]> {
  const outputs: Float32Array[] = [];
  for (const time of times) outputs.push(await model.forward(latent(), time, run, cache && { cache }));
  return outputs;
}

const methods: Acceleration[] = [
  { method: "first-block", threshold: 0, maxConsecutive: 3 },
  { method: "tea", threshold: 0, maxConsecutive: 3 },
  { method: "dual-block", threshold: 0, maxConsecutive: 3, firstBlocks: 1, lastBlocks: 1 },
];

describe.each([
  ["one session for all layers", undefined],
  ["a session a layer", 1],
] as const)("%s", (_, layersPerSession) => {
  test.each(methods)("$method that never reuses computes what the whole computes", async (settings) => {
    const precision = { plan: "reference" as const, weights, ...(layersPerSession && { layersPerSession }) };
    const model = new ZImageTransformer(weights, config, pool, precision);
    const run = await prepare(model);
    const cache = new StepCache(settings, { run: 0, skipped: 0 });
    const [plain, cut] = [await walk(model, run), await walk(model, run, cache)];
    for (const [i, output] of cut.entries()) expect(relativeError(output, plain[i]!)).toBeLessThan(2e-6);
    expect(cache.runs).toEqual({ run: times.length * config.layers, skipped: 0 });
  });
});

describe("reusing", () => {
  test.each(methods)("$method leaves out the middle layers, counts them, and stays near", async (settings) => {
    const model = new ZImageTransformer(weights, config, pool);
    const run = await prepare(model);
    const cache = new StepCache({ ...settings, threshold: 1 }, { run: 0, skipped: 0 });
    const [plain, reused] = [await walk(model, run), await walk(model, run, cache)];
    const middle = config.layers - { "first-block": 1, tea: 0, "dual-block": 2 }[settings.method];
    expect(cache.runs).toEqual({ run: times.length * config.layers - 3 * middle, skipped: 3 * middle });
    expect(relativeError(reused[0]!, plain[0]!)).toBeLessThan(2e-6);
    for (const [i, output] of reused.slice(1).entries()) {
      const error = relativeError(output, plain[i + 1]!);
      expect(error).toBeGreaterThan(1e-5);
      // Nearer than the output of the step that it reuses would be.
      expect(error).toBeLessThan(relativeError(plain[0]!, plain[i + 1]!));
    }
  });

  test("follows a latent that is rolled: a rolled step reuses what belongs to each place", async () => {
    const model = new ZImageTransformer(weights, config, pool);
    const run = await prepare(model, wide);
    const settings: Acceleration = { method: "tea", threshold: 1e9, maxConsecutive: 3 };
    const columns = 2;
    const rolled = rolledColumns(latent(wide), 2 * columns);
    const exact = await model.forward(rolled, 0.5, run);
    const errorWith = async (known: number) => {
      const cache = new StepCache(settings, { run: 0, skipped: 0 });
      await model.forward(latent(wide), 0.5, run, { cache });
      const output = await model.forward(rolled, 0.5, run, { cache, roll: { rows: 0, columns: known } });
      expect(cache.runs.skipped).toBe(config.layers);
      return relativeError(output, exact);
    };
    expect(await errorWith(columns)).toBeLessThan(0.5 * (await errorWith(0)));
  });
});

function rolledColumns(planes: Float32Array, by: number): Float32Array {
  const { width } = wide;
  return planes.map((_, i) => {
    const column = i % width;
    return planes[i - column + ((((column - by) % width) + width) % width)]!;
  });
}
