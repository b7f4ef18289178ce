import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../graph/events.ts";
import { initialRunState, type Result, type RunState, recalled, reduceRun } from "./run-state.ts";

const runId = "r1";
const timings = { loadMs: 0, encodeMs: 0, sampleMs: 0, decodeMs: 0, saveMs: 0, totalMs: 1_200 };
const image = { hash: "a".repeat(64), width: 256, height: 256, mimeType: "image/png", seed: "7" };
const preview = { dataUrl: "data:,", width: 8, height: 8 };
const error = { code: "out-of-memory", message: "No memory.", help: "Close something.", nodeId: "sampler" };
const play = (...events: RunEvent[]): RunState =>
  events.reduce((state, event) => reduceRun(state, event), initialRunState);
const started: RunEvent = { type: "run-started", runId, nodeIds: ["model", "sampler", "save"] };
const finished = (status: "done" | "failed" | "cancelled", more = {}): RunEvent => ({
  type: "run-finished",
  runId,
  status,
  images: [],
  timings,
  cachedNodes: ["model"],
  sessionsCreated: 0,
  ...more,
});

describe("a run", () => {
  it("goes from queued over progress and preview to pictures", () => {
    const sampling = play(
      started,
      { type: "node-finished", runId, nodeId: "model", cached: true, durationMs: 0 },
      { type: "node-started", runId, nodeId: "sampler" },
      { type: "node-progress", runId, nodeId: "sampler", value: 4, max: 8, preview },
    );
    expect(sampling.nodes.get("model")?.phase).toBe("cached");
    expect(sampling.nodes.get("sampler")).toMatchObject({ phase: "running", progress: { value: 4, max: 8 }, preview });
    expect(sampling.nodes.get("save")?.phase).toBe("queued");
    // Half of the sampler; the cached model was no work, saving is still to come.
    expect(sampling.progress).toBeCloseTo(15 / 31);

    const done = [
      { type: "node-finished", runId, nodeId: "sampler", cached: false, durationMs: 900 },
      { type: "node-finished", runId, nodeId: "save", cached: false, durationMs: 9, images: [image] },
      finished("done", { images: [image] }),
    ].reduce((state, event) => reduceRun(state, event as RunEvent), sampling);
    expect(done.phase).toBe("idle");
    expect(done.results).toHaveLength(1);
    expect(done.last).toMatchObject({ status: "done", cachedNodes: 1 });
  });

  it("never goes back: a step that is found to be long weighs more from then on", () => {
    const events: RunEvent[] = [
      started,
      { type: "node-finished", runId, nodeId: "model", cached: true, durationMs: 0 },
      { type: "node-started", runId, nodeId: "sampler" },
      { type: "node-progress", runId, nodeId: "sampler", value: 1, max: 8 },
      { type: "node-progress", runId, nodeId: "sampler", value: 8, max: 8 },
      { type: "node-finished", runId, nodeId: "sampler", cached: false, durationMs: 900 },
      { type: "node-finished", runId, nodeId: "save", cached: false, durationMs: 9 },
    ];
    let state = initialRunState;
    const shares = events.map((event) => {
      state = reduceRun(state, event);
      return state.progress;
    });
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
    const first = reduceRun(initialRunState, started, (nodeId) => nodeId === "sampler");
    expect(first.nodes.get("sampler")?.isLong).toBe(true);
    // The next run knows from its beginning which step is long.
    const again = reduceRun(reduceRun(state, finished("done")), { ...started, runId: "r2" } as RunEvent);
    expect(again.progress).toBe(0);
    expect(again.nodes.get("sampler")?.isLong).toBe(true);
  });

  it("is as far as its steps, whatever of it was known or took no time", () => {
    const nodeIds = ["model", "prompt", "first", "sampler", "decode", "save"];
    const state = play(
      { ...started, nodeIds } as RunEvent,
      ...["model", "first"].map(
        (nodeId): RunEvent => ({ type: "node-finished", runId, nodeId, cached: true, durationMs: 0 }),
      ),
      { type: "node-finished", runId, nodeId: "prompt", cached: false, durationMs: 3 },
      { type: "node-started", runId, nodeId: "sampler" },
      { type: "node-progress", runId, nodeId: "sampler", value: 28, max: 1_000 },
    );
    expect(state.progress).toBeCloseTo(28 / 1_002);
    expect(
      play(
        started,
        ...(started.type === "run-started" ? started.nodeIds : []).map(
          (nodeId): RunEvent => ({ type: "node-finished", runId, nodeId, cached: true, durationMs: 0 }),
        ),
      ).progress,
    ).toBe(1);
  });

  it("knows its pace while it goes on", () => {
    const at = (state: RunState, event: RunEvent, now: number) => reduceRun(state, event, undefined, now);
    const step = (value: number): RunEvent => ({ type: "node-progress", runId, nodeId: "sampler", value, max: 1_000 });
    const begun = at(initialRunState, { ...started, nodeIds: ["sampler"] } as RunEvent, 0);
    const going = at(at(begun, step(100), 1_000), step(200), 2_000);
    expect(going.pace?.endsAt).toBeCloseTo(10_000);
    expect(at(going, finished("done"), 9_000).pace).toBeUndefined();
  });

  it("puts a failure on its node and stops the others", () => {
    const state = play(
      started,
      { type: "node-started", runId, nodeId: "sampler" },
      { type: "node-failed", runId, nodeId: "sampler", error },
      finished("failed", { error }),
    );
    expect(state.nodes.get("sampler")).toMatchObject({ phase: "failed", error });
    expect(state.nodes.get("save")?.phase).toBe("stopped");
    expect(state.failure).toBeUndefined();
  });

  it("shows a failure that belongs to no node to the window", () => {
    const engine = { code: "engine-stopped", message: "The engine stopped.", help: "Run again." };
    expect(play(started, finished("failed", { error: engine })).failure).toEqual(engine);
  });

  it("keeps the pictures of the run before until there are new ones", () => {
    const state = play(
      started,
      { type: "node-finished", runId, nodeId: "save", cached: false, durationMs: 9, images: [image] },
      finished("done"),
      { ...started, runId: "r2" },
    );
    expect(state.nodes.get("save")).toMatchObject({ phase: "queued", images: [image] });
  });

  it("is not a failure when it is cancelled", () => {
    const state = play(started, { type: "node-started", runId, nodeId: "sampler" }, finished("cancelled"));
    expect(state.phase).toBe("idle");
    expect(state.nodes.get("sampler")?.phase).toBe("stopped");
    expect(state.failure).toBeUndefined();
  });
});

describe("what a workflow made earlier", () => {
  const picture = (letter: string) => ({ ...image, hash: letter.repeat(64) });
  const result = (nodeId: string, run: string, letter: string): Result => ({
    ...{ nodeId, runId: run, image: picture(letter) },
  });
  const found = [result("save", "old-2", "b"), result("save", "old-1", "c"), result("preview", "old-1", "d")];
  const hashes = (state: RunState) => state.results.map((one) => one.image.hash[0]).join("");

  it("is shown on its nodes as of an earlier run, and listed", () => {
    const state = recalled(initialRunState, found);
    expect(hashes(state)).toBe("bcd");
    expect(state.nodes.get("save")).toEqual({ phase: "stopped", images: [picture("b")], warnings: [] });
    expect(state.nodes.get("preview")).toMatchObject({ phase: "stopped", images: [picture("d")] });
    expect(state).toMatchObject({ phase: "idle", progress: 0 });
  });

  it("comes behind what this tab knows, and changes nothing of what its runs say", () => {
    const before = play(
      started,
      { type: "node-finished", runId, nodeId: "model", cached: false, durationMs: 5 },
      { type: "node-started", runId, nodeId: "sampler" },
      { type: "node-finished", runId, nodeId: "save", cached: false, durationMs: 9, images: [picture("b")] },
    );
    const state = recalled(before, [...found, result("model", "old-1", "e"), result("sampler", "old-1", "f")]);
    expect(hashes(state)).toBe("bcdef");
    expect(state.nodes.get("save")).toBe(before.nodes.get("save"));
    // It is done, and made no picture this time.
    expect(state.nodes.get("model")).toBe(before.nodes.get("model"));
    // It may show the earlier one until it has its own.
    expect(state.nodes.get("sampler")).toMatchObject({ phase: "running", images: [picture("f")] });
    expect(recalled(state, found).results).toEqual(state.results);
  });
});
