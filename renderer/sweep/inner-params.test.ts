import { expect, test } from "vitest";
import type { Subgraph, WorkflowDocument } from "../../graph/document.ts";
import { flattenWorkflow } from "../../graph/subgraphs/flatten.ts";
import { testDefinitions, workflow } from "../../graph/testing/workflows.ts";
import { sweepCandidates } from "./candidates.ts";
import { outermostPlace, withParamAt } from "./inner-params.ts";

const constant = { params: { value: 5 } };
function subgraph(
  id: string,
  nodes: Parameters<typeof workflow>[0],
  links: string[],
  more: Partial<Subgraph>,
): Subgraph {
  const boundary = { in: "subgraph-input", out: "subgraph-output" };
  const { nodes: all, links: among } = workflow({ ...boundary, ...nodes }, links);
  return {
    id,
    title: id,
    nodes: all,
    links: among,
    inputs: [],
    params: [],
    outputs: [{ name: "n", type: "number" }],
    ...more,
  };
}
const inner = subgraph(
  "inner",
  { amount: ["constant", constant], other: ["constant", constant] },
  ["amount.value > out.n"],
  {
    params: [{ name: "shown", node: "other", param: "value" }],
  },
);
const outer = subgraph("outer", { deep: "subgraph/inner" }, ["deep.n > out.n"], {});
const document: WorkflowDocument = {
  ...workflow({ a: "subgraph/outer", b: "subgraph/outer", show: "show" }, ["a.n > show.value"]),
  subgraphs: [outer, inner],
};
const valueAt = (changed: WorkflowDocument, id: string) =>
  flattenWorkflow(changed).document.nodes.find((node) => node.id === id)?.params.value;

test("a param deep inside is changed for one use only, and the workflow stays as it was", () => {
  const changed = withParamAt(document, { node: "a/deep/amount", param: "value" }, 9);
  expect(valueAt(changed, "a/deep/amount")).toBe(9);
  expect(valueAt(changed, "b/deep/amount")).toBe(5);
  expect(valueAt(changed, "a/deep/other")).toBe(5);
  expect(valueAt(document, "a/deep/amount")).toBe(5);
  // Again: what is shown by now is not shown twice.
  const again = withParamAt(changed, { node: "a/deep/amount", param: "value" }, 11);
  expect(valueAt(again, "a/deep/amount")).toBe(11);
  expect(again.subgraphs).toEqual(changed.subgraphs);
});

test("a param that is shown outside is set there, and one that is gone nowhere", () => {
  const changed = withParamAt(document, { node: "a/deep/other", param: "value" }, 7);
  expect(valueAt(changed, "a/deep/other")).toBe(7);
  expect(changed.subgraphs?.find(({ id }) => id === "inner")).toBe(inner);
  expect(withParamAt(document, { node: "a/gone/amount", param: "value" }, 1)).toBe(document);
  expect(outermostPlace([outer, inner], ["a", "deep"], { node: "other", param: "value" })).toEqual({
    node: "a/deep",
    param: "shown",
  });
  expect(outermostPlace([outer, inner], ["a", "deep"], { node: "amount", param: "value" })).toEqual({
    node: "a/deep/amount",
    param: "value",
  });
});

test("every param can be chosen once, where it is set from", () => {
  const words = {
    title: ({ title }: { title: string }) => title,
    param: (_definition: unknown, { label }: { label: string }) => label,
    option: (_definition: unknown, _param: unknown, { label }: { label: string }) => label,
  };
  const found = sweepCandidates(document, testDefinitions, words).map(({ place }) => `${place.node}.${place.param}`);
  expect(found).toContain("a/deep/amount.value");
  expect(found).toContain("a/deep.shown");
  expect(found).not.toContain("a/deep/other.value");
  expect(new Set(found).size).toBe(found.length);
});
