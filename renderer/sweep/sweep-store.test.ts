import { expect, test } from "vitest";
import type { Sweep } from "../../graph/document.ts";
import type { ImageReference } from "../../graph/events.ts";
import { workflow } from "../../graph/testing/workflows.ts";
import { createRunStore } from "../run/run-store.ts";
import { cellLabel } from "./started-sweep.ts";
import { sweepMemory } from "./sweep-memory.ts";
import { createSweepStore, shownSweep } from "./sweep-store.ts";

function memoryStorage(): Storage {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  } as Storage;
}

const picture = (digit: string): ImageReference => ({
  hash: digit.repeat(64),
  width: 8,
  height: 8,
  mimeType: "image/png",
});

test("a matrix is there again after a reload, with the pictures that were made meanwhile", async () => {
  let started = 0;
  const host = { rpc: { runs: { start: async () => ({ runId: `run ${++started}` }) } } };
  const runs = createRunStore(host as unknown as Parameters<typeof createRunStore>[0]);
  const storage = memoryStorage();
  const sweeps = createSweepStore(runs, sweepMemory(storage, "tab"));
  const sweep: Sweep = { combine: "all", axes: [{ node: "a", param: "value", values: [1, 2] }] };
  await sweeps.start(workflow({ a: "constant" }), sweep, { labels: ["A: Value"], names: ["Value"] });
  runs.setState({ pictureOf: new Map([["run 1", picture("1")]]) });
  expect(sweeps.getState().labelOf.get("run 2")).toBe("Value = 2");

  const again = createSweepStore(runs, sweepMemory(storage, "tab"));
  const shown = () => shownSweep(again.getState())!;
  expect(shown()).toEqual(shownSweep(sweeps.getState()));
  expect(cellLabel(shown(), 0)).toBe("Value = 1");
  expect(shown().images).toEqual([picture("1"), undefined]);
  await again.complete(async (runIds) => new Map(runIds.map((runId) => [runId, picture("2")])));
  expect(shown().images).toEqual([picture("1"), picture("2")]);
  again.show({ runId: "run 2" });
  expect(again.getState().isOpen).toBe(true);
  expect(createSweepStore(runs, sweepMemory(storage, "another")).getState().all).toEqual([]);
});

test("a matrix is queued no further once all is cancelled", async () => {
  let started = 0;
  const host = { rpc: { runs: { start: async () => ({ runId: `run ${++started}` }), cancel: async () => ({}) } } };
  const runs = createRunStore(host as unknown as Parameters<typeof createRunStore>[0]);
  const sweeps = createSweepStore(runs);
  const sweep: Sweep = { combine: "all", axes: [{ node: "a", param: "value", values: [1, 2, 3, 4] }] };
  const queueing = sweeps.start(workflow({ a: "constant" }), sweep, { labels: ["A: Value"], names: ["Value"] });
  const cancelled = runs.cancelAll();
  await Promise.all([queueing, cancelled]);
  expect(started).toBe(1);
  expect(shownSweep(sweeps.getState())?.runIds).toEqual(["run 1", undefined, undefined, undefined]);
});

test("what was kept by another version is forgotten", () => {
  const storage = memoryStorage();
  storage.setItem("heddle.sweeps.tab", '[{"id":1}]');
  expect(sweepMemory(storage, "tab").read()).toEqual([]);
});
