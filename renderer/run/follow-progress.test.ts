import { expect, it } from "vitest";
import { createStore } from "zustand/vanilla";
import { followProgress } from "./follow-progress.ts";
import type { RunState } from "./run-state.ts";

type Followed = Pick<RunState, "phase" | "progress">;

it("tells each hundredth of a run once, and its end", () => {
  const shown: (number | undefined)[] = [];
  const runs = createStore<Followed>(() => ({ phase: "idle", progress: 0 }));
  const stop = followProgress(runs, { showProgress: (share) => shown.push(share) });
  runs.setState({ phase: "starting" });
  expect(shown).toEqual([]);
  runs.setState({ phase: "running" });
  runs.setState({ progress: 0.401 });
  runs.setState({ progress: 0.404 });
  runs.setState({ phase: "cancelling" });
  expect(shown).toEqual([0, 0.4]);
  runs.setState({ phase: "idle", progress: 0 });
  expect(shown).toEqual([0, 0.4, undefined]);
  runs.setState({ phase: "running", progress: 0.9 });
  stop();
  runs.setState({ progress: 1 });
  expect(shown).toEqual([0, 0.4, undefined, 0.9, undefined]);
});

it("asks nothing of hosts without an icon", () => {
  const runs = createStore<Followed>(() => ({ phase: "running", progress: 0.5 }));
  expect(() => followProgress(runs, {})()).not.toThrow();
});
