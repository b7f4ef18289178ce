import { describe, expect, it } from "vitest";
import type { WorkflowDocument } from "../../graph/document.ts";
import { findDefinition } from "../../nodes/definitions.ts";
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
});
