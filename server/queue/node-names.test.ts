import { expect, test } from "vitest";
import type { Subgraph, WorkflowNode } from "../../graph/document.ts";
import { findDefinition } from "../../nodes/definitions.ts";
import { nodeNames } from "./node-names.ts";

const node = (id: string, type: string, title?: string): WorkflowNode => ({
  ...{ id, type, typeVersion: 1, position: { x: 0, y: 0 }, params: {}, mode: "active" as const },
  ...(title === undefined ? {} : { title }),
});
const subgraph = (id: string, nodes: WorkflowNode[]): Subgraph => ({
  ...{ id, title: "Detailer", nodes, links: [], inputs: [], outputs: [], params: [] },
});

test("nodes of a run are called as people see them, by id too where two have one name", () => {
  const nodes = [
    node("a", "prompt"),
    node("b", "prompt"),
    node("c", "sampler", "Portrait"),
    node("d", "subgraph/one"),
    node("e", "prompt", "Not this"),
  ];
  // It holds itself: named once.
  const inner = subgraph("one", [node("in", "subgraph-input"), node("s", "sampler"), node("again", "subgraph/one")]);
  const nameOf = nodeNames(
    { format: "heddle-workflow", version: 1, title: "", nodes, links: [], subgraphs: [inner] },
    findDefinition,
  );
  expect(["a", "b", "c", "d", "d/s", "e", "gone"].map((id) => nameOf(id).text)).toEqual([
    "Prompt (a)",
    "Prompt (b)",
    "Portrait",
    "Detailer",
    "Detailer › Sampler",
    "Not this",
    "gone",
  ]);
  // What a person wrote stays as it is in every language; what Heddle calls a node is told by its type.
  expect(["a", "c", "d/s", "gone"].map((id) => nameOf(id).node)).toEqual([
    { parts: [{ type: "prompt" }], id: "a" },
    { parts: [{ title: "Portrait" }] },
    { parts: [{ title: "Detailer" }, { type: "sampler" }] },
    { parts: [{ title: "gone" }] },
  ]);
});
