import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs, promisify } from "node:util";
import { z } from "zod";
import { noModelWorkflow } from "../server/api/testing/no-model-workflow.ts";
import { round, spread } from "./statistics.ts";

const heddle = join(import.meta.dirname, "../cli/heddle.ts");
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
  const host = new Host(home, await freePort());
  try {
    await host.start();
    // The engine's start belongs to another bench.
    await finished(host, [(await submit(host, 16)).id]);

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

/** `heddle serve` in a process of its own, always on the same port. */
class Host {
  readonly #home: string;
  readonly #port: number;
  #child: ChildProcess | undefined;
  #token = "";

  constructor(home: string, port: number) {
    this.#home = home;
    this.#port = port;
  }

  async start(): Promise<void> {
    const env = { ...process.env, HEDDLE_HOME: this.#home, HEDDLE_OUTPUT: join(this.#home, "output") };
    const child = spawn(process.execPath, [heddle, "serve", "--no-open", "--port", String(this.#port)], {
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#child = child;
    for await (const line of createInterface({ input: child.stdout })) {
      const address = /http:\S+/.exec(line)?.[0];
      if (address === undefined) continue;
      this.#token = new URL(address).searchParams.get("token") ?? "";
      return;
    }
    throw new Error("The host did not start.");
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.#port}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${this.#token}`, "content-type": "application/json" },
    });
  }

  kill(): void {
    this.#child?.kill("SIGKILL");
  }

  async killEngine(): Promise<void> {
    const found = await promisify(execFile)("pgrep", ["-P", String(this.#child?.pid)]).catch(() => ({ stdout: "" }));
    for (const pid of found.stdout.split("\n").filter(Boolean)) process.kill(Number(pid), "SIGKILL");
  }

  async restart(): Promise<void> {
    const ended = new Promise((resolve) => this.#child?.once("close", resolve));
    this.kill();
    await ended;
    await this.start();
  }
}

async function submit(host: Host, size: number): Promise<{ id: string }> {
  const response = await host.fetch("/api/runs", {
    method: "POST",
    body: JSON.stringify({ document: noModelWorkflow(size) }),
  });
  if (response.status !== 202) throw new Error(`${response.status}: ${await response.text()}`);
  return z.object({ id: z.string() }).parse(await response.json());
}

/** The state in which each job ended. */
async function finished(host: Host, ids: readonly string[]): Promise<Map<string, string>> {
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

async function countRunTwice(host: Host, ids: readonly string[]): Promise<number> {
  let twice = 0;
  for (const id of ids) {
    const { lines } = logSchema.parse(await (await host.fetch(`/api/runs/${id}/log`)).json());
    if (lines.filter(({ message }) => message.startsWith("Started: ")).length !== 1) twice += 1;
  }
  return twice;
}

async function killAtRandom(host: Host, kills: number, isOver: { value: boolean }): Promise<number> {
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

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
