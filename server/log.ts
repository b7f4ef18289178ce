import { mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Logger, pino } from "pino";

const LARGEST_LOG_BYTES = 5 * 2 ** 20;

/** The host's log, `logs/heddle.log` in the home folder; a large one from before is kept as `heddle.log.1`. */
export function openLog(homeFolder: string): Logger {
  const folder = join(homeFolder, "logs");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "heddle.log");
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > LARGEST_LOG_BYTES) renameSync(path, `${path}.1`);
  return pino(
    { level: process.env.HEDDLE_LOG ?? "info", base: { pid: process.pid } },
    pino.destination({ dest: path, sync: false }),
  );
}
