import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parseZImageConfig } from "../engine/models/z-image/config.ts";
import { ZImageTransformer } from "../engine/models/z-image/transformer.ts";
import { SessionPool } from "../engine/runtime/session-pool.ts";
import { openWeightFolder } from "../engine/weights/weight-set.ts";
import { parseWorkflowText } from "../graph/parse.ts";
import { createLocalServices } from "../server/services/local-services.ts";
import { normals } from "./real-block.ts";
import { round, spread } from "./statistics.ts";

const resources = join(import.meta.dirname, "../resources");
const STEPS = 8;
const SIDE = 256;

/**
 * What the sampler's loop, progress, live previews and the executor add to a step: the template's sampler node, run by the
 * executor with previews on, against the same number of bare forward passes, in turn.
 */
export async function run(args: string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({ args, options: { rounds: { type: "string", default: "10" } } });
  const home = await mkdtemp(join(tmpdir(), "heddle-bench-"));
  try {
    return await measured(home, Number(values.rounds));
  } finally {
    await rm(home, { recursive: true });
  }
}

async function measured(home: string, rounds: number): Promise<Record<string, unknown>> {
  const local = createLocalServices({
    folders: { output: join(home, "output"), images: join(home, "images") },
    previews: true,
  });
  const { document } = parseWorkflowText(await readFile(join(resources, "templates/text-to-image.json"), "utf8"));
  const params = document.nodes.find(({ type }) => type === "sampler")!.params;
  Object.assign(params, { steps: STEPS });
  const sampleMs = async (seed: number): Promise<number> => {
    params.seed = seed;
    const result = await local.executor.run(document, {
      runId: String(seed),
      signal: new AbortController().signal,
      onEvent: () => undefined,
    });
    if (result.status !== "done") throw new Error(JSON.stringify(result.error));
    return result.timings.sampleMs;
  };

  const folder = join(resources, "starter-model/turbo/transformer");
  const config = parseZImageConfig(JSON.parse(await readFile(join(folder, "config.json"), "utf8")), folder);
  const pool = new SessionPool({ memoryBudgetBytes: 2e9 });
  const model = new ZImageTransformer(await openWeightFolder(folder), config, pool);
  const side = SIDE / 8;
  const text = { embeddings: normals(32 * config.captionDim), tokens: 32 };
  const prepared = await model.prepare(text, { height: side, width: side });
  const latent = normals(config.channels * side * side);
  const forwardsMs = async (): Promise<number> => {
    const started = performance.now();
    for (let i = 0; i < STEPS; i++) await model.forward(latent, i / STEPS, prepared);
    return performance.now() - started;
  };

  const sampled: number[] = [];
  const bare: number[] = [];
  for (let i = 0; i <= rounds; i++) {
    const [node, forwards] = [await sampleMs(i + 1), await forwardsMs()];
    if (i === 0) continue;
    sampled.push(node / STEPS);
    bare.push(forwards / STEPS);
  }
  await local.dispose();
  await pool.dispose();
  const overheadMs = spread(sampled.map((ms, i) => ms - bare[i]!));
  return {
    what: `milliseconds a step of the starter, ${SIDE} x ${SIDE}, ${STEPS} steps`,
    stepInExecutorMs: spread(sampled),
    bareForwardMs: spread(bare),
    overheadMs,
    under10Ms: round(overheadMs.median) < 10,
  };
}
