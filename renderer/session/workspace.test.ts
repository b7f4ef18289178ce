import { beforeEach, describe, expect, it, vi } from "vitest";
import type { WorkflowDocument } from "../../graph/document.ts";
import { findDefinition, nodeDefinitions } from "../../nodes/definitions.ts";
import { setTitle } from "../document/commands.ts";
import { isDirty } from "../document/document-store.ts";
import { recallResults } from "./recall-results.ts";
import type { Studio } from "./session.ts";
import { createViewStore } from "./view-store.ts";
import { contentOf, createWorkspace, emptyWorkflow } from "./workspace.ts";

const titled = (title: string): WorkflowDocument => ({
  ...emptyWorkflow(),
  title,
  nodes: [{ id: "n", type: "note", typeVersion: 1, position: { x: 0, y: 0 }, params: {}, mode: "active" }],
});

function open() {
  let ids = 0;
  // A workspace needs of its studio what a tab is made of, and nothing of a host that answers.
  const studio = {
    host: { rpc: {} },
    definitions: nodeDefinitions,
    definitionOf: findDefinition,
    view: createViewStore(),
  } as unknown as Studio;
  const workspace = createWorkspace(studio, () => `t${++ids}`);
  const titles = () => workspace.getState().tabs.map(({ documents }) => documents.getState().document.title);
  const inFront = () => workspace.current().documents.getState().document.title;
  return { workspace, studio, titles, inFront };
}

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  });
});

describe("the tabs of a window", () => {
  it("open behind the one in front; an untouched empty one gives its place", () => {
    const { workspace, titles, inFront } = open();
    workspace.open(titled("A"));
    workspace.open(titled("B"));
    workspace.activate("t1");
    workspace.open(titled("C"));
    expect(titles()).toEqual(["A", "C", "B"]);
    workspace.open(emptyWorkflow());
    workspace.open(titled("D"));
    expect(titles()).toEqual(["A", "C", "D", "B"]);
    expect(inFront()).toBe("D");
  });

  it("are gone through round and round, and moved", () => {
    const { workspace, titles, inFront } = open();
    for (const title of ["A", "B", "C"]) workspace.open(titled(title));
    workspace.step(1);
    expect(inFront()).toBe("A");
    workspace.step(-1);
    expect(inFront()).toBe("C");
    workspace.move("t3", 0);
    expect(titles()).toEqual(["C", "A", "B"]);
    expect(inFront()).toBe("C");
    workspace.move("t3", 99);
    expect(titles()).toEqual(["A", "B", "C"]);
  });

  it("close to their neighbour and come back as they were; after the last one the start page is left", () => {
    const { workspace, titles, inFront } = open();
    workspace.open(titled("A"));
    workspace.open(titled("B"), { fileName: "b.json", dirty: true });
    workspace.activate("t1");
    workspace.close("t1");
    expect(inFront()).toBe("B");
    workspace.close("t2");
    expect(workspace.getState().active).toBeUndefined();
    expect(workspace.reopen()).toBe(true);
    expect(contentOf(workspace.current())).toMatchObject({ fileName: "b.json", dirty: true });
    expect(workspace.reopen()).toBe(true);
    expect(titles()).toEqual(["A", "B"]);
    expect(workspace.reopen()).toBe(false);
  });

  it("come back with their pictures and their matrices of runs", () => {
    const { workspace } = open();
    const { sweeps, runs } = workspace.open(titled("A"));
    const image = { hash: "a".repeat(64), mimeType: "image/png", width: 8, height: 8 };
    const matrix = {
      id: "m",
      startedAt: 1,
      sweep: { axes: [{ node: "n", param: "steps", values: [1, 2] }], combine: "all" as const },
      labels: ["Steps"],
      names: ["1", "2"],
      cells: [[1], [2]],
      runIds: ["r", undefined],
      images: [image, undefined],
    };
    sweeps.setState({ all: [matrix] });
    runs.setState({ results: [{ image, nodeId: "n", runId: "r" }] });
    workspace.close("t1");
    workspace.reopen();
    const reopened = workspace.current();
    expect(reopened.id).not.toBe("t1");
    expect(reopened.sweeps.getState().all).toEqual([matrix]);
    expect(reopened.sweeps.getState().labelOf.get("r")).toBeDefined();
    expect(reopened.runs.getState()).toMatchObject({ phase: "idle", results: [{ image, runId: "r" }] });
    expect(reopened.runs.getState().nodes.get("n")?.images).toEqual([image]);
  });

  it("know after closing and reopening which step back leads to what is in their file", () => {
    const { workspace } = open();
    const { documents } = workspace.open(titled("A"), { fileName: "a.json" });
    documents.commit({ label: "title", patches: setTitle(documents.getState().document, "Z"), whole: true });
    workspace.close("t1");
    workspace.reopen();
    const reopened = workspace.current().documents;
    expect(isDirty(reopened.getState())).toBe(true);
    reopened.undo();
    expect(isDirty(reopened.getState())).toBe(false);
  });

  it("leave no menu or search of one tab open over another", () => {
    const { workspace, studio } = open();
    workspace.open(titled("A"));
    workspace.open(titled("B"));
    studio.view.setState({ nodePalette: { at: { x: 0, y: 0 } }, renamingNode: "n" });
    workspace.activate("t1");
    expect(studio.view.getState()).toMatchObject({ nodePalette: undefined, renamingNode: undefined });
  });

  it("are brought back as they were kept", () => {
    const { workspace, titles } = open();
    const kept = [
      { id: "x", document: titled("X"), fileName: undefined, dirty: true },
      { id: "y", document: titled("Y"), fileName: "y.json", dirty: false },
    ];
    workspace.restore(kept, "y");
    expect(titles()).toEqual(["X", "Y"]);
    expect(workspace.getState().tabs.map(contentOf)).toMatchObject(kept);
    expect(workspace.getState().active).toBe("y");
  });
});

describe("the id of a workflow", () => {
  const idOf = (tab: ReturnType<typeof open>["workspace"]) => tab.current().documents.getState().document.id;

  it("is that of its file, else made with its tab, and no change that would have to be saved", () => {
    const { workspace } = open();
    workspace.open({ ...titled("Kept"), id: "cat" });
    expect(idOf(workspace)).toBe("cat");
    workspace.open(titled("New"));
    expect(idOf(workspace)).toBe("t2");
    expect(isDirty(workspace.current().documents.getState())).toBe(false);
    workspace.close("t2");
    workspace.reopen();
    expect(workspace.current().id).toBe("t3");
    expect(idOf(workspace)).toBe("t2");
  });

  it("asks the host once for what was made of it, when its tab is in front and there is time", async () => {
    const { workspace } = open();
    const results = vi.fn(async ({ workflow }: { workflow: string }) => [
      { image: { hash: "a".repeat(64), width: 8, height: 8, mimeType: "image/png" }, nodeId: "n", runId: workflow },
    ]);
    const later: (() => void)[] = [];
    workspace.open({ ...titled("A"), id: "a" });
    recallResults(workspace, { rpc: { runs: { results } } } as never, (work) => void later.push(work));
    workspace.open({ ...titled("B"), id: "b" });
    workspace.open(emptyWorkflow());
    workspace.activate("t1");
    expect(results).not.toHaveBeenCalled();
    for (const work of later.splice(0)) work();
    expect(results.mock.calls.map(([asked]) => asked.workflow)).toEqual(["a", "b"]);
    await vi.waitFor(() => expect(workspace.current().runs.getState().results).toHaveLength(1));
    expect(workspace.current().runs.getState().nodes.get("n")).toMatchObject({ phase: "stopped" });
    workspace.step(1);
    expect(later).toHaveLength(0);
  });
});
