import { describe, expect, it } from "vitest";
import type { WorkflowDocument } from "../../graph/document.ts";
import { findDefinition } from "../../nodes/definitions.ts";
import { addNode, moveNodes, setParam, setTitle } from "./commands.ts";
import { createDocumentStore, isDirty, savedStepsOf } from "./document-store.ts";
import { collapseToSubgraph } from "./subgraph-commands.ts";

const empty: WorkflowDocument = { format: "heddle-workflow", version: 1, title: "Test", nodes: [], links: [] };
const prompt = findDefinition("prompt")!;

function open() {
  const store = createDocumentStore(empty, findDefinition);
  const add = () => {
    const { patches, nodeId } = addNode(store.getState().graph, prompt, { x: 0, y: 0 });
    store.commit({ label: "add", patches });
    return nodeId;
  };
  const write = (node: string, text: string) =>
    store.commit({ label: "edit", patches: setParam(store.getState().graph, node, "text", text), gesture: "typing" });
  const save = () => store.markSaved(store.getState().document, "a.json");
  return { store, add, write, save, dirty: () => isDirty(store.getState()) };
}

describe("the mark of unsaved changes", () => {
  it("goes when what was changed is undone, and comes back when it is done again", () => {
    const { store, add, save, dirty } = open();
    expect(dirty()).toBe(false);
    add();
    expect(dirty()).toBe(true);
    store.undo();
    expect(dirty()).toBe(false);
    store.redo();
    expect(dirty()).toBe(true);
    save();
    expect(dirty()).toBe(false);
    store.undo();
    expect(dirty()).toBe(true);
    store.redo();
    expect(dirty()).toBe(false);
  });

  it("goes when something is put back by hand", () => {
    const { store, add, write, save, dirty } = open();
    const node = add();
    write(node, "a cat");
    save();
    write(node, "a dog");
    expect(dirty()).toBe(true);
    write(node, "a cat");
    expect(dirty()).toBe(false);
    store.commit({ label: "move", patches: moveNodes(store.getState().graph, new Map([[node, { x: 9, y: 0 }]])) });
    expect(dirty()).toBe(true);
    store.commit({ label: "move", patches: moveNodes(store.getState().graph, new Map([[node, { x: 0, y: 0 }]])) });
    expect(dirty()).toBe(false);
  });

  it("is about what is inside subgraphs too, and not about where one looks from", () => {
    const { store, add, write, save, dirty } = open();
    const node = add();
    const { graph, definitionOf } = store.getState();
    const made = collapseToSubgraph(graph, definitionOf, { nodes: new Set([node]) }, "Inside", true);
    store.commit({ label: "collapse", patches: made?.patches ?? [] });
    save();
    store.enter([store.getState().document.nodes[0]!.id]);
    const inner = store.getState().graph.nodes.find(({ type }) => type === "prompt")!.id;
    write(inner, "a cat");
    expect(dirty()).toBe(true);
    store.setView({ x: 5, y: 5, zoom: 1 });
    store.undo();
    expect(dirty()).toBe(false);
    store.setView({ x: 7, y: 5, zoom: 1 });
    expect(dirty()).toBe(false);
  });

  it("comes to what is typed on after saving, whose undoing leads to what is in the file", () => {
    const { store, add, write, save, dirty } = open();
    const node = add();
    write(node, "a");
    save();
    write(node, "ab");
    expect(dirty()).toBe(true);
    store.undo();
    expect(store.getState().nodesById.get(node)?.params.text).toBe("a");
    expect(dirty()).toBe(false);
  });

  it("stays on what was in no file, whatever is undone", () => {
    const { store, add, dirty } = open();
    store.load(empty, { dirty: true });
    expect(dirty()).toBe(true);
    add();
    store.undo();
    expect(dirty()).toBe(true);
  });

  it("survives a reload with the way back to what was saved, back and forward", () => {
    const { store, add, save } = open();
    add();
    save();
    store.commit({ label: "title", patches: setTitle(store.getState().document, "B"), whole: true });
    const reload = () => {
      const { document, history } = store.getState();
      const again = createDocumentStore(structuredClone(document), findDefinition);
      const kept = { history: structuredClone(history), dirty: true, savedSteps: savedStepsOf(store.getState()) };
      again.load(structuredClone(document), kept);
      return again;
    };
    const after = reload();
    expect(isDirty(after.getState())).toBe(true);
    after.undo();
    expect(isDirty(after.getState())).toBe(false);

    store.undo();
    store.undo();
    expect(savedStepsOf(store.getState())).toBe(1);
    const before = reload();
    expect(isDirty(before.getState())).toBe(true);
    before.redo();
    expect(isDirty(before.getState())).toBe(false);
  });

  it("stays for good where the saved state can be reached no more", () => {
    const { store, add, save, dirty } = open();
    add();
    save();
    store.undo();
    store.commit({ label: "title", patches: setTitle(store.getState().document, "C"), whole: true });
    expect(savedStepsOf(store.getState())).toBeUndefined();
    store.undo();
    expect(dirty()).toBe(true);
  });
});
