import { describe, expect, it, vi } from "vitest";
import type { WorkflowDocument, WorkflowNode } from "../../graph/document.ts";
import { findDefinition, nodeDefinitions } from "../../nodes/definitions.ts";
import type { TidyResult } from "../document/tidy.ts";
import { tidyUp } from "./arrange-actions.ts";
import type { Studio } from "./session.ts";
import { createViewStore } from "./view-store.ts";
import { createWorkspace, emptyWorkflow } from "./workspace.ts";

const node = (id: string, type = "vae-decode"): WorkflowNode => ({
  id,
  type,
  typeVersion: 1,
  position: { x: 0, y: 0 },
  params: {},
  mode: "active",
});

describe("tidying", () => {
  it("moves the nodes that it was asked for, also when another graph with the same ids is in view by then", async () => {
    vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => {}, removeItem: () => {} });
    const inner = {
      id: "s",
      title: "S",
      inputs: [],
      outputs: [],
      params: [],
      nodes: [node("a"), node("b")],
      links: [],
    };
    const document: WorkflowDocument = {
      ...emptyWorkflow(),
      nodes: [node("a"), node("b"), node("sub", "subgraph/s")],
      subgraphs: [inner],
    };
    const studio = {
      host: { rpc: {} },
      definitions: nodeDefinitions,
      definitionOf: findDefinition,
      view: createViewStore(),
    } as unknown as Studio;
    const session = createWorkspace(studio, () => "tab").open(document);
    const layout = Promise.withResolvers<TidyResult>();

    const tidied = tidyUp(session, () => layout.promise);
    session.documents.enter(["sub"]);
    layout.resolve({ nodes: new Map([["b", { x: 400, y: 20 }]]), frames: new Map() });
    await tidied;
    const now = session.documents.getState().document;
    expect(now.nodes.map(({ position }) => position.x)).toEqual([0, 400, 0]);
    expect(now.subgraphs?.[0]?.nodes.map(({ position }) => position.x)).toEqual([0, 0]);
  });
});
