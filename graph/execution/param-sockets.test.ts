import { expect, test } from "vitest";

import { nodeDefinitions } from "../../nodes/definitions.ts";
import { portOfParam } from "../linkable-params.ts";
import { testDefinitions, workflow } from "../testing/workflows.ts";
import { errorsOf, validateWorkflow } from "../validate.ts";
import { Executor } from "./executor.ts";

/** `words` reads a file that its param `voice` names: `files` says what is in it. */
function setUp() {
  const files: Record<string, string> = { alto: "1", bass: "1" };
  const ran: string[] = [];
  const spoken: unknown[] = [];
  const executor = new Executor<object>({
    definitions: testDefinitions,
    services: {},
    cacheBudgetBytes: 1024 * 1024,
    loadRunner: async (type) => ({
      ...(type === "words" && {
        fingerprint: async (_services: object, { voice }: Record<string, unknown>) => {
          if (!(String(voice) in files)) throw new Error(`There is no ${voice}`);
          return `${voice} ${files[String(voice)]}`;
        },
      }),
      async run({ nodeId }, { text, value }, params) {
        ran.push(nodeId);
        if (type === "say") spoken.push(text);
        if (type === "words") return { text: `${params.voice}:${params.text}` };
        return { value: value ?? params.value };
      },
    }),
  });
  const run = async (document: Parameters<typeof executor.run>[0]) => {
    ran.length = 0;
    const started: string[] = [];
    const result = await executor.run(document, {
      runId: "r",
      signal: new AbortController().signal,
      onEvent: (event) => event.type === "node-finished" && started.push(event.nodeId),
    });
    return { result, ran: [...ran], told: started };
  };
  return { files, run, spoken };
}

/** The name of the voice comes through a link, from a node of text that reads no file worth naming. */
const choir = (name: string) =>
  workflow(
    {
      name: ["words", { params: { voice: "alto", text: name } }],
      singer: ["words", { params: { voice: "gone" } }],
      say: "say",
    },
    ["name.text > singer.text", "singer.text > say.text"],
  );

test("any param is an input where a link goes to it; the typed value is neither checked nor counted", async () => {
  const document = workflow(
    { n: ["constant", { params: { value: 7 } }], c: ["constant", { params: { value: -5 } }], show: "show" },
    ["n.value > c.value", "c.value > show.value"],
  );
  expect(errorsOf(validateWorkflow(document, testDefinitions))).toEqual([]);
  const { run } = setUp();
  expect((await run(document)).result.status).toBe("done");
  document.nodes[1]!.params.value = -6;
  expect((await run(document)).ran).toEqual([]);
});

test("a link of the wrong type into a param is refused like any other", () => {
  const wrong = workflow({ w: "words", c: "constant", show: "show" }, ["w.text > c.value", "c.value > show.value"]);
  expect(errorsOf(validateWorkflow(wrong, testDefinitions))).toMatchObject([
    { code: "link-type-mismatch", field: "value" },
  ]);
});

test("a file that a linked name names counts: its content makes the result new, and each node tells once", async () => {
  const { run, files, spoken } = setUp();
  const linked = choir("x");
  linked.links[0] = { ...linked.links[0]!, to: { node: "singer", port: "voice" } };
  Object.assign(files, { "alto:x": "1" });
  const first = await run(linked);
  expect(first.ran).toEqual(["name", "singer", "say"]);
  expect(first.told).toEqual(["name", "singer", "say"]);
  expect(spoken).toEqual(["alto:x:hello"]);
  expect((await run(linked)).ran).toEqual([]);
  files["alto:x"] = "2";
  expect((await run(linked)).ran).toEqual(["singer", "say"]);
  delete files["alto:x"];
  expect((await run(linked)).result).toMatchObject({ status: "failed", error: { nodeId: "singer" } });
});

test("an input that has the name of a param carries what the param as a socket would", () => {
  for (const { type, inputs, params } of nodeDefinitions) {
    for (const input of inputs) {
      const param = params.find(({ name }) => name === input.name);
      if (param) expect(portOfParam(param)?.type, `${type} ${input.name}`).toBe(input.type);
    }
  }
});
