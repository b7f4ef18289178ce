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

const RETRY_MS = 50;
const ALL_FINISHED_WITHIN_MS = 180_000;
const acceptedSchema = z.object({ id: z.string() });
const runSchema = z.object({ state: z.string() });
const logSchema = z.object({ lines: z.array(z.object({ message: z.string() })) });

/**
 * Many clients, each with a connection of its own, submit many jobs of a workflow without a model to a started host, each its
 * next one as soon as the last was acknowledged. None that was acknowledged may be lost, none may run again after its end was
 * recorded. The jobs are of 64 documents; with `--distinct` no two are the same. Several such rounds, each with new
 * connections, after one that does not count: the starts of the engine and of the compiler belong to another bench.
 *
 * With `--kills` (and one round) the host or its engine is killed that often while submits are under way, and started again;
 * what got no answer is then sent again, since nobody promised anything for it.
 */
export async function run(args: string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({
    args,
    options: {
      clients: { type: "string", default: "200" },
      jobs: { type: "string", default: "1000" },
      rounds: { type: "string", default: "5" },
      kills: { type: "string", default: "0" },
      distinct: { type: "boolean", default: false },
    },
  });
  const { distinct } = values;
  const [clients, jobs, wantedRounds, wantedKills] = [values.clients, values.jobs, values.rounds, values.kills].map(
    Number,
  ) as [number, number, number, number];
  const home = await mkdtemp(join(tmpdir(), "heddle-bench-"));
  const host = new ServedHost(home, await freePort());
  try {
    await host.start();
    await submitAll(host, { clients, jobs, distinct: true, name: "warm-up" });
    const rounds: Round[] = [];
    for (let round = 0; round < (wantedKills > 0 ? 1 : wantedRounds); round++) {
      const kills = wantedKills > 0 ? new Kills(host, wantedKills, jobs) : undefined;
      rounds.push(await submitAll(host, { clients, jobs, distinct, name: `round ${round}`, kills }));
    }
    const median = (of: (round: Round) => number) => spread(rounds.map(of)).median;
    return {
      what: `${clients} clients submit ${jobs} jobs over loopback; milliseconds, medians of ${rounds.length} rounds`,
      documents: distinct ? jobs : DOCUMENTS,
      acknowledged: rounds.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
      lost: rounds.reduce((sum, { lost }) => sum + lost, 0),
      ranAgainAfterTheirEnd: rounds.reduce((sum, { ranAgain }) => sum + ranAgain, 0),
      ...rounds[0]?.kills,
      submitMs: {
        median: median(({ submitMs }) => percentile(submitMs, 0.5)),
        p95: median(({ submitMs }) => percentile(submitMs, 0.95)),
        p99: median(({ submitMs }) => percentile(submitMs, 0.99)),
        max: median(({ submitMs }) => percentile(submitMs, 1)),
      },
      p99OfEachRound: rounds.map(({ submitMs }) => percentile(submitMs, 0.99)),
      submittedMs: round(median(({ submittedMs }) => submittedMs)),
      allFinishedMs: round(median(({ finishedMs }) => finishedMs)),
    };
  } finally {
    host.kill();
    await rm(home, { recursive: true, force: true });
  }
}

const DOCUMENTS = 64;

interface Round {
  acknowledged: number;
  lost: number;
  /** Jobs that were started after they had been recorded as done, or recorded so twice. */
  ranAgain: number;
  submitMs: number[];
  /** From the first submit to the last answer, and to the end of the last job. */
  submittedMs: number;
  finishedMs: number;
  kills?: object;
}

interface RoundOptions {
  clients: number;
  jobs: number;
  distinct: boolean;
  name: string;
  kills?: Kills | undefined;
}

async function submitAll(host: ServedHost, { clients, jobs, distinct, name, kills }: RoundOptions): Promise<Round> {
  const documentOf = (job: number): WorkflowDocument => {
    const document = noModelWorkflow(16 + (job % DOCUMENTS) * 2);
    return distinct ? { ...document, title: `${name}, ${job}` } : document;
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
  return {
    acknowledged: ids.length,
    lost: ids.filter((id) => ended.get(id) !== "done").length,
    submittedMs,
    finishedMs: performance.now() - started,
    ranAgain: await countRunAgain(host, ids),
    submitMs,
    ...(kills ? { kills: { ...kills.facts, unanswered } } : {}),
  };
}

/** @returns the id of the job, which the host has acknowledged */
async function submit(host: ServedHost, submitter: Submitter, document: WorkflowDocument): Promise<string> {
  const body = JSON.stringify({ document });
  const answer = await submitter.post("/api/runs", host.headers, body);
  if (answer.status !== 202) throw new Error(`${answer.status}: ${answer.body}`);
  return acceptedSchema.parse(JSON.parse(answer.body)).id;
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
