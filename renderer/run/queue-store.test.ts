import { describe, expect, it } from "vitest";
import type { RunSummary } from "../../protocol/runs.ts";
import { estimateMs, moved } from "./queue-store.ts";

const run = (runId: string, state: RunSummary["state"], more: Partial<RunSummary> = {}): RunSummary => ({
  runId,
  state,
  title: "Cats",
  origin: "studio",
  priority: "normal",
  createdAt: 0,
  images: [],
  ...more,
});
const done = (title: string, ms: number) =>
  run(title + ms, "done", { title, startedAt: 1_000, finishedAt: 1_000 + ms });

describe("the queue of a window", () => {
  it("shows at once where a run was moved to", () => {
    const runs = [run("r", "running"), run("a", "waiting"), run("b", "waiting"), run("c", "waiting"), run("d", "done")];
    const order = (list: readonly RunSummary[]) => list.map(({ runId }) => runId).join("");
    expect(order(moved(runs, "c", 0))).toBe("rcabd");
    expect(order(moved(runs, "a", 2))).toBe("rbcad");
    expect(moved(runs, "r", 1)).toBe(runs);
  });

  it("judges by runs of the same workflow, else by all that ended well", () => {
    const runs = [done("Cats", 4_000), done("Cats", 90_000), done("Cats", 5_000), done("Dogs", 60_000)];
    expect(estimateMs({ title: "Cats" }, runs)).toBe(5_000);
    expect(estimateMs({ title: "Birds" }, runs)).toBe(5_000);
    expect(estimateMs({ title: "Cats" }, [run("x", "failed")])).toBeUndefined();
    // What goes on of the same workflow knows better what it is like now.
    const current = { title: "Cats", totalMs: 70_000 };
    expect(estimateMs({ title: "Cats" }, runs, current)).toBe(70_000);
    expect(estimateMs({ title: "Dogs" }, runs, current)).toBe(60_000);
  });

  it("does not take a run whose result was known for one that is fast", () => {
    expect(estimateMs({ title: "Cats" }, [done("Cats", 7), done("Cats", 8), done("Cats", 14_000)])).toBe(14_000);
    expect(estimateMs({ title: "Cats" }, [done("Cats", 7)])).toBeUndefined();
  });
});
