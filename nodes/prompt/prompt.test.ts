import { expect, test } from "vitest";
import { runNode } from "../testing/run-node.ts";
import { createTestServices } from "../testing/test-services.ts";

async function warningsOf(text: string) {
  const { services, engine } = createTestServices();
  const { textEncoder } = await engine.openCheckpoint("/models/a");
  return (await runNode("prompt", { textEncoder }, { text }, services)).warnings;
}

test("says what has no effect in a prompt, and where it belongs", async () => {
  expect(await warningsOf("a (red:1.3) fox BREAK a (red:1.3) [dog] {a|b}")).toMatchObject([
    {
      code: "prompt-syntax-unsupported",
      field: "text",
      message: expect.stringContaining("“(red:1.3)”, “BREAK”, “[dog]” and more have no effect"),
      help: expect.stringMatching(/Load LoRA.*Wildcards.*Combine Conditioning/),
      details: { parts: ["(red:1.3)", "BREAK", "[dog]", "{a|b}"] },
    },
  ]);
});

test("plain words are no reason to warn", async () => {
  expect(await warningsOf('a fox (seen from afar) and a sign that says "STOP AND GO"')).toEqual([]);
});
