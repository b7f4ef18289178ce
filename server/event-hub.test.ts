import { expect, test } from "vitest";
import type { RunEvent } from "../graph/events.ts";
import type { HostEvent } from "../protocol/contract.ts";
import { EventHub } from "./event-hub.ts";
import type { NumberedHostEvent } from "./host-services.ts";

const run = (event: RunEvent): HostEvent => ({ type: "run", event });
const progress = (value: number): HostEvent =>
  run({ type: "node-progress", runId: "r", nodeId: "sampler", value, max: 8 });
const started: HostEvent = run({ type: "run-started", runId: "r", nodeIds: ["sampler"] });
const finished: HostEvent = run({
  type: "run-finished",
  runId: "r",
  status: "done",
  images: [],
  timings: { loadMs: 0, encodeMs: 0, sampleMs: 0, decodeMs: 0, saveMs: 0, totalMs: 0 },
  cachedNodes: [],
  sessionsCreated: 0,
});

async function take(events: AsyncIterable<NumberedHostEvent>, count: number): Promise<HostEvent[]> {
  const taken: HostEvent[] = [];
  for await (const { event } of events) {
    taken.push(event);
    if (taken.length === count) break;
  }
  return taken;
}

test("a late subscriber hears the newest state and the newest progress of the run in progress", async () => {
  const hub = new EventHub();
  hub.publish({ type: "engine-state", state: "starting" });
  hub.publish({ type: "engine-state", state: "busy" });
  hub.publish({ type: "queue", running: "r", waiting: [] });
  hub.publish(started);
  hub.publish(progress(1));
  hub.publish(progress(2));
  expect(await take(hub.subscribe({}), 4)).toEqual([
    { type: "engine-state", state: "busy" },
    { type: "queue", running: "r", waiting: [] },
    started,
    progress(2),
  ]);
});

test("a finished run is told only to a window that saw it and missed its end", async () => {
  const hub = new EventHub();
  hub.publish(started);
  const first: NumberedHostEvent[] = [];
  for await (const event of hub.subscribe({})) {
    first.push(event);
    break;
  }
  hub.publish(finished);
  hub.publish({ type: "engine-state", state: "ready" });
  expect(await take(hub.subscribe({ lastEventId: first[0]!.id }), 3)).toEqual([
    { type: "engine-state", state: "ready" },
    started,
    finished,
  ]);
  const fresh = hub.subscribe({});
  expect((await fresh.next()).value?.event).toEqual({ type: "engine-state", state: "ready" });
  hub.publish({ type: "queue", running: null, waiting: [] });
  expect((await fresh.next()).value?.event).toEqual({ type: "queue", running: null, waiting: [] });
});

test("unread progress is replaced by newer progress, everything else is kept in order", async () => {
  const hub = new EventHub();
  hub.publish({ type: "engine-state", state: "ready" });
  const events = hub.subscribe({});
  await events.next();
  hub.publish(started);
  for (let step = 1; step <= 8; step++) hub.publish(progress(step));
  hub.publish(finished);
  expect(await take(events, 3)).toEqual([started, progress(8), finished]);
});

test("the last picture of a sampler stays with its newer progress", async () => {
  const hub = new EventHub();
  const preview = { dataUrl: "data:image/webp;base64,", width: 8, height: 8 };
  hub.publish(run({ type: "node-progress", runId: "r", nodeId: "sampler", value: 2, max: 8, preview }));
  hub.publish(progress(3));
  expect(await take(hub.subscribe({}), 1)).toMatchObject([{ event: { value: 3, preview } }]);
});

test("cancelling a waiting run does not hide the run in progress from late windows", async () => {
  const hub = new EventHub();
  hub.publish(started);
  if (finished.type === "run") hub.publish(run({ ...finished.event, runId: "waiting" }));
  hub.publish(progress(1));
  expect(await take(hub.subscribe({}), 2)).toEqual([started, progress(1)]);
});

test("an aborted subscription ends", async () => {
  const hub = new EventHub();
  const controller = new AbortController();
  const events = hub.subscribe({ signal: controller.signal });
  const next = events.next();
  controller.abort();
  expect((await next).done).toBe(true);
});
