import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { z } from "zod";
import { runTimingsSchema } from "../graph/events.ts";
import { spread } from "./statistics.ts";

const child = join(import.meta.dirname, "first-picture-child.ts");
const reportSchema = z.object({ readyMs: z.number(), first: runTimingsSchema, second: runTimingsSchema });

/**
 * Time from starting a fresh process to the first picture on disk (starter-turbo, 256 x 256, 8 steps), with its parts, and
 * of a second run in the same process with only the seed changed.
 */
export async function run(args: string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({ args, options: { runs: { type: "string", default: "5" } } });
  const reports: (z.infer<typeof reportSchema> & { processMs: number })[] = [];
  const runs = Number(values.runs);
  // The first process warms the page cache and is not counted.
  for (let i = 0; i <= runs; i++) {
    const home = await mkdtemp(join(tmpdir(), "heddle-bench-"));
    try {
      const started = performance.now();
      const { stdout } = await promisify(execFile)(process.execPath, [child, home]);
      const lines = stdout.trim().split("\n");
      const report = reportSchema.parse(JSON.parse(lines.at(-1)!));
      const secondMs = report.second.totalMs;
      if (i > 0) reports.push({ ...report, processMs: performance.now() - started - secondMs });
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  }
  const parts = (pick: "first" | "second") =>
    Object.fromEntries(
      Object.keys(runTimingsSchema.shape).map((key) => [
        key,
        spread(reports.map((report) => report[pick][key as keyof typeof runTimingsSchema.shape])),
      ]),
    );
  return {
    what: "starter-turbo, 256 x 256, 8 steps; milliseconds",
    /** Start of the process to its end, less the second run. */
    firstPictureMs: spread(reports.map(({ processMs }) => processMs)),
    startUpMs: spread(reports.map(({ readyMs }) => readyMs)),
    firstRun: parts("first"),
    secondRunSeedChanged: parts("second"),
  };
}
