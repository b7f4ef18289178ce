import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { z } from "zod";
import { writeRandomTensors } from "./random-model.ts";
import { fluxVae, vaeTensors } from "./random-shapes.ts";
import { round } from "./statistics.ts";
import { workFolder } from "./work-folder.ts";

const child = join(import.meta.dirname, "vae-child.ts");
const reportSchema = z.object({
  cpuSeconds: z.number(),
  wallSeconds: z.number(),
  peakBytes: z.number(),
});

/** Decoding (or encoding) with the Flux autoencoder's shapes and random weights, whole and in strips, each in a process of its own. */
export async function run(args: string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({
    args,
    options: {
      sizes: { type: "string", default: "512,1024" },
      threads: { type: "string", default: "1" },
      encode: { type: "boolean", default: false },
      modes: { type: "string", default: "whole,strips" },
      upsampling: { type: "string", default: "subpixel" },
    },
  });
  const path = join(await workFolder(), "vae-both-ways.safetensors");
  if (!existsSync(path)) await writeRandomTensors(path, vaeTensors(fluxVae), {});
  const results: Record<string, unknown>[] = [];
  for (const size of values.sizes.split(",")) {
    for (const mode of values.modes.split(",")) {
      for (const upsampling of values.encode ? ["subpixel"] : values.upsampling.split(",")) {
        const order = [path, size, mode, values.threads, upsampling, ...(values.encode ? ["encode"] : [])];
        const { stdout } = await promisify(execFile)(process.execPath, [child, ...order]);
        const { peakBytes, ...report } = reportSchema.parse(JSON.parse(stdout));
        const form = values.encode ? {} : { upsampling };
        results.push({ size: Number(size), mode, ...form, ...report, peakMB: round(peakBytes / 1e6) });
      }
    }
  }
  const what = values.encode ? "encode" : "decode";
  return {
    what: `VAE ${what}, channels 128, 256, 512, 512, random weights, float32`,
    threads: values.threads,
    results,
  };
}
