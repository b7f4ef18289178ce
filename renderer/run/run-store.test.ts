import { describe, expect, it, vi } from "vitest";
import { HeddleError } from "../../common/errors.ts";
import type { WorkflowDocument } from "../../graph/document.ts";
import type { HostEvent } from "../../protocol/contract.ts";
import { toWireError } from "../../protocol/errors.ts";
import type { Host } from "../../protocol/host.ts";
import type { Remembered, RunMemory } from "./run-memory.ts";
import { createRunStore } from "./run-store.ts";

const document: WorkflowDocument = { format: "heddle-workflow", version: 1, title: "", nodes: [], links: [] };
const started = (runId: string): HostEvent => ({
  type: "run",
  event: { type: "run-started", runId, nodeIds: ["sampler"] },
});
const finished = (runId: string, status: "done" | "cancelled" = "done"): HostEvent => ({
  type: "run",
  event: {
    type: "run-finished",
    runId,
    status,
    images: [],
    timings: { loadMs: 0, encodeMs: 0, sampleMs: 0, decodeMs: 0, saveMs: 0, totalMs: 0 },
    cachedNodes: [],
    sessionsCreated: 0,
  },
});

function open(start: () => Promise<{ runId: string }>, memory?: RunMemory) {
  const cancel = vi.fn(async () => ({ cancelled: true }));
  const rpc = { runs: { start, cancel } } as unknown as Host["rpc"];
  return { store: createRunStore({ rpc }, memory), cancel };
}

describe("the run store", () => {
  it("follows its own runs, also when events come before the answer", async () => {
    let answer = (_: { runId: string }) => {};
    const { store } = open(() => new Promise((resolve) => (answer = resolve)));
    const starting = store.start(document);
    expect(store.getState().phase).toBe("starting");
    store.receive(started("a"));
    answer({ runId: "a" });
    await starting;
    expect(store.getState()).toMatchObject({ phase: "running", runId: "a", waiting: [] });
    store.receive(finished("a"));
    expect(store.getState().phase).toBe("idle");
  });

  it("knows what its runs were started with, to run them once more as they were", async () => {
    let n = 0;
    const { store } = open(async () => ({ runId: `r${++n}` }));
    expect(store.startedAs()).toBeUndefined();
    const titled = (title: string) => ({ ...document, title });
    await store.start(titled("first"), ["sampler"]);
    for (let i = 2; i <= 20; i++) await store.start(titled(`${i}`));
    expect(store.startedAs("r1")).toEqual({ document: titled("first"), targets: ["sampler"] });
    expect(store.startedAs()).toEqual({ document: titled("20"), targets: undefined });
    await store.start(titled("last"));
    expect(store.startedAs("r1")).toBeUndefined();
    expect(store.startedAs("r2")?.document.title).toBe("2");
  });

  it("ignores the runs of other windows", () => {
    const { store } = open(async () => ({ runId: "a" }));
    store.receive(started("other"));
    expect(store.getState().phase).toBe("idle");
  });

  it("stays busy while another run waits", async () => {
    let n = 0;
    const { store } = open(async () => ({ runId: `r${++n}` }));
    await store.start(document);
    store.receive(started("r1"));
    await store.start(document);
    expect(store.getState().waiting).toEqual(["r2"]);
    store.receive(finished("r1"));
    expect(store.getState().phase).toBe("starting");
    store.receive(started("r2"));
    store.receive(finished("r2"));
    expect(store.getState().phase).toBe("idle");
  });

  it("is idle again when its run is cancelled behind one of another window, from wherever", async () => {
    let n = 0;
    const { store, cancel } = open(async () => ({ runId: `r${++n}` }));
    await store.start(document);
    store.receive({ type: "queue", running: "another’s", waiting: ["r1"] });
    expect(store.getState().isBehind).toBe(true);
    await store.cancel();
    expect(cancel).toHaveBeenCalledWith({ runId: "r1" });
    store.receive(finished("r1", "cancelled"));
    expect(store.getState()).toMatchObject({ phase: "idle", last: { status: "cancelled" } });

    await store.start(document);
    await store.start(document);
    store.receive({ type: "queue", running: "another’s", waiting: ["r2", "r3"] });
    store.receive(finished("r2", "cancelled"));
    expect(store.getState()).toMatchObject({ phase: "starting", waiting: ["r3"] });
    store.receive(finished("r3", "cancelled"));
    expect(store.getState().phase).toBe("idle");
  });

  it("knows that it waits for others also when the queue says so before the answer", async () => {
    let answer = (_: { runId: string }) => {};
    const { store } = open(() => new Promise((resolve) => (answer = resolve)));
    const starting = store.start(document);
    store.receive({ type: "queue", running: "another’s", waiting: ["a"] });
    expect(store.getState().isBehind).toBe(false);
    answer({ runId: "a" });
    await starting;
    expect(store.getState()).toMatchObject({ phase: "starting", isBehind: true });
    store.receive({ type: "queue", running: "a", waiting: [] });
    expect(store.getState().isBehind).toBe(false);
  });

  it("ends a series when all is cancelled, and cancels the run of it that is on its way", async () => {
    let n = 0;
    let answer = (_: { runId: string }) => {};
    const { store, cancel } = open(async () => {
      n++;
      return n === 1 ? { runId: "r1" } : await new Promise<{ runId: string }>((resolve) => (answer = resolve));
    });
    const isWanted = store.beginSeries();
    await store.start(document);
    const second = store.start(document);
    expect(isWanted()).toBe(true);
    await store.cancelAll();
    expect(isWanted()).toBe(false);
    answer({ runId: "r2" });
    await second;
    expect(cancel.mock.calls).toEqual([[{ runId: "r1" }], [{ runId: "r2" }]]);
    expect(store.beginSeries()()).toBe(true);
  });

  it("goes on with its run when one that waits behind it is taken out of the queue", async () => {
    let n = 0;
    const { store } = open(async () => ({ runId: `r${++n}` }));
    await store.start(document);
    store.receive(started("r1"));
    await store.start(document);
    store.receive(finished("r2", "cancelled"));
    expect(store.getState()).toMatchObject({ phase: "running", runId: "r1", waiting: [], last: undefined });
    expect(store.getState().nodes.get("sampler")?.phase).toBe("queued");
  });

  it("is idle again when a run is refused that was to be cancelled before it had its number", async () => {
    let refuse = (_: unknown) => {};
    const { store } = open(() => new Promise((_, reject) => (refuse = reject)));
    const starting = store.start(document);
    await store.cancel();
    refuse(toWireError(new HeddleError({ code: "queue-full", message: "Full.", help: "Wait." })));
    await starting;
    expect(store.getState()).toMatchObject({ phase: "idle", failure: { code: "queue-full" } });
  });

  it("cancels a run that has not got its number yet", async () => {
    let answer = (_: { runId: string }) => {};
    const { store, cancel } = open(() => new Promise((resolve) => (answer = resolve)));
    const starting = store.start(document);
    await store.cancel();
    expect(cancel).not.toHaveBeenCalled();
    answer({ runId: "a" });
    await starting;
    expect(cancel).toHaveBeenCalledWith({ runId: "a" });
  });

  it("shows why a run could not start, with the host's own words", async () => {
    const refusal = { code: "workflow-invalid", message: "It cannot run.", help: "Mend it." };
    const { store } = open(() => Promise.reject(toWireError(new HeddleError(refusal))));
    await store.start(document);
    expect(store.getState()).toMatchObject({ phase: "idle", failure: refusal });
  });

  it("goes on with its own run in a window that was loaded again", async () => {
    let kept: Remembered = { own: [], results: [] };
    const memory = { read: () => kept, write: (next: Remembered) => (kept = next) };
    const first = open(async () => ({ runId: "a" }), memory).store;
    await first.start(document);
    first.receive(started("a"));

    const { store } = open(async () => ({ runId: "b" }), memory);
    expect(store.getState()).toMatchObject({ phase: "starting", waiting: ["a"] });
    store.receive({ type: "queue", running: "a", waiting: [] });
    store.receive(started("a"));
    expect(store.getState()).toMatchObject({ phase: "running", runId: "a", waiting: [] });
    store.receive(finished("a"));
    expect(store.getState().phase).toBe("idle");
    expect(kept.own).toEqual([]);
  });

  it("says so when the host has forgotten the run, but waits for an end that is on its way", async () => {
    vi.useFakeTimers();
    try {
      const { store } = open(async () => ({ runId: "a" }));
      await store.start(document);
      store.receive(started("a"));
      store.receive({ type: "queue", running: null, waiting: [] });
      expect(store.getState().phase).toBe("running");
      vi.runAllTimers();
      expect(store.getState()).toMatchObject({ phase: "idle", failure: { code: "run-lost" } });
      expect(store.getState().nodes.get("sampler")?.phase).toBe("stopped");

      await store.start(document);
      store.receive(started("a"));
      store.receive({ type: "queue", running: null, waiting: [] });
      store.receive(finished("a"));
      vi.runAllTimers();
      expect(store.getState()).toMatchObject({ phase: "idle", failure: undefined, last: { status: "done" } });
    } finally {
      vi.useRealTimers();
    }
  });
});
