import { expect, test } from "vitest";
import type { Subgraph, WorkflowDocument } from "../../graph/document.ts";
import { workflow } from "../../graph/testing/workflows.ts";
import { outsideOf } from "./outside.ts";

const subgraph = (id: string, nodes: Parameters<typeof workflow>[0], params: Subgraph["params"]): Subgraph => ({
  ...workflow(nodes),
  id,
  title: id,
  inputs: [],
  outputs: [],
  params,
});
const inner = subgraph("inner", { amount: "constant", plain: "constant" }, [
  { name: "by", node: "amount", param: "value" },
]);
const outer = subgraph("outer", { deep: ["subgraph/inner", { params: { by: 4 } }] }, [
  { name: "far", node: "deep", param: "by" },
]);
const document: WorkflowDocument = {
  ...workflow({ a: ["subgraph/outer", { params: { far: 9 } }], b: "subgraph/outer", n: "constant" }, [
    "n.value > b.far",
  ]),
  subgraphs: [outer, inner],
};
const at = (id: string) => ({ document, inside: [outer, inner], path: [id, "deep"] });

test("the value of a param that is shown outside comes from the node that is furthest out", () => {
  expect(outsideOf(at("a"), "amount", "value")).toMatchObject({ path: [], node: { id: "a" }, param: "far", value: 9 });
  // Where the node says nothing, the one further in does; here a link decides anyway.
  expect(outsideOf(at("b"), "amount", "value")).toMatchObject({ node: { id: "b" }, value: 4, isLinked: true });
});

test("a param that is not shown has its value inside", () => {
  expect(outsideOf(at("a"), "plain", "value")).toBeUndefined();
  expect(outsideOf({ document, inside: [], path: [] }, "n", "value")).toBeUndefined();
});
