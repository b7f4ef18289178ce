import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { z } from "zod";
import { writeRandomTensors } from "./random-model.ts";
import { realConfig, transformerTensors } from "./random-shapes.ts";
import { workFolder } from "./work-folder.ts";

const child = join(import.meta.dirname, "memory-child.ts");
const reportSchema = z.record(z.string(), z.number());
const REFINERS = 2;

/**
 * Peak memory and time of deriving, loading and running a transformer of the real shapes with random weights, each in a
 * process of its own. 30 layers are the whole model: 12 GB of weights and 6 GB derived from them in the work folder
 * (`HEDDLE_BENCH`), which are kept for the next run.
 */
export async function run(args: string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({
    args,
    options: {
      layers: { type: "string", default: "30" },
      plan: { type: "string", default: "h8" },
      size: { type: "string", default: "256" },
    },
  });
  const folder = await workFolder();
  const path = join(folder, `transformer-${values.layers}-${REFINERS}.safetensors`);
  if (!existsSync(path)) {
    await writeRandomTensors(path, transformerTensors(realConfig(Number(values.layers), REFINERS)), {});
  }
  const results: Record<string, unknown> = {};
  for (const phase of ["derive", "copied", "mapped"]) {
    const { stdout } = await promisify(execFile)(process.execPath, [
      child,
      ...[phase, path, folder, values.layers, String(REFINERS), values.plan, values.size],
    ]);
    results[phase] = reportSchema.parse(JSON.parse(stdout));
  }
  return { what: "transformer of the real shapes, random weights", ...values, results };
}
