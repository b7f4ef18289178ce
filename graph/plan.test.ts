import { expect, test } from "vitest";
import { planExecution } from "./plan.ts";
import { testDefinitions, workflow } from "./testing/workflows.ts";

const plan = (document: ReturnType<typeof workflow>, targets?: string[]) =>
  planExecution(document, testDefinitions, targets);
const ids = (nodes: readonly { id: string }[]) => nodes.map(({ id }) => id);

test("only what the outputs need, each after what it needs", () => {
  const document = workflow({ show: "show", sum: "add", stray: "constant", three: "constant", note: "remark" }, [
    "three.value > sum.a",
    "three.value > sum.b",
    "sum.sum > show.value",
  ]);
  const { nodes, targets } = plan(document);
  expect(ids(nodes)).toEqual(["three", "sum", "show"]);
  expect(targets).toEqual(["show"]);
  expect(nodes[1]!.inputs).toEqual({ a: { node: "three", port: "value" }, b: { node: "three", port: "value" } });
});

test("targets replace the outputs", () => {
  const document = workflow({ three: "constant", sum: "add", show: "show" }, [
    "three.value > sum.a",
    "sum.sum > show.value",
  ]);
  expect(ids(plan(document, ["sum"]).nodes)).toEqual(["three", "sum"]);
});

test("behind a muted node the branch ends; optional inputs go without", () => {
  const links = ["one.value > sum.a", "two.value > sum.b", "sum.sum > show.value", "two.value > other.value"];
  const nodes = { one: "constant", sum: "add", show: "show", other: "show" };
  const { nodes: planned, targets } = plan(workflow({ ...nodes, two: ["constant", { mode: "muted" }] }, links));
  expect(ids(planned)).toEqual(["one", "sum", "show"]);
  expect(planned[1]!.inputs).toEqual({ a: { node: "one", port: "value" } });
  expect(targets).toEqual(["show"]);
});

test("bypassed nodes pass their first linked input of the same type on, also several in a row", () => {
  const { nodes } = plan(
    workflow({ one: "constant", p: ["add", { mode: "bypassed" }], q: ["add", { mode: "bypassed" }], show: "show" }, [
      "one.value > p.b",
      "p.sum > q.a",
      "q.sum > show.value",
    ]),
  );
  expect(ids(nodes)).toEqual(["one", "show"]);
  expect(nodes[1]!.inputs).toEqual({ value: { node: "one", port: "value" } });
});

test("nodes in a loop and those behind it are left out", () => {
  const document = workflow({ p: "add", q: "add", show: "show", one: "constant", other: "show" }, [
    "p.sum > q.a",
    "q.sum > p.a",
    "q.sum > show.value",
    "one.value > other.value",
  ]);
  expect(ids(plan(document).nodes)).toEqual(["one", "other"]);
});
