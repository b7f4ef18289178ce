import { mkdtemp, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { z } from "zod";
import { noModelWorkflow } from "../server/api/testing/no-model-workflow.ts";
import { freePort, ServedHost } from "./served-host.ts";
import { round, spread } from "./statistics.ts";

/** Jobs before those that count. */
const WARM_UP = 400;
const runSchema = z.object({ state: z.string(), images: z.array(z.unknown()) });
const logSchema = z.object({ lines: z.array(z.object({ message: z.string() })) });

/**
 * Many clients submit many jobs of a workflow without a model to a started host. None that was acknowledged may be lost,
 * none may finish twice. With `--kills` the host or its engine is killed that often meanwhile, and started again.
 */
export async function run(args: string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({
    args,
    options: {
      clients: { type: "string", default: "200" },
      jobs: { type: "string", default: "1000" },
      kills: { type: "string", default: "0" },
    },
  });
  const [clients, jobs, kills] = [values.clients, values.jobs, values.kills].map(Number) as [number, number, number];
  const home = await mkdtemp(join(tmpdir(), "heddle-bench-"));
  const host = new ServedHost(home, await freePort());
  try {
    await host.start();
    // The starts of the engine and of the compiler belong to another bench.
    const warmUp = await Promise.all(Array.from({ length: WARM_UP }, () => submit(host, 16)));
    await finished(
      host,
      warmUp.map(({ id }) => id),
    );

    const submitMs: number[] = [];
    const ids: string[] = [];
    let unanswered = 0;
    const started = performance.now();
    const isOver = { value: false };
    const killer = kills > 0 ? killAtRandom(host, kills, isOver) : Promise.resolve(0);
    const client = async (index: number) => {
      for (let job = index; job < jobs; job += clients) {
        const before = performance.now();
        const answer = await submit(host, 16 + (job % 64) * 2).catch(() => undefined);
        if (answer) ids.push(answer.id);
        else {
          // Nobody promised anything for this one: it is sent again.
          unanswered += 1;
          job -= clients;
          await delay(100);
          continue;
        }
        submitMs.push(performance.now() - before);
      }
    };
    await Promise.all(Array.from({ length: clients }, (_, index) => client(index)));
    const submittedMs = performance.now() - started;
    if (kills > 0) await killer;
    isOver.value = true;
    const states = await finished(host, ids);
    const allMs = performance.now() - started;
    const lost = ids.filter((id) => states.get(id) !== "done");
    const twice = kills > 0 ? undefined : await countRunTwice(host, ids);
    return {
      what: `${clients} clients submit ${jobs} jobs over loopback; milliseconds`,
      acknowledged: ids.length,
      lost: lost.length,
      ...(twice === undefined ? {} : { runTwice: twice }),
      ...(kills > 0 ? { kills: await killer, unanswered } : {}),
      submitMs: { ...spread(submitMs), p99: percentile(submitMs, 0.99) },
      submittedMs: round(submittedMs),
      allFinishedMs: round(allMs),
      jobsPerSecond: round((ids.length / allMs) * 1_000),
    };
  } finally {
    host.kill();
    await rm(home, { recursive: true, force: true });
  }
}

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

/** With as little work on this side as can be: the clients share two cores with what they measure. */
function submit(host: ServedHost, size: number): Promise<{ id: string }> {
  const body = JSON.stringify({ document: noModelWorkflow(size) });
  return new Promise((resolve, reject) => {
    const options = { method: "POST", agent, headers: { ...host.headers, "content-length": Buffer.byteLength(body) } };
    const sent = request(new URL("/api/runs", host.url), options, async (response) => {
      try {
        const text = (await response.toArray()).join("");
        if (response.statusCode !== 202) throw new Error(`${response.statusCode}: ${text}`);
        resolve(z.object({ id: z.string() }).parse(JSON.parse(text)));
      } catch (error) {
        reject(error);
      }
    });
    sent.once("error", reject).end(body);
  });
}

/** The state in which each job ended. */
async function finished(host: ServedHost, ids: readonly string[]): Promise<Map<string, string>> {
  const states = new Map<string, string>();
  const deadline = performance.now() + 300_000;
  while (states.size < ids.length && performance.now() < deadline) {
    for (const id of ids) {
      if (states.has(id)) continue;
      const response = await host.fetch(`/api/runs/${id}`);
      const parsed = response.ok ? runSchema.parse(await response.json()) : { state: "lost", images: [] };
      if (parsed.state === "waiting" || parsed.state === "running") {
        await delay(50);
        break;
      }
      states.set(id, parsed.state);
    }
  }
  return states;
}

async function countRunTwice(host: ServedHost, ids: readonly string[]): Promise<number> {
  let twice = 0;
  for (const id of ids) {
    const { lines } = logSchema.parse(await (await host.fetch(`/api/runs/${id}/log`)).json());
    if (lines.filter(({ message }) => message.startsWith("Started: ")).length !== 1) twice += 1;
  }
  return twice;
}

async function killAtRandom(host: ServedHost, kills: number, isOver: { value: boolean }): Promise<number> {
  let done = 0;
  for (; done < kills && !isOver.value; done++) {
    await delay(50 + Math.random() * 450);
    if (Math.random() < 0.5) await host.killEngine();
    else await host.restart();
  }
  return done;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return round(sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0);
}
