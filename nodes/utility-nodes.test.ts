import { describe, expect, test } from "vitest";
import { Executor } from "../graph/execution/executor.ts";
import { parseWorkflow } from "../graph/parse.ts";
import { findDefinition } from "./definitions.ts";
import { loadRunner } from "./runners.ts";
import type { NodeServices } from "./services.ts";
import { batchOf, evenPicture, runNode } from "./testing/run-node.ts";
import { createTestServices } from "./testing/test-services.ts";

const picture = evenPicture(100, 50, [1, 2, 3]);

test.each([
  ["number", { value: 1.5 }, 1.5],
  ["integer", { value: 3 }, 3],
  ["boolean", { value: false }, false],
  ["text", { text: "a cat" }, "a cat"],
  ["seed", { seed: 7 }, 7],
  ["seed", { seed: "9223372036854775807" }, "9223372036854775807"],
] as const)("%s %j gives %j", async (type, params, value) => {
  expect((await runNode(type, {}, { ...params })).outputs).toEqual({ value });
});

test("maths takes linked numbers before typed ones", async () => {
  const { outputs, info } = await runNode("maths", { a: 3 }, { a: 100, b: 0.6, expression: "a + b" });
  expect(outputs).toEqual({ number: 3.6, integer: 4, boolean: true });
  expect(info).toEqual({ result: 3.6 });
});

describe("text", () => {
  test("join-text leaves out what is empty", async () => {
    const inputs = { a: "one", b: "", d: "two" };
    expect((await runNode("join-text", inputs)).outputs.text).toBe("one, two");
    expect((await runNode("join-text", inputs, { separator: "\\n" })).outputs.text).toBe("one\ntwo");
  });

  test("replace-text takes what it looks for literally", async () => {
    const replace = async (text: string, params: Record<string, string | boolean>) =>
      (await runNode("replace-text", { text }, params)).outputs.text;
    expect(await replace("a.b a.b axb", { find: "a.b", replacement: "$&" })).toBe("$& $& axb");
    expect(await replace("Cat cat", { find: "CAT", replacement: "dog", ignoreCase: true })).toBe("dog dog");
    expect(await replace("Cat cat", { find: "CAT", replacement: "dog" })).toBe("Cat cat");
    expect(await replace("cat", { find: "", replacement: "dog" })).toBe("cat");
  });

  test("text-template fills in text and numbers, and says which one is missing", async () => {
    const params = { template: "{{a}} at {{ b }} steps, {{e}} {a} $&" };
    expect((await runNode("text-template", { a: "a {{b}} $1", b: 8 }, params)).outputs.text).toBe(
      "a {{b}} $1 at 8 steps, {{e}} {a} $&",
    );
    await expect(runNode("text-template", { a: "x" }, params)).rejects.toMatchObject({
      code: "placeholder-empty",
      field: "b",
    });
    const image = { a: batchOf(picture), b: 1 };
    await expect(runNode("text-template", image, params)).rejects.toMatchObject({ code: "input-wrong-kind" });
  });
});

describe("switch, pick-input and reroute", () => {
  test("pass the chosen value on as it is", async () => {
    const [whenOn, whenOff] = [batchOf(picture), "text"];
    expect((await runNode("switch", { whenOn, whenOff })).outputs.value).toBe(whenOn);
    expect((await runNode("switch", { whenOn, whenOff, on: false })).outputs.value).toBe(whenOff);
    expect((await runNode("pick-input", { first: 1, third: whenOn }, { position: 3 })).outputs.value).toBe(whenOn);
    expect((await runNode("reroute", { value: whenOn })).outputs.value).toBe(whenOn);
  });

  test("say when nothing is linked there", async () => {
    await expect(runNode("switch", { whenOn: 1 }, { on: false })).rejects.toMatchObject({
      code: "nothing-linked",
      field: "whenOff",
    });
    await expect(runNode("pick-input", { first: 1 }, { position: 2 })).rejects.toMatchObject({
      code: "nothing-linked",
      field: "second",
    });
  });
});

describe("size-from-image", () => {
  test("gives the size, and a latent as near to it as can be drawn", async () => {
    const { outputs, warnings } = await runNode("size-from-image", { image: batchOf(picture) }, { batch: 3 });
    expect(outputs).toMatchObject({ width: 100, height: 50, pictures: 1 });
    expect(outputs.latent).toEqual({ kind: "latent", width: 256, height: 128, samples: null, batch: 3 });
    expect(warnings).toMatchObject([{ code: "size-replaced", details: { width: 256, height: 128 } }]);
  });

  test("says nothing of a size that can be drawn", async () => {
    const image = batchOf(evenPicture(320, 160, [0, 0, 0]));
    const { outputs, warnings } = await runNode("size-from-image", { image });
    expect(outputs.latent).toMatchObject({ width: 320, height: 160 });
    expect(warnings).toEqual([]);
  });
});

describe("in a workflow", () => {
  const node = (id: string, type: string, params = {}) => ({ id, type, params });
  const link = (from: string, to: string) => {
    const [[fromNode, fromPort], [toNode, toPort]] = [from.split("."), to.split(".")];
    return { id: `${from}-${to}`, from: { node: fromNode, port: fromPort }, to: { node: toNode, port: toPort } };
  };
  /** A prompt of wildcards, drawn in a size that was computed, with a seed that both use. */
  const { document } = parseWorkflow({
    format: "heddle-workflow",
    version: 1,
    nodes: [
      node("model", "load-model", { checkpoint: "starter/turbo" }),
      node("seed", "seed", { seed: "9007199254740993" }),
      node("words", "wildcards", { text: "a {red|green} __animals__" }),
      node("prompt", "prompt", { text: "not this" }),
      node("maths", "maths", { expression: "a * 2", a: 64 }),
      node("size", "image-size"),
      node("sampler", "sampler"),
      node("route", "reroute"),
      node("decode", "vae-decode"),
      node("save", "save-image", { name: "%prompt%" }),
    ],
    links: [
      link("model.textEncoder", "prompt.textEncoder"),
      link("seed.value", "words.seed"),
      link("seed.value", "sampler.seed"),
      link("words.text", "prompt.text"),
      link("maths.integer", "size.width"),
      link("maths.integer", "size.height"),
      link("model.model", "sampler.model"),
      link("prompt.conditioning", "sampler.positive"),
      link("size.latent", "sampler.latent"),
      link("sampler.latent", "route.value"),
      link("route.value", "decode.latent"),
      link("model.vae", "decode.vae"),
      link("decode.image", "save.image"),
    ],
  });

  async function run(change: (copy: typeof document) => void = () => undefined) {
    const copy = structuredClone(document);
    change(copy);
    const { services, engine, wildcards, files } = createTestServices();
    wildcards.animals = ["dog", "cat"];
    const options = { definitions: findDefinition, loadRunner, services, cacheBudgetBytes: 1e8 };
    const executor = new Executor<NodeServices>(options);
    const runOnce = () =>
      executor.run(copy, { runId: "run", signal: new AbortController().signal, onEvent: () => undefined });
    return { result: await runOnce(), runOnce, engine, wildcards, files };
  }

  test("values on links take the place of typed ones, exactly", async () => {
    const { result, engine, files } = await run();
    expect(result).toMatchObject({ status: "done", images: [{ width: 128, height: 128, seed: "9007199254740993" }] });
    expect(engine.requests[0]!.seed).toBe(9007199254740993n);
    expect(engine.requests[0]!.positive.text).toMatch(/^a (red|green) (dog|cat)$/);
    expect([...files.keys()][0]).not.toContain("not-this");
  });

  test("a change of a wildcard file is noticed", async () => {
    const { runOnce, engine, wildcards } = await run();
    wildcards.animals = ["horse"];
    expect((await runOnce()).status).toBe("done");
    expect(engine.requests[1]!.positive.text).toMatch(/ horse$/);
  });

  test("a linked value that is out of range is told on its field", async () => {
    const { result } = await run((copy) => {
      copy.nodes.find(({ id }) => id === "maths")!.params.a = 50;
    });
    expect(result.error).toMatchObject({ code: "value-out-of-range", nodeId: "size", field: "width" });
  });

  test("a value of the wrong kind behind a Reroute is told", async () => {
    const { result } = await run((copy) => {
      copy.links.find(({ to }) => to.node === "route")!.from = { node: "seed", port: "value" };
    });
    expect(result.error).toMatchObject({
      ...{ code: "input-wrong-kind", nodeId: "decode", field: "latent" },
      details: {
        input: { term: "input", type: "vae-decode", name: "latent" },
        type: { term: "port-type", type: "latent" },
      },
    });
  });
});
