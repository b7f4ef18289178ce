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

  it("forgets what it took a node's sockets for when the node has others, and nothing else", () => {
    const flow = createFlowStore(createDocumentStore(document, findDefinition));
    const before = flow.getState().nodes;
    flow.forgetEstimate("in");
    const handles = () => flow.getState().nodes.map(({ id, handles }) => [id, handles !== undefined]);
    expect(handles()).toEqual([
      [frameFlowId("f"), true],
      ["in", false],
      ["out", true],
    ]);
    expect(flow.getState().nodes[2]).toBe(before[2]);
    const after = flow.getState();
    flow.forgetEstimate("in");
    expect(flow.getState()).toBe(after);
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

  it("resizes a frame at its upper left corner as one step of undo, and leaves what stands in it where it is", () => {
    const documents = createDocumentStore(document, findDefinition);
    const flow = createFlowStore(documents);
    const id = frameFlowId("f");
    for (const by of [10, 30]) {
      const dimensions = { width: 400 + by, height: 400 + by };
      flow.changeNodes([
        { type: "position", id, position: { x: -by, y: -by } },
        { type: "dimensions", id, dimensions, resizing: true, setAttributes: true },
      ]);
    }
    flow.changeNodes([{ type: "dimensions", id, dimensions: { width: 430, height: 430 }, resizing: false }]);
    const { document: resized, history } = documents.getState();
    expect(resized.frames?.[0]).toMatchObject({ position: { x: -30, y: -30 }, size: { width: 430, height: 430 } });
    expect(resized.nodes).toEqual(document.nodes);
    expect(flow.getState().nodes.find((node) => node.id === "in")?.position).toEqual({ x: 20, y: 60 });
    expect(history.past).toHaveLength(1);
    expect(flow.isDragging()).toBe(false);
  });

  it("leaves what is pinned where it is when its frame is moved", () => {
    const [first, second] = document.nodes;
    if (!first || !second) throw new Error("no node");
    const documents = createDocumentStore({ ...document, nodes: [{ ...first, pinned: true }, second] }, findDefinition);
    const flow = createFlowStore(documents);
    flow.changeNodes([{ type: "position", id: frameFlowId("f"), position: { x: 50, y: 0 }, dragging: false }]);
    expect(documents.getState().document.nodes.map(({ position }) => position.x)).toEqual([20, 900]);
    expect(documents.getState().document.frames?.[0]?.position.x).toBe(50);
  });

  it("chooses a frame with a drawn selection only where that is around all of it", () => {
    const flow = createFlowStore(createDocumentStore(document, findDefinition));
    const draw = (width: number) => {
      flow.beginMarquee();
      // React Flow chooses all that is touched.
      flow.changeNodes([frameFlowId("f"), "in"].map((id) => ({ type: "select", id, selected: true })));
      flow.endMarquee({ x: -10, y: -10, width, height: 500 });
      return [...flow.selectedNodes(), ...flow.selectedFrames()];
    };
    expect(draw(300)).toEqual(["in"]);
    expect(draw(500)).toEqual(["in", "f"]);
    expect(draw(300)).toEqual(["in"]);
    flow.changeNodes([{ type: "select", id: frameFlowId("f"), selected: true }]);
    expect([...flow.selectedFrames()]).toEqual(["f"]);
  });

  it("puts what is dragged back where it was, without a step of undo", () => {
    const documents = createDocumentStore(document, findDefinition);
    const flow = createFlowStore(documents);
    const before = flow.getState().nodes;
    const drag = (x: number, dragging: boolean) =>
      flow.changeNodes([{ type: "position", id: frameFlowId("f"), position: { x, y: 0 }, dragging }]);
    drag(600, true);
    expect(flow.isDragging()).toBe(true);
    flow.breakOff(() => drag(700, false));
    expect(flow.getState().nodes).toMatchObject(before.map(({ id, position }) => ({ id, position })));
    expect(flow.isDragging()).toBe(false);
    expect(documents.getState().document).toBe(document);
    // The next drag takes along what stands in the frame then.
    drag(600, true);
    drag(600, false);
    expect(documents.getState().document.nodes.map(({ position }) => position.x)).toEqual([620, 900]);
  });

  it("draws a frame above the one that it lies in, in whichever order they were made", () => {
    const [inner] = document.frames ?? [];
    if (!inner) throw new Error("no frame");
    const outer = { ...inner, id: "outer", position: { x: -100, y: -100 }, size: { width: 2_000, height: 900 } };
    for (const frames of [
      [inner, outer],
      [outer, inner],
    ]) {
      const { nodes } = createFlowStore(createDocumentStore({ ...document, frames }, findDefinition)).getState();
      expect(nodes.slice(0, 2).map(({ id }) => id)).toEqual([frameFlowId("outer"), frameFlowId("f")]);
    }
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
