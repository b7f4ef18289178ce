import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { WorkflowDocument } from "../../graph/document.ts";
import { findDefinition } from "../../nodes/definitions.ts";
import { setParam } from "../document/commands.ts";
import { createDocumentStore } from "../document/document-store.ts";
import { createIssueStore } from "./issue-store.ts";

const workflow: WorkflowDocument = {
  format: "heddle-workflow",
  version: 1,
  title: "",
  nodes: [{ id: "s", type: "sampler", typeVersion: 1, position: { x: 0, y: 0 }, params: { steps: 8 }, mode: "active" }],
  links: [],
};

describe("problems while a workflow is changed", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function open() {
    const documents = createDocumentStore(workflow, findDefinition);
    const issues = createIssueStore(documents);
    const looks = vi.fn();
    issues.subscribe(looks);
    const set = (steps: number) => {
      const patches = setParam(documents.getState().graph, "s", "steps", steps);
      documents.commit({ label: "edit", patches, gesture: "typing" });
    };
    const isWrong = () =>
      issues
        .getState()
        .byNode.get("s")
        ?.some(({ field }) => field === "steps") === true;
    return { set, isWrong, looks };
  }

  it("are looked for in the first pause, once", () => {
    const { set, isWrong, looks } = open();
    for (const steps of [-1, -12, -123]) {
      set(steps);
      vi.advanceTimersByTime(100);
    }
    expect(looks).not.toHaveBeenCalled();
    vi.advanceTimersByTime(60);
    expect(looks).toHaveBeenCalledTimes(1);
    expect(isWrong()).toBe(true);
  });

  it("are told although no pause comes", () => {
    const { set, isWrong, looks } = open();
    for (let at = 1; at <= 12; at++) {
      set(-at);
      vi.advanceTimersByTime(60);
    }
    expect(looks).toHaveBeenCalledTimes(1);
    expect(isWrong()).toBe(true);
    set(8);
    vi.advanceTimersByTime(600);
    expect(isWrong()).toBe(false);
  });
});
