import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { CaseResult } from "./worker.ts";

/** A case that takes longer counts as a hang. */
const LIMIT_MS = 2000;

export interface FuzzSummary {
  readonly cases: number;
  /** How often each outcome came, by kind of file: "lora: safetensors-invalid". */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly problems: readonly string[];
}

/**
 * Runs cases 0 to `count` - 1 of a seed, one after the other, in a thread of their own: one that crashes or hangs is
 * noted, and the thread replaced.
 */
export async function runFuzz(count: number, seed: number): Promise<FuzzSummary> {
  const folder = await mkdtemp(join(tmpdir(), "heddle-fuzz-"));
  const outcomes = new Map<string, number>();
  const problems: string[] = [];
  let worker: Worker | undefined;
  try {
    for (let index = 0; index < count; index++) {
      worker ??= await startWorker(seed, join(folder, `case-${index}`));
      const result = await askWorker(worker, index);
      const outcome = `${result.kind}: ${result.outcome ?? "PROBLEM"}`;
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      if (result.problem === undefined) continue;
      problems.push(`case ${index} of seed ${seed}: ${result.problem}`);
      if (result.kind === "thread") {
        await worker.terminate();
        worker = undefined;
      }
    }
  } finally {
    await worker?.terminate();
    await rm(folder, { recursive: true, force: true });
  }
  return { cases: count, outcomes, problems };
}

async function startWorker(seed: number, file: string): Promise<Worker> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    workerData: { seed, file },
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  });
  await new Promise<void>((resolve, reject) => {
    worker.once("message", () => resolve());
    worker.once("error", reject);
  });
  return worker;
}

async function askWorker(worker: Worker, index: number): Promise<CaseResult> {
  const failed = (problem: string): CaseResult => ({ index, kind: "thread", problem });
  return new Promise((resolve) => {
    const settle = (result: CaseResult): void => {
      clearTimeout(timer);
      worker.off("message", settle).off("error", onError).off("exit", onExit);
      resolve(result);
    };
    const onError = (error: Error): void => settle(failed(`the thread broke: ${error.stack}`));
    const onExit = (code: number): void => settle(failed(`the thread ended with ${code}`));
    const timer = setTimeout(() => settle(failed(`no answer within ${LIMIT_MS} ms`)), LIMIT_MS);
    worker.on("message", settle).on("error", onError).on("exit", onExit);
    worker.postMessage(index);
  });
}
