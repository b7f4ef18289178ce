import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { z } from "zod";
import { writeRandomTensors } from "./random-model.ts";
import { qwen3Config, realConfig, textEncoderTensors, transformerTensors } from "./random-shapes.ts";
import { workFolder } from "./work-folder.ts";

const child = join(import.meta.dirname, "memory-child.ts");
const reportSchema = z.record(z.string(), z.number());
const REFINERS = 2;

/**
 * Peak memory and time of deriving, and of a picture: a text encoder and then a transformer of the real shapes with random
 * weights, with a budget of 8 GB, each phase in a process of its own. 30 layers are the whole model: 20 GB of weights and
 * 10 GB derived from them in the work folder (`HEDDLE_BENCH`), which are kept for the next run.
 */
export async function run(args: string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({
    args,
    options: {
      layers: { type: "string", default: "30" },
      plan: { type: "string", default: "h8" },
      size: { type: "string", default: "512" },
    },
  });
  const folder = await workFolder();
  const path = join(folder, `transformer-${values.layers}-${REFINERS}.safetensors`);
  if (!existsSync(path)) {
    await writeRandomTensors(path, transformerTensors(realConfig(Number(values.layers), REFINERS)), {});
  }
  const encoderPath = join(folder, "text-encoder.safetensors");
  if (!existsSync(encoderPath)) await writeRandomTensors(encoderPath, textEncoderTensors(qwen3Config), {});
  const results: Record<string, unknown> = {};
  // Mapped twice: what the first one reads lies in the system's cache for the second.
  for (const phase of ["derive transformer", "derive text encoder", "copied", "mapped", "mapped, warm"]) {
    const { stdout } = await promisify(execFile)(process.execPath, [
      child,
      ...[phase, path, encoderPath, folder, values.layers, String(REFINERS), values.plan, values.size],
    ]);
    results[phase] = reportSchema.parse(JSON.parse(stdout));
  }
  return { what: "text encoder (4B) and transformer of the real shapes, random weights", ...values, results };
}
