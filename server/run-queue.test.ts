import { beforeEach, expect, test } from "vitest";
import { HeddleError } from "../common/errors.ts";
import type { RunEvent } from "../graph/events.ts";
import type { HostEvent } from "../protocol/contract.ts";
import { type RunEngine, RunQueue } from "./run-queue.ts";

const document = { format: "heddle-workflow" as const, version: 1 as const, title: "t", nodes: [], links: [] };

interface Call {
  runId: string;
  emit(event: RunEvent): void;
  signal: AbortSignal;
  done: PromiseWithResolvers<void>;
}

let calls: Call[];
let published: HostEvent[];
let queue: RunQueue;

beforeEach(() => {
  calls = [];
  published = [];
  const engine: RunEngine = {
    run({ runId }, emit, signal) {
      const done = Promise.withResolvers<void>();
      calls.push({ runId, emit, signal, done });
      return done.promise;
    },
  };
  queue = new RunQueue(engine, (event) => published.push(event));
});

const settled = () => new Promise((resolve) => setImmediate(resolve));
const runEvents = () => published.flatMap((event) => (event.type === "run" ? [event.event] : []));
const finishedStatuses = () => runEvents().flatMap((e) => (e.type === "run-finished" ? [[e.runId, e.status]] : []));

test("runs go one after the other, in order", async () => {
  const [a, b] = [queue.start({ document }), queue.start({ document })];
  expect(calls.map((call) => call.runId)).toEqual([a.runId]);
  expect(published.at(-1)).toEqual({ type: "queue", running: a.runId, waiting: [b.runId] });
  calls[0]!.done.resolve();
  await settled();
  expect(calls.map((call) => call.runId)).toEqual([a.runId, b.runId]);
  calls[1]!.done.resolve();
  await settled();
  expect(published.at(-1)).toEqual({ type: "queue", running: null, waiting: [] });
});

test("a run whose engine dies fails on the node it was in, and the next run goes on", async () => {
  const { runId } = queue.start({ document });
  queue.start({ document });
  calls[0]!.emit({ type: "node-started", runId, nodeId: "prompt" });
  calls[0]!.emit({ type: "node-finished", runId, nodeId: "prompt", cached: false, durationMs: 1 });
  calls[0]!.emit({ type: "node-started", runId, nodeId: "sampler" });
  calls[0]!.done.reject(new HeddleError({ code: "engine-stopped", message: "m", help: "h" }));
  await settled();
  expect(runEvents().slice(-2)).toMatchObject([
    { type: "node-failed", nodeId: "sampler", error: { code: "engine-stopped", nodeId: "sampler" } },
    { type: "run-finished", runId, status: "failed", error: { code: "engine-stopped" } },
  ]);
  expect(calls).toHaveLength(2);
});

test("cancelling a waiting run removes it, cancelling the running one aborts it", async () => {
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

test("more than a thousand waiting runs are refused", () => {
  for (let i = 0; i <= 1_000; i++) queue.start({ document });
  expect(() => queue.start({ document })).toThrow(expect.objectContaining({ code: "queue-full" }));
});
