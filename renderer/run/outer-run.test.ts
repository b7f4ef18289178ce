import { expect, test } from "vitest";
import { outerRun } from "./outer-run.ts";
import type { NodeRun } from "./run-state.ts";

const nodes = (runs: Record<string, Partial<NodeRun>>) =>
  new Map(Object.entries(runs).map(([id, run]) => [id, { phase: "queued", warnings: [], ...run } as NodeRun]));

test("a subgraph runs while something in it does, and shows how far that is", () => {
  const run = outerRun(
    nodes({
      "up/a": { phase: "done", durationMs: 5 },
      "up/b": { phase: "running", progress: { value: 4, max: 8 } },
      other: { phase: "failed" },
    }),
    "up/",
  );
  expect(run).toMatchObject({ phase: "running", progress: { value: 5, max: 9 } });
});

test("between two nodes inside it still runs; all cached is cached; one failure is its own, with the error from inside", () => {
  expect(outerRun(nodes({ "up/a": { phase: "done" }, "up/b": {} }), "up/")?.phase).toBe("running");
  expect(outerRun(nodes({ "up/a": { phase: "cached" }, "up/b": { phase: "cached" } }), "up/")?.phase).toBe("cached");
  expect(outerRun(nodes({ "up/a": { phase: "cached" }, "up/b": { phase: "done" } }), "up/")?.phase).toBe("done");
  const error = { code: "out-of-memory", message: "No.", help: "Less.", nodeId: "up/b" };
  expect(outerRun(nodes({ "up/a": { phase: "done" }, "up/b": { phase: "failed", error } }), "up/")).toMatchObject({
    phase: "failed",
    error,
  });
  expect(outerRun(nodes({ a: {} }), "up/")).toBeUndefined();
});
