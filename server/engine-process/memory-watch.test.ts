import { expect, it } from "vitest";
import type { RunEvent } from "../../graph/events.ts";
import { watchMemory } from "./memory-watch.ts";

const finished = (nodeId: string, cached = false): RunEvent => ({
  type: "node-finished",
  runId: "r",
  nodeId,
  cached,
  durationMs: 1,
});

it("says of each node the most memory that was held while it ran, its own rise, and nothing of cached ones", () => {
  const heard: RunEvent[] = [];
  let memory = 100;
  const watch = watchMemory(
    (event) => heard.push(event),
    () => memory,
  );
  watch.onEvent({ type: "node-started", runId: "r", nodeId: "sampler" });
  memory = 700;
  watch.onEvent({ type: "node-progress", runId: "r", nodeId: "sampler", value: 1, max: 2 });
  memory = 300;
  watch.onEvent(finished("sampler"));
  watch.onEvent({ type: "node-started", runId: "r", nodeId: "decode" });
  watch.onEvent(finished("decode"));
  watch.onEvent(finished("load", true));
  watch.stop();
  const memories = heard.flatMap((event) =>
    event.type === "node-finished" ? [[event.nodeId, event.memoryBytes, event.memoryRiseBytes]] : [],
  );
  expect(memories).toEqual([
    ["sampler", 700, 600],
    ["decode", 300, 0],
    ["load", undefined, undefined],
  ]);
});
