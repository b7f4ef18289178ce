import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonValue } from "./document.ts";
import { planExecution } from "./plan.ts";
import type { Problem } from "./problems.ts";
import { testDefinitions, workflow } from "./testing/workflows.ts";
import { errorsOf, validateWorkflow } from "./validate.ts";

const validate = (...args: Parameters<typeof workflow>) => validateWorkflow(workflow(...args), testDefinitions);
const codes = (problems: Problem[]) =>
  problems.map(({ code, nodeId, field }) => [code, nodeId, field].filter(Boolean).join(" "));

const sound = { three: "constant", sum: "add", show: "show" };
const soundLinks = ["three.value > sum.a", "sum.sum > show.value"];

test("a sound workflow has no problems", () => {
  expect(validate(sound, soundLinks)).toEqual([]);
});

test("all problems are told at once", () => {
  const problems = validate(
    {
      odd: "teapot",
      three: ["constant", { params: { value: 101, mode: "odd" } }],
      words: ["words", { params: { text: "", loud: "yes", voice: "", extra: 1 } }],
      sum: "add",
      show: "show",
      say: "say",
    },
    ["three.value > say.text", "words.text > sum.a", "sum.total > show.value", "sum.sum > show.value"],
  );
  expect(codes(problems)).toEqual([
    "unknown-node odd",
    "value-out-of-range three value",
    "value-not-an-option three mode",
    "value-too-short words text",
    "value-wrong-kind words loud",
    "value-empty words voice",
    "unknown-param words extra",
    "link-type-mismatch say text",
    "link-type-mismatch sum a",
    "link-to-missing-port sum total",
    "input-linked-twice show value",
  ]);
  for (const { message, help } of problems) {
    expect(message).toMatch(/^[A-Z"].*\.$/);
    expect(help).toMatch(/^[A-Z].*\.$/);
  }
});

describe("links", () => {
  test("a wrong type names both types and both ends", () => {
    const [problem] = validate({ words: "words", show: "show" }, ["words.text > show.value"]);
    expect(problem).toMatchObject({ code: "link-type-mismatch", nodeId: "show", field: "value", severity: "error" });
    expect(problem!.message).toContain("text");
    expect(problem!.message).toContain("number");
    expect(problem!.message).toContain("Words");
    expect(problem!.message).toContain("Show");
  });

  test("integers widen to numbers", () => {
    expect(validate({ three: "constant", show: "show" }, ["three.value > show.value"])).toEqual([]);
  });

  test("a missing node is placed on the node that is there", () => {
    expect(codes(validate(sound, [...soundLinks, "ghost.value > sum.b"]))).toEqual(["link-to-missing-node sum b"]);
    expect(codes(validate(sound, [...soundLinks, "sum.sum > ghost.value"]))).toEqual(["link-to-missing-node sum sum"]);
    expect(validate(sound, [...soundLinks, "ghost.a > ghoul.b"])[0]).toMatchObject({ severity: "warning" });
  });

  test("a missing port lists those there are", () => {
    const [problem] = validate(sound, [...soundLinks, "three.value > sum.c"]);
    expect(problem).toMatchObject({ code: "link-to-missing-port", nodeId: "sum", field: "c" });
    expect(problem!.help).toContain("a, b");
  });

  test("two links with the same id only warn", () => {
    const document = workflow(sound, soundLinks);
    document.links[1]!.id = document.links[0]!.id;
    expect(validateWorkflow(document, testDefinitions)).toMatchObject([{ code: "duplicate-id", severity: "warning" }]);
  });
});

test("two nodes with the same id", () => {
  const document = workflow(sound, soundLinks);
  document.nodes.push({ ...document.nodes[0]! });
  expect(codes(validateWorkflow(document, testDefinitions))).toEqual(["duplicate-id three"]);
});

test("a missing input names node, input and type", () => {
  const [problem] = validate({ show: "show" });
  expect(problem).toMatchObject({ code: "missing-input", nodeId: "show", field: "value", severity: "error" });
  expect(problem!.help).toContain("number");
});

test("a node saved by a newer version is a warning", () => {
  const problems = validate({ ...sound, three: ["constant", { typeVersion: 2 }] }, soundLinks);
  expect(problems).toMatchObject([{ code: "newer-node", nodeId: "three", severity: "warning" }]);
});

describe("cycles", () => {
  test("a cycle names its nodes in the direction of the links", () => {
    const [problem] = validate({ p: "add", q: "add", r: "add", show: "show" }, [
      "p.sum > q.a",
      "q.sum > r.a",
      "r.sum > p.a",
      "r.sum > show.value",
    ]);
    expect(problem).toMatchObject({ code: "cycle", severity: "error" });
    expect(["p,q,r", "q,r,p", "r,p,q"]).toContain((problem!.details!.nodes as string[]).join());
    expect(problem!.message).toMatch(/Add \((p|q|r)\) → Add/);
  });

  test("a node linked to itself", () => {
    const problems = validate({ p: "add", show: "show" }, ["p.sum > p.a", "p.sum > show.value"]);
    expect(codes(problems)).toEqual(["cycle p"]);
  });

  test("two cycles are both told, a diamond is none", () => {
    const twice = validate({ p: "add", q: "add", show: "show" }, [
      "p.sum > p.a",
      "q.sum > q.a",
      "p.sum > q.b",
      "q.sum > show.value",
    ]);
    expect(codes(twice)).toEqual(["cycle p", "cycle q"]);
    const diamond = validate({ one: "constant", l: "add", r: "add", j: "add", show: "show" }, [
      "one.value > l.a",
      "one.value > r.a",
      "l.sum > j.a",
      "r.sum > j.b",
      "j.sum > show.value",
    ]);
    expect(diamond).toEqual([]);
  });

  test("thousands of loops through thousands of nodes, and a long row of bypassed nodes, take no time", () => {
    const range = Array.from({ length: 2_500 }, (_, index) => index);
    const many = (stem: string, type: string | [string, { mode: "bypassed" }]) =>
      Object.fromEntries(range.map((index) => [`${stem}${index}`, type]));
    const row = (stem: string, port: string) =>
      range.slice(1).map((index) => `${stem}${index - 1}.${port} > ${stem}${index}.a`);
    const startedAt = performance.now();
    const back = range.flatMap((index) =>
      [1, 2, 3].map((step) => `n${range.length - step}.sum > n${index % 1_000}.back${step}-${index}`),
    );
    const loops = validate(many("n", "add"), [...row("n", "sum"), ...back]);
    expect(loops.some(({ code }) => code === "cycle")).toBe(true);
    const users = range.map((index) => `b${range.length - 1}.sum > s${index}.value`);
    const { nodes } = planExecution(
      workflow({ one: "constant", ...many("b", ["add", { mode: "bypassed" }]), ...many("s", "show") }, [
        "one.value > b0.a",
        ...row("b", "sum"),
        ...users,
      ]),
      testDefinitions,
    );
    expect(nodes).toHaveLength(range.length + 1);
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  });

  test("any graph gets a cycle problem exactly when it has no topological order", () => {
    const edge = fc.tuple(fc.nat(7), fc.nat(7));
    fc.assert(
      fc.property(fc.uniqueArray(edge, { selector: String, maxLength: 12 }), (edges) => {
        const nodes = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`n${index}`, "add"]));
        const ports = new Map<number, number>();
        const links = edges.flatMap(([from, to]) => {
          const port = ports.get(to) ?? 0;
          ports.set(to, port + 1);
          return port > 1 ? [] : [[from, to, port === 0 ? "a" : "b"] as const];
        });
        const problems = validate(
          nodes,
          links.map(([from, to, port]) => `n${from}.sum > n${to}.${port}`),
        );
        const remaining = new Set(Object.keys(nodes));
        for (let removed = true; removed; ) {
          removed = false;
          for (const id of remaining) {
            if (links.some(([from, to]) => `n${to}` === id && remaining.has(`n${from}`))) continue;
            remaining.delete(id);
            removed = true;
          }
        }
        expect(problems.some(({ code }) => code === "cycle")).toBe(remaining.size > 0);
      }),
    );
  });

  test("a chain of 20,000 nodes is no trouble", () => {
    const nodes: Record<string, string> = { n0: "constant", show: "show" };
    const links = ["n0.value > n1.a", "n19999.sum > show.value"];
    for (let index = 1; index < 20_000; index++) {
      nodes[`n${index}`] = "add";
      if (index < 19_999) links.push(`n${index}.sum > n${index + 1}.a`);
    }
    const document = workflow(nodes, links);
    expect(validateWorkflow(document, testDefinitions)).toEqual([]);
    expect(planExecution(document, testDefinitions).nodes).toHaveLength(20_001);
  });
});

describe("values", () => {
  const check = (type: string, params: Record<string, JsonValue>) =>
    validate({ it: [type, { params }], show: "show", say: "say", one: "constant", ok: "words" }, [
      ...(type === "words"
        ? ["it.text > say.text", "one.value > show.value"]
        : ["it.value > show.value", "ok.text > say.text"]),
    ]).map(({ code, field, severity }) => `${code} ${field}${severity === "error" ? "" : ` (${severity})`}`);

  test.each<[string, Record<string, JsonValue>, string[]]>([
    ["constant", { value: 0 }, []],
    ["constant", { value: -1 }, ["value-out-of-range value"]],
    ["constant", { value: 1.5 }, ["value-wrong-kind value"]],
    ["constant", { value: "1" }, ["value-wrong-kind value"]],
    ["constant", { value: null }, ["value-wrong-kind value"]],
    ["constant", { mode: "fancy", size: 24 }, ["value-not-a-multiple size"]],
    ["constant", { mode: "fancy", size: 128 }, ["value-out-of-range size"]],
    ["constant", { mode: "plain", size: 24 }, []],
    ["constant", { seed: "9223372036854775807" }, []],
    ["constant", { seed: "9223372036854775808" }, ["value-out-of-range seed"]],
    ["constant", { seed: 2 ** 60 }, ["seed-not-exact seed"]],
    ["constant", { seed: -1 }, ["value-out-of-range seed"]],
    ["constant", { seed: 1.5 }, ["value-wrong-kind seed"]],
    ["constant", { seed: "x" }, ["value-wrong-kind seed"]],
    ["constant", { mode: 3 }, ["value-not-an-option mode"]],
    ["words", { text: "a".repeat(21) }, ["value-too-long text"]],
    ["words", { text: 3 }, ["value-wrong-kind text"]],
    ["words", { loud: 1 }, ["value-wrong-kind loud"]],
    ["words", { voice: 1 }, ["value-wrong-kind voice"]],
    ["words", { voice: "" }, ["value-empty voice"]],
    ["words", { volume: 1 }, ["unknown-param volume (warning)"]],
  ])("%s %j: %j", (type, params, expected) => {
    expect(check(type, params)).toEqual(expected);
  });

  test("a size that is no multiple is told the nearest ones", () => {
    const problems = validate({ c: ["constant", { params: { mode: "fancy", size: 24 } }], show: "show" }, [
      "c.value > show.value",
    ]);
    expect(problems[0]!.help).toContain("16 and 32");
  });
});

describe("what does not run", () => {
  test("problems of nodes that no output needs are warnings", () => {
    const problems = validate({ ...sound, stray: "add", far: ["constant", { params: { value: 999 } }] }, soundLinks);
    expect(codes(problems)).toEqual(["missing-input stray a", "value-out-of-range far value"]);
    expect(errorsOf(problems)).toEqual([]);
  });

  test("a node of unknown type might be an output, so it stops the run", () => {
    expect(errorsOf(validate({ ...sound, odd: "teapot" }, soundLinks))).toHaveLength(1);
  });

  test("with targets only what they need counts", () => {
    const document = workflow({ ...sound, odd: "teapot", say: "say" }, soundLinks);
    expect(errorsOf(validateWorkflow(document, testDefinitions))).toHaveLength(2);
    expect(errorsOf(validateWorkflow(document, testDefinitions, ["show"]))).toEqual([]);
    expect(codes(errorsOf(validateWorkflow(document, testDefinitions, ["nobody"])))).toContain("unknown-target");
  });

  test("no output node", () => {
    expect(codes(validate({ three: "constant", note: "remark" }))).toEqual(["no-output"]);
    expect(codes(validate({}))).toEqual(["no-output"]);
  });

  test("muted outputs and cut-off outputs say that it is the muting", () => {
    expect(validate({ ...sound, show: ["show", { mode: "muted" }] }, soundLinks)[0]!.message).toContain("muted");
    expect(validate({ ...sound, sum: ["add", { mode: "muted" }] }, soundLinks)).toMatchObject([{ code: "no-output" }]);
  });

  test("muted nodes are not checked, bypassed ones only for what they pass on", () => {
    const muted = { odd: ["teapot", { mode: "muted" }] as [string, { mode: "muted" }] };
    expect(validate({ ...sound, ...muted }, soundLinks)).toEqual([]);
    expect(validate({ ...sound, sum: ["add", { mode: "bypassed" }] }, soundLinks)).toEqual([]);
    const [problem] = validate({ sum: ["add", { mode: "bypassed" }], show: "show" }, ["sum.sum > show.value"]);
    expect(problem).toMatchObject({ code: "missing-input", nodeId: "show", field: "value" });
    expect(problem!.message).toContain("bypassed");
  });
});
