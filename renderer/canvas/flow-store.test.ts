import { describe, expect, it } from "vitest";
import type { WorkflowDocument, WorkflowNode } from "../../graph/document.ts";
import { findDefinition } from "../../nodes/definitions.ts";
import { setParam } from "../document/commands.ts";
import { createDocumentStore } from "../document/document-store.ts";
import { createFlowStore, frameFlowId } from "./flow-store.ts";

const node = (id: string, x: number, y: number) => ({
  id,
  type: "vae-decode",
  typeVersion: 1,
  position: { x, y },
  params: {},
  mode: "active" as const,
});
const document: WorkflowDocument = {
  format: "heddle-workflow",
  version: 1,
  title: "",
  nodes: [node("in", 20, 60), node("out", 900, 60)],
  links: [],
  frames: [{ id: "f", title: "", position: { x: 0, y: 0 }, size: { width: 400, height: 400 } }],
};

describe("what React Flow draws", () => {
  it("knows sizes and sockets before anything is measured, so that only what is in view is drawn", () => {
    const flow = createFlowStore(createDocumentStore(document, findDefinition));
    const drawn = flow.getState().nodes.find(({ id }) => id === "in");
    expect(drawn?.measured?.height).toBeGreaterThan(50);
    expect(drawn?.handles?.map(({ id, type }) => `${type} ${id}`)).toEqual([
      "target latent",
      "target vae",
      "source image",
    ]);
  });

  it("moves a frame with what stands in it, as one step of undo", () => {
    const documents = createDocumentStore(document, findDefinition);
    const flow = createFlowStore(documents);
    const move = (x: number, dragging: boolean) =>
      flow.changeNodes([{ type: "position", id: frameFlowId("f"), position: { x, y: 0 }, dragging }]);
    move(600, true);
    move(900, true);
    move(900, false);
    const xs = () => documents.getState().document.nodes.map(({ position }) => position.x);
    expect(xs()).toEqual([920, 900]);
    documents.undo();
    expect(documents.getState().document).toEqual(document);
  });

  it("keeps its lists when a change is nothing to draw", () => {
    const documents = createDocumentStore(document, findDefinition);
    const flow = createFlowStore(documents);
    const before = flow.getState();
    documents.setView({ x: 1, y: 2, zoom: 1 });
    const [first] = document.nodes;
    if (!first) throw new Error("no node");
    documents.commit({
      label: "edit",
      patches: [{ collection: "nodes", index: 0, before: first, after: { ...first, params: { a: 1 } } }],
    });
    expect(flow.getState().nodes).toBe(before.nodes);
    expect(flow.getState().links).toBe(before.links);
  });

  it("keeps its lists while one types, also where something was moved that is not in the document yet", () => {
    const documents = createDocumentStore(document, findDefinition);
    const flow = createFlowStore(documents);
    flow.changeNodes([{ type: "position", id: "out", position: { x: 950, y: 60 }, dragging: true }]);
    const before = flow.getState();
    documents.commit({ label: "edit", patches: setParam(documents.getState().graph, "in", "a", 1) });
    expect(flow.getState()).toBe(before);
  });

  it("draws what was moved, sized, pinned, replaced or added", () => {
    const [first, second] = document.nodes;
    if (!first || !second) throw new Error("no node");
    const after: Record<string, WorkflowNode> = {
      moved: { ...first, position: { x: 40, y: 60 } },
      sized: { ...first, size: { width: 500, height: 100 } },
      pinned: { ...first, pinned: true },
      replaced: { ...first, type: "note" },
    };
    const drawn = Object.entries(after).map(([name, node]) => {
      const documents = createDocumentStore(document, findDefinition);
      const flow = createFlowStore(documents);
      documents.commit({ label: "edit", patches: [{ collection: "nodes", index: 0, before: first, after: node }] });
      const { position, width, draggable, type } = flow.getState().nodes.find(({ id }) => id === "in") ?? {};
      return [name, position?.x, width, draggable, type];
    });
    expect(drawn).toEqual([
      ["moved", 40, undefined, true, "heddle"],
      ["sized", 20, 500, true, "heddle"],
      ["pinned", 20, undefined, false, "heddle"],
      ["replaced", 20, undefined, true, "note"],
    ]);
    const documents = createDocumentStore(document, findDefinition);
    const flow = createFlowStore(documents);
    documents.commit({ label: "add", patches: [{ collection: "nodes", index: 2, after: { ...second, id: "new" } }] });
    expect(flow.getState().nodes.map(({ id }) => id)).toContain("new");
  });
});
