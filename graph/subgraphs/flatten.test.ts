import { describe, expect, test } from "vitest";
import type { Subgraph, WorkflowDocument } from "../document.ts";
import { Executor } from "../execution/executor.ts";
import { planExecution } from "../plan.ts";
import { testDefinitions, workflow } from "../testing/workflows.ts";
import { errorsOf, validateWorkflow } from "../validate.ts";
import { flattenWorkflow } from "./flatten.ts";
import { withSubgraphs } from "./lookup.ts";

function subgraph(
  id: string,
  nodes: Parameters<typeof workflow>[0],
  links: string[],
  more: Partial<Subgraph> = {},
): Subgraph {
  const boundary = { in: "subgraph-input", out: "subgraph-output" };
  const { nodes: all, links: among } = workflow({ ...boundary, ...nodes }, links);
  return { id, title: id, nodes: all, links: among, inputs: [], outputs: [], params: [], ...more };
}

/** Adds a constant of its own, `amount`, to what comes in. */
const increment = subgraph(
  "increment",
  { sum: "add", amount: ["constant", { params: { value: 5 } }] },
  ["in.number > sum.a", "amount.value > sum.b", "sum.sum > out.total"],
  {
    inputs: [{ name: "number", type: "number" }],
    outputs: [{ name: "total", type: "number" }],
    params: [{ name: "by", node: "amount", param: "value" }],
  },
);

const withThem = (document: WorkflowDocument, ...subgraphs: Subgraph[]): WorkflowDocument => ({
  ...document,
  subgraphs,
});
const linksOf = (document: WorkflowDocument) =>
  document.links.map(({ from, to }) => `${from.node}.${from.port} > ${to.node}.${to.port}`).sort();

const used = withThem(
  workflow({ one: "constant", up: ["subgraph/increment", { params: { by: 7 } }], show: "show" }, [
    "one.value > up.number",
    "up.total > show.value",
  ]),
  increment,
);

describe("opening out", () => {
  test("gives the nodes inside a path, the links their real ends, and the params their own values", () => {
    const { document } = flattenWorkflow(used);
    expect(document.nodes.map(({ id }) => id)).toEqual(["one", "up/sum", "up/amount", "show"]);
    expect(linksOf(document)).toEqual([
      "one.value > up/sum.a",
      "up/amount.value > up/sum.b",
      "up/sum.sum > show.value",
    ]);
    expect(document.nodes.find(({ id }) => id === "up/amount")?.params).toEqual({ value: 7 });
    expect(increment.nodes.find(({ id }) => id === "amount")?.params).toEqual({ value: 5 });
  });

  test("a workflow without subgraphs stays the same object", () => {
    const plain = workflow({ one: "constant" });
    expect(flattenWorkflow(plain).document).toBe(plain);
  });

  test("goes through nested ones, with params passed down, and through ones that only pass on", () => {
    const twice = subgraph(
      "twice",
      { first: "subgraph/increment", second: "subgraph/increment" },
      ["in.number > first.number", "first.total > second.number", "second.total > out.total"],
      { ...increment, id: "twice", params: [{ name: "later", node: "second", param: "by" }] },
    );
    twice.nodes = workflow({
      in: "subgraph-input",
      out: "subgraph-output",
      first: "subgraph/increment",
      second: "subgraph/increment",
    }).nodes;
    twice.links = workflow({}, [
      "in.number > first.number",
      "first.total > second.number",
      "second.total > out.total",
    ]).links;
    const pass = subgraph("pass", {}, ["in.x > out.y"], {
      inputs: [{ name: "x", type: "any" }],
      outputs: [{ name: "y", type: "any" }],
    });
    const document = withThem(
      workflow({ one: "constant", p: "subgraph/pass", t: ["subgraph/twice", { params: { later: 9 } }], show: "show" }, [
        "one.value > p.x",
        "p.y > t.number",
        "t.total > show.value",
      ]),
      increment,
      twice,
      pass,
    );
    const flat = flattenWorkflow(document);
    expect(linksOf(flat.document)).toEqual([
      "one.value > t/first/sum.a",
      "t/first/amount.value > t/first/sum.b",
      "t/first/sum.sum > t/second/sum.a",
      "t/second/amount.value > t/second/sum.b",
      "t/second/sum.sum > show.value",
    ]);
    expect(flat.document.nodes.find(({ id }) => id === "t/second/amount")?.params.value).toBe(9);
    expect(flat.document.nodes.find(({ id }) => id === "t/first/amount")?.params.value).toBe(5);
    expect(errorsOf(validateWorkflow(document, testDefinitions))).toEqual([]);
  });

  test("a link into a param of the subgraph takes the place of the value inside", () => {
    const document = withThem(
      workflow({ one: "constant", five: "constant", up: "subgraph/increment", show: "show" }, [
        "one.value > up.number",
        "five.value > up.by",
        "up.total > show.value",
      ]),
      increment,
    );
    expect(linksOf(flattenWorkflow(document).document)).toContain("five.value > up/amount.value");
    expect(errorsOf(validateWorkflow(document, testDefinitions))).toEqual([]);
  });

  test("a bypassed one passes its input on, a muted one ends its branch", () => {
    const as = (mode: "bypassed" | "muted") => ({
      ...used,
      nodes: used.nodes.map((node) => (node.id === "up" ? { ...node, mode } : node)),
    });
    const planned = (document: WorkflowDocument) => planExecution(document, testDefinitions).nodes.map(({ id }) => id);
    expect(planned(as("bypassed"))).toEqual(["one", "show"]);
    expect(planned(as("muted"))).toEqual([]);
  });
});

describe("what is refused", () => {
  const codes = (document: WorkflowDocument) =>
    errorsOf(validateWorkflow(document, testDefinitions)).map(({ code }) => code);

  test("a subgraph in itself, directly or through another", () => {
    const self = subgraph("self", { again: "subgraph/self" }, []);
    expect(
      codes(withThem(workflow({ a: "subgraph/self", c: "constant", s: "show" }, ["c.value > s.value"]), self)),
    ).toEqual(["subgraph-recursive"]);
    const a = subgraph("a", { b: "subgraph/b" }, []);
    const b = subgraph("b", { a: "subgraph/a" }, []);
    expect(codes(withThem(workflow({ a: "subgraph/a" }), a, b))).toContain("subgraph-recursive");
  });

  test("one that is not there, and so many that memory would not hold them", () => {
    expect(codes(workflow({ a: "subgraph/gone" }))).toContain("subgraph-missing");
    const levels = (innermost: Parameters<typeof workflow>[0]) =>
      Array.from({ length: 40 }, (_, level) =>
        subgraph(
          `level-${level}`,
          level === 39 ? innermost : { l: `subgraph/level-${level + 1}`, r: `subgraph/level-${level + 1}` },
          [],
        ),
      );
    for (const innermost of [{ c: "constant" }, {}] as Parameters<typeof workflow>[0][]) {
      const document = withThem(workflow({ a: "subgraph/level-0" }), ...levels(innermost));
      expect(codes(document)).toContain("subgraph-too-large");
    }
    // Unbounded they would be 2^40: no time would be enough.
  }, 60_000);

  test("a problem inside is on the path to its node", () => {
    const broken = { ...increment, links: increment.links.filter(({ to }) => to.node !== "sum" || to.port !== "a") };
    expect(errorsOf(validateWorkflow({ ...used, subgraphs: [broken] }, testDefinitions))).toMatchObject([
      { code: "missing-input", nodeId: "up/sum", field: "a" },
    ]);
  });

  test("a loop that goes through subgraphs only ends", () => {
    const pass = subgraph("pass", {}, ["in.x > out.y"], {
      inputs: [{ name: "x", type: "any" }],
      outputs: [{ name: "y", type: "any" }],
    });
    const document = withThem(workflow({ p: "subgraph/pass", show: "show" }, ["p.y > p.x", "p.y > show.value"]), pass);
    expect(codes(document)).toContain("missing-input");
  });
});

test("to the outside a subgraph is a node: its sockets, its params with the values inside as their defaults", () => {
  const definition = withSubgraphs(used, testDefinitions)("subgraph/increment");
  expect(definition).toMatchObject({
    title: "increment",
    inputs: [{ name: "number", type: "number", optional: false }],
    outputs: [{ name: "total", type: "number" }],
    params: [{ name: "by", label: "Value", default: 5, max: 100, origin: { type: "constant", param: "value" } }],
    isOutput: false,
  });
  expect(withSubgraphs(used, testDefinitions, "increment")("subgraph-input")?.outputs.map(({ name }) => name)).toEqual([
    "number",
    "+",
  ]);
});

describe("running", () => {
  function setUp() {
    const ran: string[] = [];
    const shown: unknown[] = [];
    const executor = new Executor<object>({
      definitions: testDefinitions,
      services: {},
      cacheBudgetBytes: 1024 * 1024,
      loadRunner: async (type) => ({
        async run({ nodeId }, inputs, params) {
          ran.push(nodeId);
          if (type === "add") return { sum: Number(inputs.a) + Number(inputs.b ?? 0) };
          if (type === "show") shown.push(inputs.value);
          return { value: params.value };
        },
      }),
    });
    const run = (document: WorkflowDocument, targets?: string[]) => {
      ran.length = 0;
      return executor.run(document, {
        runId: "r",
        signal: new AbortController().signal,
        onEvent: () => {},
        ...(targets ? { targets } : {}),
      });
    };
    return { run, ran, shown };
  }

  test("computes what the nodes would compute outside, and shares their cache", async () => {
    const { run, ran, shown } = setUp();
    expect((await run(used)).status).toBe("done");
    expect(ran).toEqual(["one", "up/amount", "up/sum", "show"]);
    expect(shown).toEqual([8]);
    const unpacked = workflow(
      { one: "constant", amount: ["constant", { params: { value: 7 } }], sum: "add", show: "show" },
      ["one.value > sum.a", "amount.value > sum.b", "sum.sum > show.value"],
    );
    expect((await run(unpacked)).cachedNodes).toEqual(["one", "amount", "sum", "show"]);
    expect(ran).toEqual([]);
  });

  test("runs to a subgraph", async () => {
    const { run, ran } = setUp();
    expect((await run(used, ["up"])).status).toBe("done");
    expect(ran).toEqual(["one", "up/amount", "up/sum"]);
  });
});
