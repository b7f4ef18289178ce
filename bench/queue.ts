import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { z } from "zod";
import type { WorkflowDocument } from "../graph/document.ts";
import { noModelWorkflow } from "../server/api/testing/no-model-workflow.ts";
import { Kills } from "./kills.ts";
import { freePort, ServedHost } from "./served-host.ts";
import { round, spread } from "./statistics.ts";
import { Submitter } from "./submitter.ts";

/** Jobs before those that count. */
const WARM_UP = 400;
const RETRY_MS = 50;
const ALL_FINISHED_WITHIN_MS = 180_000;
const acceptedSchema = z.object({ id: z.string() });
const runSchema = z.object({ state: z.string() });
const logSchema = z.object({ lines: z.array(z.object({ message: z.string() })) });

/**
 * Many clients, each with a connection of its own, submit many jobs of a workflow without a model to a started host, each its
 * next one as soon as the last was acknowledged. None that was acknowledged may be lost, none may run again after its end was
 * recorded. With `--kills` the host or its engine is killed that often while submits are under way, and started again; what
 * got no answer is then sent again, since nobody promised anything for it. The jobs are of 64 documents; with `--distinct` no
 * two are the same.
 */
export async function run(args: string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({
    args,
    options: {
      clients: { type: "string", default: "200" },
      jobs: { type: "string", default: "1000" },
      kills: { type: "string", default: "0" },
      distinct: { type: "boolean", default: false },
    },
  });
  const [clients, jobs, wantedKills] = [values.clients, values.jobs, values.kills].map(Number) as [
    number,
    number,
    number,
  ];
  const home = await mkdtemp(join(tmpdir(), "heddle-bench-"));
  const host = new ServedHost(home, await freePort());
  try {
    await host.start();
    // The starts of the engine and of the compiler belong to another bench.
    const warmUp = await Promise.all(Array.from({ length: WARM_UP }, () => submitOnce(host)));
    await states(host, warmUp);

    const kills = wantedKills > 0 ? new Kills(host, wantedKills, jobs) : undefined;
    const documentOf = (job: number): WorkflowDocument => {
      const document = noModelWorkflow(16 + (job % 64) * 2);
      return values.distinct ? { ...document, title: `Job ${job}` } : document;
    };
    const submitMs: number[] = [];
    const ids: string[] = [];
    let unanswered = 0;
    const started = performance.now();
    const untilAcknowledged = async (submitter: Submitter, job: number) => {
      for (;;) {
        const before = performance.now();
        const id = await submit(host, submitter, documentOf(job)).catch(() => undefined);
        if (id !== undefined) {
          submitMs.push(performance.now() - before);
          ids.push(id);
          return;
        }
        unanswered += 1;
        await delay(RETRY_MS);
      }
    };
    const client = async (index: number) => {
      const submitter = new Submitter(host.port);
      for (let job = index; job < jobs; job += clients) {
        await (kills ? kills.among(job, () => untilAcknowledged(submitter, job)) : untilAcknowledged(submitter, job));
      }
      submitter.close();
    };
    const killed = kills?.run();
    await Promise.all(Array.from({ length: clients }, (_, index) => client(index)));
    const submittedMs = performance.now() - started;
    await killed;
    const ended = await states(host, ids);
    const allMs = performance.now() - started;
    return {
      what: `${clients} clients submit ${jobs} jobs over loopback; milliseconds`,
      acknowledged: ids.length,
      lost: ids.filter((id) => ended.get(id) !== "done").length,
      ranAgainAfterTheirEnd: await countRunAgain(host, ids),
      ...(kills ? { ...kills.facts, unanswered } : {}),
      submitMs: { ...spread(submitMs), p95: percentile(submitMs, 0.95), p99: percentile(submitMs, 0.99) },
      submittedMs: round(submittedMs),
      allFinishedMs: round(allMs),
      jobsPerSecond: round((ids.length / allMs) * 1_000),
    };
  } finally {
    host.kill();
    await rm(home, { recursive: true, force: true });
  }
}

/** @returns the id of the job, which the host has acknowledged */
async function submit(host: ServedHost, submitter: Submitter, document: WorkflowDocument): Promise<string> {
  const body = JSON.stringify({ document });
  const answer = await submitter.post("/api/runs", host.headers, body);
  if (answer.status !== 202) throw new Error(`${answer.status}: ${answer.body}`);
  return acceptedSchema.parse(JSON.parse(answer.body)).id;
}

async function submitOnce(host: ServedHost): Promise<string> {
  const submitter = new Submitter(host.port);
  try {
    return await submit(host, submitter, noModelWorkflow(16));
  } finally {
    submitter.close();
  }
}

/** The state in which each job ended; `lost` when the host does not know it, none when it has not ended in time. */
async function states(host: ServedHost, ids: readonly string[]): Promise<Map<string, string>> {
  const ended = new Map<string, string>();
  const deadline = performance.now() + ALL_FINISHED_WITHIN_MS;
  for (const id of ids) {
    while (performance.now() < deadline) {
      const response = await host.fetch(`/api/runs/${id}`);
      const { state } = response.ok ? runSchema.parse(await response.json()) : { state: "lost" };
      if (state === "waiting" || state === "running") {
        await delay(50);
        continue;
      }
      ended.set(id, state);
      break;
    }
  }
  return ended;
}

/** Jobs that were started after they had been recorded as done, or recorded so twice. */
async function countRunAgain(host: ServedHost, ids: readonly string[]): Promise<number> {
  let again = 0;
  for (const id of ids) {
    const { lines } = logSchema.parse(await (await host.fetch(`/api/runs/${id}/log`)).json());
    const end = lines.findIndex(({ message }) => message.startsWith("Done after "));
    if (end >= 0 && end < lines.length - 1) again += 1;
  }
  return again;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return round(sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0);
}
