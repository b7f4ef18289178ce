import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { HeddleError } from "../../common/errors.ts";
import type { RunEvent } from "../../graph/events.ts";
import type { HostEvent } from "../../protocol/contract.ts";
import { JobPriority } from "./job.ts";
import { JobQueue, type JobQueueOptions, type RunEngine } from "./job-queue.ts";
import { JobStore } from "./job-store.ts";

const document = { format: "heddle-workflow" as const, version: 1 as const, title: "t", nodes: [], links: [] };
const timings = { loadMs: 0, encodeMs: 0, sampleMs: 0, decodeMs: 0, saveMs: 0, totalMs: 5 };

interface Call {
  runId: string;
  emit(event: RunEvent): void;
  signal: AbortSignal;
  done: PromiseWithResolvers<void>;
}

let folder: string;
let calls: Call[];
let published: HostEvent[];
const queues: JobQueue[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-queue-"));
  calls = [];
  published = [];
});
afterEach(async () => {
  for (const queue of queues.splice(0)) await close(queue);
  await rm(folder, { recursive: true });
});

function open(options: JobQueueOptions = {}, place: string | JobStore = ":memory:"): JobQueue {
  const engine: RunEngine = {
    run({ runId }, emit, signal) {
      const done = Promise.withResolvers<void>();
      calls.push({ runId, emit, signal, done });
      return done.promise;
    },
  };
  const store = typeof place === "string" ? new JobStore(place) : place;
  const queue = new JobQueue(engine, store, (event) => published.push(event), options);
  queues.push(queue);
  return queue;
}

/** As a host closes: its engine ends at the same time. */
async function close(queue: JobQueue): Promise<void> {
  const closed = queue.close();
  calls.at(-1)?.done.reject(new HeddleError({ code: "shutting-down", message: "m", help: "h" }));
  await closed;
  const index = queues.indexOf(queue);
  if (index >= 0) queues.splice(index, 1);
}

/** The next job starts one turn of the event loop after the last one has ended. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
const runEvents = () => published.flatMap((event) => (event.type === "run" ? [event.event] : []));
const finishedStatuses = () => runEvents().flatMap((e) => (e.type === "run-finished" ? [[e.runId, e.status]] : []));
const engineStopped = () => new HeddleError({ code: "engine-stopped", message: "It stopped.", help: "h" });

function finish(call: Call, status: "done" | "cancelled" = "done"): void {
  const { runId } = call;
  call.emit({ type: "run-finished", runId, status, images: [], timings, cachedNodes: [], sessionsCreated: 0 });
  call.done.resolve();
}

test("runs go one after the other, in order, and windows hear of it", async () => {
  const queue = open();
  const [a, b] = [queue.start({ document }), queue.start({ document })];
  expect(calls.map((call) => call.runId)).toEqual([a.runId]);
  await expect.poll(() => published.at(-1)).toEqual({ type: "queue", running: a.runId, waiting: [b.runId] });
  finish(calls[0]!);
  await settled();
  expect(calls.map((call) => call.runId)).toEqual([a.runId, b.runId]);
  finish(calls[1]!);
  await expect.poll(() => published.at(-1)).toEqual({ type: "queue", running: null, waiting: [] });
});

test("a run whose engine dies fails on the node it was in, and the next run goes on", async () => {
  const queue = open();
  const { runId } = queue.start({ document });
  queue.start({ document });
  calls[0]!.emit({ type: "node-started", runId, nodeId: "prompt" });
  calls[0]!.emit({ type: "node-finished", runId, nodeId: "prompt", cached: false, durationMs: 1 });
  calls[0]!.emit({ type: "node-started", runId, nodeId: "sampler" });
  calls[0]!.done.reject(engineStopped());
  await settled();
  expect(runEvents().slice(-2)).toMatchObject([
    { type: "node-failed", nodeId: "sampler", error: { code: "engine-stopped", nodeId: "sampler" } },
    { type: "run-finished", runId, status: "failed", error: { code: "engine-stopped" } },
  ]);
  expect(calls).toHaveLength(2);
});

test("cancelling a waiting run removes it, cancelling the running one aborts it", async () => {
  const queue = open();
  const [a, b] = [queue.start({ document }), queue.start({ document })];
  expect(queue.cancel(b.runId)).toBe(true);
  expect(queue.cancel(a.runId)).toBe(true);
  expect(calls[0]!.signal.aborted).toBe(true);
  calls[0]!.done.reject(new Error("aborted"));
  await settled();
  expect(finishedStatuses()).toEqual([
    [b.runId, "cancelled"],
    [a.runId, "cancelled"],
  ]);
  expect(queue.cancel(a.runId)).toBe(false);
  expect(calls).toHaveLength(1);
});

test("what is submitted in the same moment is written down together, in order, before anybody is told", async () => {
  const store = new JobStore(":memory:");
  const groups: number[] = [];
  const add = store.add.bind(store);
  vi.spyOn(store, "add").mockImplementation((jobs) => {
    groups.push(jobs.length);
    return add(jobs);
  });
  const queue = open({}, store);
  const told: string[] = [];
  const submitted = [1, 2, 3].map(async (number) => {
    const { runId } = await queue.submit({ document, origin: "workflow" });
    told.push(`${number} is ${queue.find(runId)?.state}`);
    return runId;
  });
  expect(groups).toEqual([]);
  const own = queue.start({ document });
  expect(groups).toEqual([3, 1]);
  const ids = await Promise.all(submitted);
  expect(told).toEqual(["1 is running", "2 is waiting", "3 is waiting"]);
  expect(queue.list(0).map(({ id }) => id)).toEqual([ids[0], own.runId, ids[1], ids[2]]);
});

test("jobs that cannot be written down are refused, and never run", async () => {
  const store = new JobStore(":memory:");
  const queue = open({}, store);
  vi.spyOn(store, "add").mockImplementationOnce(() => {
    throw new Error("the disk is full");
  });
  const answers = await Promise.allSettled([1, 2].map(() => queue.submit({ document, origin: "fal" })));
  expect(answers.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await settled();
  expect(calls).toHaveLength(0);
  await queue.submit({ document, origin: "fal" });
  expect(calls).toHaveLength(1);
});

test("what was submitted when the host closes is kept", async () => {
  const path = join(folder, "jobs.db");
  const queue = open({}, path);
  const submitted = queue.submit({ document, origin: "fal" });
  await close(queue);
  const { runId } = await submitted;
  expect(open({}, path).find(runId)).toMatchObject({ state: "waiting" });
});

test("the next job starts when it is quiet, and not before", async () => {
  const quiet: PromiseWithResolvers<void>[] = [];
  const queue = open({
    whenQuiet() {
      const one = Promise.withResolvers<void>();
      quiet.push(one);
      return one.promise;
    },
  });
  queue.start({ document });
  finish(calls[0]!);
  await settled();
  queue.start({ document });
  await settled();
  expect([calls.length, quiet.length]).toEqual([1, 1]);
  quiet[0]!.resolve();
  await settled();
  expect(calls).toHaveLength(2);
});

test("more waiting jobs than the limit are refused", async () => {
  const queue = open({ limit: 3 });
  for (let i = 0; i < 3; i++) queue.start({ document });
  const last = queue.submit({ document });
  // It is not written down yet, and counts.
  await expect(queue.submit({ document })).rejects.toMatchObject({ code: "queue-full" });
  await last;
  expect(() => queue.start({ document })).toThrow(expect.objectContaining({ code: "queue-full" }));
  expect(queue.load).toEqual({ waiting: 3, running: 1, limit: 3 });
});

test("the higher priority goes first, windows before programs, else first come first served", async () => {
  const queue = open();
  queue.start({ document });
  const low = queue.start({ document, origin: "fal", priority: JobPriority.low });
  const first = queue.start({ document, origin: "fal" });
  const second = queue.start({ document, origin: "runware" });
  const window = queue.start({ document });
  const order = [window, first, second, low].map(({ runId }) => runId);
  expect(order.map((id) => queue.position(id))).toEqual([0, 1, 2, 3]);
  for (let i = 0; i < 4; i++) {
    finish(calls.at(-1)!);
    await settled();
  }
  expect(calls.slice(1).map(({ runId }) => runId)).toEqual(order);
});

test("a program's job can be watched, answers with its outcome and its log, and windows do not see its nodes", async () => {
  const queue = open();
  const { runId } = queue.start({ document, origin: "fal", facts: { endpoint: "turbo" }, group: "order" });
  const heard: (string | undefined)[] = [];
  queue.watch(runId, (event) => heard.push(event?.type));
  expect(queue.find(runId)).toMatchObject({ state: "running", facts: { endpoint: "turbo" } });
  const done = queue.finished(runId);
  calls[0]!.emit({ type: "node-progress", runId, nodeId: "sampler", value: 1, max: 8 });
  finish(calls[0]!);
  expect(await done).toMatchObject({ state: "done", outcome: { timings, images: [] } });
  expect(heard).toEqual(["node-progress", "run-finished", undefined]);
  expect(queue.log(runId).map(({ message }) => message)).toEqual(["sampler: 1 of 8", "Done after 5 ms."]);
  expect(queue.log(runId).map(({ fact }) => fact)).toEqual([
    { code: "node-step", node: { parts: [{ title: "sampler" }] }, value: 1, max: 8 },
    { code: "done", ms: 5 },
  ]);
  expect(queue.ofGroup("order").map(({ id }) => id)).toEqual([runId]);
  expect(runEvents()).toEqual([]);
});

test("a file of an earlier version keeps its log, which says in English what it says", async () => {
  const path = join(folder, "earlier.db");
  const queue = open({}, path);
  const { runId } = queue.start({ document, origin: "fal" });
  finish(calls[0]!);
  expect(queue.log(runId)).toMatchObject([{ message: "Done after 5 ms.", fact: { code: "done" } }]);
  await settled();
  await close(queue);
  const database = new DatabaseSync(path);
  database.exec("ALTER TABLE log_lines DROP COLUMN fact");
  database.close();
  const store = new JobStore(path);
  const time = expect.any(Number);
  expect(store.log(runId)).toEqual([{ time, level: "info", message: "Done after 5 ms." }]);
  store.addLogLine(runId, { time: 1, level: "info", message: "Said.", fact: { code: "cancelled", ms: 7 } });
  expect(store.log(runId).at(-1)).toMatchObject({ fact: { code: "cancelled", ms: 7 } });
  store.close();
});

test("jobs of programs survive the host: what waited and what ran runs again, in order; windows' runs do not", async () => {
  const path = join(folder, "jobs.db");
  const first = open({}, path);
  const running = first.start({ document, origin: "fal" });
  const low = first.start({ document, origin: "fal", priority: JobPriority.low });
  const waiting = first.start({ document: { ...document, title: "kept" }, origin: "runware", facts: { n: 1 } });
  first.start({ document });
  await close(first);
  expect(finishedStatuses()).toHaveLength(1);

  const second = open({}, path);
  await settled();
  for (let i = 0; i < 3; i++) {
    finish(calls.at(-1)!);
    await settled();
  }
  expect(calls.slice(1).map(({ runId }) => runId)).toEqual([running.runId, waiting.runId, low.runId]);
  expect(second.find(waiting.runId)).toMatchObject({ state: "done", facts: { n: 1 } });
  expect(second.counts()).toEqual({ waiting: 0, running: 0, done: 3, failed: 0, cancelled: 1 });
});

test("one process at a time holds the jobs of a folder", () => {
  const path = join(folder, "jobs.db");
  open({}, path);
  expect(() => new JobStore(path)).toThrow(/locked/);
});

test("a program's job goes on after its engine died, but not for ever", async () => {
  const queue = open();
  const { runId } = queue.start({ document, origin: "fal" });
  const crash = async (index: number) => {
    calls[index]!.emit({ type: "run-started", runId, nodeIds: ["sampler"] });
    calls[index]!.done.reject(engineStopped());
    await settled();
  };
  for (let i = 0; i < 2; i++) {
    await crash(i);
    expect(queue.find(runId)).toMatchObject({ state: "running" });
  }
  await crash(2);
  expect(queue.find(runId)).toMatchObject({ state: "failed", outcome: { error: { code: "engine-stopped" } } });
  expect(calls).toHaveLength(3);
});

test("a job is not to blame for an engine that ended before it began, unless that never starts", async () => {
  const queue = open();
  const { runId } = queue.start({ document, origin: "fal" });
  const startFailed = new HeddleError({ code: "engine-start-failed", message: "m", help: "h" });
  for (let i = 0; i < 7; i++) {
    calls[i]!.done.reject(startFailed);
    await settled();
    expect(queue.find(runId)).toMatchObject({ state: "running" });
  }
  calls[7]!.done.reject(startFailed);
  await settled();
  expect(queue.find(runId)).toMatchObject({ state: "failed", outcome: { error: { code: "engine-start-failed" } } });
});

test("a job that takes too long is stopped and fails", async () => {
  const queue = open();
  const { runId } = queue.start({ document, origin: "fal", timeoutMs: 20 });
  calls[0]!.signal.addEventListener("abort", () => finish(calls[0]!, "cancelled"));
  expect(await queue.finished(runId)).toMatchObject({ state: "failed", outcome: { error: { code: "job-timeout" } } });
});

test("a job that may not wait that long fails, and leaves the queue", async () => {
  const queue = open();
  queue.start({ document });
  const { runId } = queue.start({ document, origin: "fal", startTimeoutMs: 20 });
  expect(await queue.finished(runId)).toMatchObject({
    state: "failed",
    outcome: { error: { code: "job-start-timeout" } },
  });
  expect(queue.load.waiting).toBe(0);
});

test("finished jobs are forgotten after their time", async () => {
  const path = join(folder, "jobs.db");
  const queue = open({}, path);
  const { runId } = queue.start({ document, origin: "fal" });
  finish(calls[0]!);
  await settled();
  await close(queue);
  expect(open({ keepFinishedMs: -1_000 }, path).find(runId)).toBeUndefined();
});

const waitingOf = (queue: JobQueue) =>
  queue
    .list(0)
    .filter(({ state }) => state === "waiting")
    .map(({ id }) => id);

test("a waiting job is moved to any place, and the next host keeps the order", async () => {
  const path = join(folder, "jobs.db");
  const queue = open({}, path);
  const [running, a, b, c] = Array.from({ length: 4 }, () => queue.start({ document, origin: "fal" }).runId);
  expect(queue.move(c!, 0)).toBe(true);
  expect(waitingOf(queue)).toEqual([c, a, b]);
  expect(queue.move(c!, 1)).toBe(true);
  expect(waitingOf(queue)).toEqual([a, c, b]);
  expect(queue.move(a!, 99)).toBe(true);
  expect(waitingOf(queue)).toEqual([c, b, a]);
  expect(queue.move(running!, 0)).toBe(false);
  // Later jobs come behind what was moved.
  const { runId: late } = queue.start({ document, origin: "fal" });
  expect(waitingOf(queue)).toEqual([c, b, a, late]);
  await close(queue);
  const next = open({}, path);
  expect(next.list(0).map(({ id }) => id)).toEqual([running, c, b, a, late]);
});

test("a job that is moved between others of another priority takes theirs", () => {
  const queue = open();
  queue.start({ document });
  const a = queue.start({ document }).runId;
  const low = queue.start({ document, priority: JobPriority.low }).runId;
  const lower = queue.start({ document, priority: JobPriority.low }).runId;
  expect(queue.move(lower, 0)).toBe(true);
  expect(waitingOf(queue)).toEqual([lower, a, low]);
  expect(queue.find(lower)?.priority).toBe(JobPriority.window);
  expect(queue.prioritise(a, JobPriority.low)).toBe(true);
  expect(waitingOf(queue)).toEqual([lower, low, a]);
  expect(queue.prioritise(low, JobPriority.urgent)).toBe(true);
  expect(waitingOf(queue)).toEqual([low, lower, a]);
});

test("clearing cancels what windows have waiting, and nothing of programs", () => {
  const queue = open();
  queue.start({ document });
  queue.start({ document });
  const program = queue.start({ document, origin: "fal" }).runId;
  expect(queue.clear()).toBe(1);
  expect(waitingOf(queue)).toEqual([program]);
});

test("what ended is listed with how it ended, the latest first", async () => {
  const queue = open();
  const [a, b] = [queue.start({ document }).runId, queue.start({ document }).runId];
  finish(calls[0]!);
  await settled();
  calls[1]!.done.reject(engineStopped());
  await settled();
  expect(queue.list(10).map(({ id, state }) => [id, state])).toEqual([
    [b, "failed"],
    [a, "done"],
  ]);
  expect(queue.list(1)).toHaveLength(1);
});

test("jobs may be moved as often as one likes: what comes later still comes after them", () => {
  const queue = open();
  queue.start({ document });
  const ids = Array.from({ length: 3 }, () => queue.start({ document }).runId);
  for (let turn = 0; turn < 200; turn++) queue.move(ids[turn % 2]!, turn % 3 === 0 ? 99 : 1);
  const order = [...ids].sort((a, b) => queue.position(a)! - queue.position(b)!);
  const late = queue.start({ document }).runId;
  expect([...order, late].map((id) => queue.position(id))).toEqual([0, 1, 2, 3]);
  for (let turn = 0; turn < 200; turn++)
    queue.prioritise(order[0]!, turn % 2 === 0 ? JobPriority.low : JobPriority.window);
  expect([order[1]!, order[2]!, late, order[0]!].map((id) => queue.position(id))).toEqual([0, 1, 2, 3]);
});

test("an end that cannot be written down is told, and the queue goes on", async () => {
  const write = vi.spyOn(JobStore.prototype, "finish").mockImplementationOnce(() => {
    throw new Error("database or disk is full");
  });
  const queue = open();
  const first = queue.start({ document });
  const second = queue.start({ document });
  finish(calls[0]!);
  await settled();
  write.mockRestore();
  expect(queue.find(first.runId)).toMatchObject({ state: "failed", outcome: { error: { code: "job-not-kept" } } });
  expect(finishedStatuses()).toEqual([[first.runId, "failed"]]);
  expect(calls.map(({ runId }) => runId)).toEqual([first.runId, second.runId]);
});
