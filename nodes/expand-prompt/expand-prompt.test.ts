import { expect, test } from "vitest";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import { runNode } from "../testing/run-node.ts";
import { createTestServices } from "../testing/test-services.ts";
import { definition } from "./definition.ts";
import { DEFAULT_INSTRUCTION } from "./instruction.ts";
import { runner } from "./run.ts";

async function setUp() {
  const test = createTestServices();
  const { textEncoder } = await test.engine.openCheckpoint("/models/a");
  return { ...test, textEncoder };
}

async function expand(params: Record<string, string | number | boolean>) {
  const { services, engine, textEncoder } = await setUp();
  return { ...(await runNode("expand-prompt", { textEncoder }, params, services)), engine };
}

test("hands the model the prompt with what it is to do, and gives what it wrote", async () => {
  const { outputs, info, warnings, engine } = await expand({ text: "a red fox", seed: "9223372036854775807" });
  expect(outputs).toEqual({ text: "a red fox a red fox" });
  expect(info).toEqual({ text: "a red fox a red fox", tokens: 6 });
  expect(warnings).toEqual([]);
  expect(engine.orders[0]).toMatchObject({
    ...{ text: "a red fox", instruction: DEFAULT_INSTRUCTION, maxTokens: 256, seed: 2n ** 63n - 1n },
    ...{ temperature: 0.7, topK: 20, topP: 0.8, repetitionPenalty: 1.05 },
  });
});

test("what is written shows as it grows", async () => {
  const { services, textEncoder } = await setUp();
  const labels: (string | undefined)[] = [];
  const defaults = Object.fromEntries(definition.params.map(({ name, default: value }) => [name, value]));
  const context = {
    ...{ nodeId: "it", services, signal: new AbortController().signal, workflow: {} },
    progress: ({ label, value, max }: { label?: string; value: number; max: number }) => {
      labels.push(label);
      expect([value, max]).toEqual([labels.length, 256]);
    },
    ...{ warn: () => undefined, info: () => undefined, images: () => undefined },
    timed: <T>(_part: unknown, work: () => Promise<T>) => work(),
  };
  await (runner as NodeRunner<typeof services>).run(
    context as never,
    { textEncoder },
    { ...defaults, text: "one two" },
  );
  expect(labels).toEqual(["one", "one two", "one two one", "one two one two"]);
});

test("says when the text was cut off", async () => {
  const { outputs, warnings } = await expand({ text: "a b c d e f", maxTokens: 8 });
  expect(outputs).toEqual({ text: "a b c d e f a b" });
  expect(warnings).toMatchObject([{ code: "expansion-cut", field: "maxTokens" }]);
});

test("leaves out what the model thought aloud, and falls back to the prompt where nothing is left", async () => {
  const thinking = await expand({ text: "<think>hm</think> fox" });
  expect(thinking.outputs).toEqual({ text: "fox  fox" });
  const empty = await expand({ text: "<think> hm" });
  expect(empty.outputs).toEqual({ text: "<think> hm" });
  expect(empty.warnings).toMatchObject([{ code: "expansion-empty" }]);
});

test("switched off, or with nothing to write out, it passes the prompt on", async () => {
  const off = await expand({ text: "a fox", enabled: false });
  expect(off.outputs).toEqual({ text: "a fox" });
  expect((await expand({ text: "  " })).outputs).toEqual({ text: "  " });
  expect(off.engine.calls).not.toContain("writeText");
});
