import { expect, test } from "vitest";
import type { RunEvent } from "../../graph/events.ts";
import { RecentEvents } from "./recent-events.ts";

const started: RunEvent = { type: "run-started", runId: "a", nodeIds: [] };
const node = (nodeId: string): RunEvent => ({ type: "node-started", runId: "a", nodeId });
const progress: RunEvent = { type: "node-progress", runId: "a", nodeId: "n", value: 1, max: 2 };

test("who was cut off hears what came since, without progress", () => {
  const recent = new RecentEvents();
  expect([recent.since("a"), recent.lastId("a")]).toEqual([[], ""]);
  for (const event of [started, node("x"), progress]) recent.add("a", event);
  const heard = recent.lastId("a");
  expect(recent.since("a").map(({ event }) => event)).toEqual([started, node("x")]);
  expect(recent.since("a").at(-1)?.id).toBe(heard);
  recent.add("a", node("y"));
  expect(recent.since("a", heard)).toEqual([{ id: recent.lastId("a"), event: node("y") }]);
});

test("a job that starts again tells everything again, whatever was heard before", () => {
  const recent = new RecentEvents();
  for (const event of [started, node("x")]) recent.add("a", event);
  const heard = recent.lastId("a");
  recent.add("a", started);
  for (const id of [heard, "nonsense", ":9"]) expect(recent.since("a", id)).toHaveLength(1);
});

test("jobs of long ago are forgotten", () => {
  const recent = new RecentEvents();
  for (let job = 0; job <= 50; job++) recent.add(String(job), started);
  expect(recent.since("0")).toEqual([]);
  expect(recent.since("50")).toHaveLength(1);
});
