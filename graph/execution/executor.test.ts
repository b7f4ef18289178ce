import { describe, expect, test } from "vitest";
import { CancelledError, HeddleError } from "../../common/errors.ts";
import type { WorkflowDocument } from "../document.ts";
import { type RunEvent, runEventSchema } from "../events.ts";
import { testDefinitions, workflow } from "../testing/workflows.ts";
import { Executor } from "./executor.ts";
import type { NodeRunner } from "./runner.ts";

type Runners = Record<string, NodeRunner<object>>;
const image = { hash: "0".repeat(64), width: 1, height: 1, mimeType: "image/png" };

/** Runners that do what their names say, and a log of what ran. */
function setUp(overrides: Runners = {}, cacheBudgetBytes = 1024 * 1024) {
  const ran: string[] = [];
  const runners: Runners = {
    constant: { run: async (_context, _inputs, params) => ({ value: params.value }) },
    add: { run: async (_context, { a, b = 0 }) => ({ sum: Number(a) + Number(b) }) },
    words: { run: async (_context, _inputs, params) => ({ text: params.text }) },
    show: {
      run: async ({ info, images }, { value }) => {
        info({ value: Number(value) });
        images([image]);
        return {};
      },
    },
    say: { run: async () => ({}) },
    ...overrides,
  };
  const executor = new Executor<object>({
    definitions: testDefinitions,
    services: {},
    cacheBudgetBytes,
    async loadRunner(type) {
      const runner = runners[type]!;
      const logged: NodeRunner<object> = {
        ...runner,
        run(context, inputs, params) {
          ran.push(context.nodeId);
          return runner.run(context, inputs, params);
        },
      };
      return logged;
    },
  });
  let count = 0;
  const run = async (document: WorkflowDocument, options: { targets?: string[]; signal?: AbortSignal } = {}) => {
    ran.length = 0;
    const events: RunEvent[] = [];
    const { signal = new AbortController().signal, targets } = options;
    const result = await executor.run(document, {
      runId: `run-${++count}`,
      signal,
      onEvent: (event) => events.push(runEventSchema.parse(event)),
      ...(targets ? { targets } : {}),
    });
    expect(events.at(-1)).toEqual(result);
    expect(events.filter(({ type }) => type === "run-finished")).toHaveLength(1);
    return { result, events, ran: [...ran] };
  };
  return { run, executor };
}

const sum = (value = 3) =>
  workflow(
    { one: ["constant", { params: { value } }], two: ["constant", { params: { value: 2 } }], sum: "add", show: "show" },
    ["one.value > sum.a", "two.value > sum.b", "sum.sum > show.value"],
  );

const typesOf = (events: RunEvent[]) =>
  events.map((event) => ("nodeId" in event ? `${event.type} ${event.nodeId}` : event.type));

test("nodes run once, in order, and tell what they did", async () => {
  const { run } = setUp();
  const { result, events, ran } = await run(sum());
  expect(ran).toEqual(["one", "two", "sum", "show"]);
  expect(typesOf(events)).toEqual([
    "run-started",
    ...["one", "two", "sum", "show"].flatMap((id) => [`node-started ${id}`, `node-finished ${id}`]),
    "run-finished",
  ]);
  expect(events[0]).toMatchObject({ nodeIds: ["one", "two", "sum", "show"] });
  expect(events.at(-2)).toMatchObject({ cached: false, info: { value: 5 }, images: [image] });
  expect(result).toMatchObject({ status: "done", images: [image], cachedNodes: [], sessionsCreated: 0 });
});

describe("the cache", () => {
  test("a second run computes nothing and tells the same again", async () => {
    const { run } = setUp();
    await run(sum());
    const { result, events, ran } = await run(sum());
    expect(ran).toEqual([]);
    expect(result).toMatchObject({ status: "done", images: [image], cachedNodes: ["one", "two", "sum", "show"] });
    expect(events.at(-2)).toMatchObject({ type: "node-finished", cached: true, info: { value: 5 }, images: [image] });
  });

  test("a changed param runs its node and what hangs on it", async () => {
    const { run } = setUp();
    await run(sum());
    const { ran, result } = await run(sum(4));
    expect(ran).toEqual(["one", "sum", "show"]);
    expect(result.cachedNodes).toEqual(["two"]);
    expect((await run(sum(3))).ran).toEqual([]);
  });

  test("ids, positions and titles do not count, nor do hidden params and ways to write a seed", async () => {
    const { run } = setUp();
    await run(workflow({ a: ["constant", { params: { value: 7, seed: 5 } }], show: "show" }, ["a.value > show.value"]));
    const again = workflow(
      { b: ["constant", { title: "Other", params: { size: 32, seed: "5", value: 7 } }], show: "show" },
      ["b.value > show.value"],
    );
    expect((await run(again)).ran).toEqual([]);
  });

  test("which output feeds which input does count", async () => {
    const { run } = setUp();
    const one = { one: "constant", sum: "add", show: "show" };
    await run(workflow(one, ["one.value > sum.a", "sum.sum > show.value"]));
    expect((await run(workflow(one, ["one.value > sum.a", "one.value > sum.b", "sum.sum > show.value"]))).ran).toEqual([
      "sum",
      "show",
    ]);
  });

  test("two nodes alike in one run compute once", async () => {
    const { run } = setUp();
    const { ran, result } = await run(
      workflow({ l: "constant", r: "constant", sum: "add", show: "show" }, [
        "l.value > sum.a",
        "r.value > sum.b",
        "sum.sum > show.value",
      ]),
    );
    expect(ran).toEqual(["l", "sum", "show"]);
    expect(result.cachedNodes).toEqual(["r"]);
  });

  test("a fingerprint makes outside changes count", async () => {
    let version = 1;
    const { run } = setUp({
      constant: { fingerprint: async () => String(version), run: async () => ({ value: version }) },
    });
    await run(sum());
    version = 2;
    expect((await run(sum())).ran).toEqual(["one", "two", "sum", "show"]);
  });

  test("warnings are told again", async () => {
    const warning = { code: "odd", message: "Odd.", help: "Even it." };
    const { run } = setUp({
      constant: {
        async run({ warn }) {
          warn(warning);
          return { value: 1 };
        },
      },
    });
    const document = workflow({ c: "constant", show: "show" }, ["c.value > show.value"]);
    await run(document);
    expect((await run(document)).events).toContainEqual({
      type: "node-warning",
      runId: "run-2",
      nodeId: "c",
      warning: { ...warning, nodeId: "c" },
    });
  });

  test("an effect that is gone is made again, from kept inputs; a kept effect is not", async () => {
    let exists = true;
    const { run } = setUp({ show: { isEffectCurrent: async () => exists, run: async () => ({}) } });
    await run(sum());
    expect((await run(sum())).ran).toEqual([]);
    exists = false;
    expect((await run(sum())).ran).toEqual(["show"]);
  });

  test("two effects that are set alike both happen", async () => {
    const { run } = setUp({ show: { isEffectCurrent: async () => true, run: async () => ({}) } });
    const document = workflow({ c: "constant", l: "show", r: "show" }, ["c.value > l.value", "c.value > r.value"]);
    expect((await run(document)).ran).toEqual(["c", "l", "r"]);
    expect((await run(document)).ran).toEqual([]);
  });

  test("what was evicted is computed again only where it is needed", async () => {
    // Room for three results: `one` is the oldest and goes.
    const { run } = setUp({}, 3 * 1024);
    await run(sum());
    expect((await run(sum())).ran).toEqual([]);
    expect((await run(sum(4))).ran).toEqual(["one", "sum", "show"]);
  });

  test("large results push others out by their size", async () => {
    const { run } = setUp({ add: { sizeOf: () => 10_000, run: async () => ({ sum: 1 }) } }, 8_000);
    await run(sum());
    const other = workflow(
      {
        one: ["constant", { params: { value: 3 } }],
        two: ["constant", { params: { value: 2 } }],
        sum: "add",
        l: "show",
        more: "add",
      },
      ["one.value > sum.a", "two.value > sum.b", "sum.sum > more.a", "more.sum > l.value"],
    );
    expect((await run(other)).ran).toEqual(["sum", "more", "l"]);
  });
});

describe("failures", () => {
  const broken: Runners = {
    words: {
      async run() {
        throw new HeddleError({ code: "lost-voice", message: "No voice.", help: "Drink tea.", field: "text" });
      },
    },
  };
  const twoBranches = workflow({ words: "words", say: "say", one: "constant", show: "show" }, [
    "words.text > say.text",
    "one.value > show.value",
  ]);

  test("a failure is placed on its node and fails the run; other branches complete", async () => {
    const { run } = setUp(broken);
    const { result, events, ran } = await run(twoBranches);
    const error = expect.objectContaining({ code: "lost-voice", nodeId: "words", field: "text" });
    expect(events).toContainEqual({ type: "node-failed", runId: "run-1", nodeId: "words", error });
    expect(result).toMatchObject({ status: "failed", error, images: [image] });
    expect(ran).toEqual(["words", "one", "show"]);
  });

  test("failures are not cached, successes are", async () => {
    const { run } = setUp(broken);
    await run(twoBranches);
    expect((await run(twoBranches)).ran).toEqual(["words"]);
  });

  test("an unexpected error becomes an internal error on its node", async () => {
    const { run } = setUp({
      add: {
        async run() {
          throw new TypeError("undefined is not a function");
        },
      },
    });
    const { result } = await run(sum());
    expect(result).toMatchObject({ status: "failed", error: { code: "internal-error", nodeId: "sum" } });
  });

  test("a node that gives nothing at a linked output fails the reader", async () => {
    const { run } = setUp({ constant: { run: async () => ({}) } });
    const { result } = await run(sum());
    expect(result).toMatchObject({ status: "failed", error: { code: "output-empty" } });
  });

  test("a fingerprint that fails stops its branch only", async () => {
    const { run } = setUp({
      words: {
        async fingerprint() {
          throw new HeddleError({ code: "model-not-found", message: "None.", help: "Get one." });
        },
        run: async () => ({ text: "" }),
      },
    });
    const { result, ran } = await run(twoBranches);
    expect(result).toMatchObject({ status: "failed", error: { code: "model-not-found", nodeId: "words" } });
    expect(ran).toEqual(["one", "show"]);
  });

  test("a workflow with errors does not run, and tells all of them on their nodes", async () => {
    const { run } = setUp();
    const { result, events, ran } = await run(
      workflow({ sum: "add", show: "show", other: "show" }, ["sum.sum > show.value"]),
    );
    expect(ran).toEqual([]);
    expect(typesOf(events)).toEqual(["run-started", "node-failed sum", "node-failed other", "run-finished"]);
    expect(result).toMatchObject({ status: "failed", error: { code: "missing-input" } });
  });

  test("targets run alone", async () => {
    const { run } = setUp(broken);
    expect((await run(twoBranches, { targets: ["show"] })).result).toMatchObject({ status: "done" });
  });
});

describe("cancelling", () => {
  const waiting = (): Runners => ({
    add: {
      run: ({ signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new CancelledError()))),
    },
  });

  test("a running node is stopped, nothing else starts, and it is no failure", async () => {
    const { run } = setUp(waiting());
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    const { result, events, ran } = await run(sum(), { signal: controller.signal });
    expect(ran).toEqual(["one", "two", "sum"]);
    expect(result.status).toBe("cancelled");
    expect(result.error).toBeUndefined();
    expect(events.some(({ type }) => type === "node-failed")).toBe(false);
  });

  test("what was done before is kept", async () => {
    const { run } = setUp(waiting());
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    await run(sum(), { signal: controller.signal });
    const aborted = AbortSignal.abort();
    const { result, ran } = await run(sum(), { signal: aborted });
    expect(ran).toEqual([]);
    expect(result.status).toBe("cancelled");
  });
});

test("late progress of a finished node is dropped", async () => {
  let late: (() => void) | undefined;
  const { run } = setUp({
    constant: {
      async run({ progress }) {
        progress({ value: 1, max: 2 });
        late = () => progress({ value: 2, max: 2 });
        return { value: 1 };
      },
    },
    show: {
      async run() {
        late?.();
        return {};
      },
    },
  });
  const { events } = await run(workflow({ c: "constant", show: "show" }, ["c.value > show.value"]));
  expect(events.filter(({ type }) => type === "node-progress")).toHaveLength(1);
});

test("timed work adds up by its part", async () => {
  const { run } = setUp({
    constant: {
      async run({ timed }) {
        await timed("loadMs", () => new Promise((resolve) => setTimeout(resolve, 30)));
        return { value: await timed("sampleMs", async () => 1) };
      },
    },
  });
  const { timings } = (await run(workflow({ c: "constant", show: "show" }, ["c.value > show.value"]))).result;
  expect(timings.loadMs).toBeGreaterThan(20);
  expect(timings.decodeMs).toBe(0);
  expect(timings.totalMs).toBeGreaterThanOrEqual(timings.loadMs + timings.sampleMs);
});
