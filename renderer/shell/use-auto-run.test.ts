import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createStore } from "zustand/vanilla";
import { workflow } from "../../graph/testing/workflows.ts";
import { findDefinition } from "../../nodes/definitions.ts";
import { setParam } from "../document/commands.ts";
import { createDocumentStore } from "../document/document-store.ts";
import type { Session } from "../session/session.ts";
import { runAfterChanges } from "./use-auto-run.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watched() {
  const documents = createDocumentStore(workflow({ sampler: "sampler" }), findDefinition);
  const start = vi.fn(async () => undefined);
  const runs = Object.assign(
    createStore(() => ({ phase: "idle" })),
    { start },
  );
  const issues = createStore(() => ({ errors: 0 }));
  const settings = createStore(() => ({ autoRun: true }));
  const stop = runAfterChanges({ documents, runs, issues, settings } as unknown as Session);
  const setSteps = (steps: number) =>
    documents.commit({
      label: "edit",
      patches: setParam(documents.getState().document, "sampler", "steps", steps),
    });
  return { documents, runs, issues, settings, start, stop, setSteps };
}

test("a change runs once it is made, after the run that goes on, and not while something is wrong", () => {
  const { runs, issues, start, setSteps } = watched();
  setSteps(5);
  setSteps(6);
  vi.advanceTimersByTime(5_000);
  expect(start).toHaveBeenCalledTimes(1);
  runs.setState({ phase: "running" });
  setSteps(7);
  vi.advanceTimersByTime(5_000);
  expect(start).toHaveBeenCalledTimes(1);
  runs.setState({ phase: "idle" });
  vi.advanceTimersByTime(5_000);
  expect(start).toHaveBeenCalledTimes(2);
  issues.setState({ errors: 1 });
  setSteps(8);
  vi.advanceTimersByTime(5_000);
  expect(start).toHaveBeenCalledTimes(2);
});

test("a change that waited for a run is not run once this is switched off", () => {
  const { runs, settings, start, setSteps } = watched();
  runs.setState({ phase: "running" });
  setSteps(5);
  vi.advanceTimersByTime(1_000);
  settings.setState({ autoRun: false });
  runs.setState({ phase: "idle" });
  vi.advanceTimersByTime(5_000);
  expect(start).not.toHaveBeenCalled();
});
