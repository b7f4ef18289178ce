import { expect, test } from "vitest";
import type { DefinitionLookup } from "../graph/definition.ts";
import { testDefinitions, workflow } from "../graph/testing/workflows.ts";
import { findDefinition } from "../nodes/definitions.ts";
import { applySettings } from "./settings.ts";

const apply = (document: Parameters<typeof applySettings>[0], settings: string[], definitions: DefinitionLookup) =>
  applySettings(document, settings, definitions, async (path) => `taken ${path}`);

const document = workflow({ c: "constant", w: "words", "dotted.id": "words", odd: "teapot" });

test.each([
  ["c.value=7", "c", "value", 7],
  ["c.value=-1.5e2", "c", "value", -150],
  ["c.value=seven", "c", "value", "seven"],
  ["c.value=", "c", "value", ""],
  ["c.seed=9223372036854775807", "c", "seed", "9223372036854775807"],
  ["c.seed=9007199254740991", "c", "seed", 9007199254740991],
  ["c.seed=-1", "c", "seed", "-1"],
  ["c.mode=fancy", "c", "mode", "fancy"],
  ["w.text=a = b. \n7", "w", "text", "a = b. \n7"],
  ["w.text=7", "w", "text", "7"],
  ["w.loud=true", "w", "loud", true],
  ["w.loud=yes", "w", "loud", "yes"],
  ["w.voice=starter/base", "w", "voice", "starter/base"],
  ["dotted.id.text=x", "dotted.id", "text", "x"],
  ["odd.steam=7", "odd", "steam", "7"],
])("%s", async (setting, id, name, value) => {
  const changed = await apply(document, [setting], testDefinitions);
  expect(changed.nodes.find((node) => node.id === id)!.params[name]).toBe(value);
});

test("the last of several wins, and the original stays", async () => {
  const changed = await apply(document, ["c.value=1", "c.value=2"], testDefinitions);
  expect(changed.nodes[0]!.params).toEqual({ value: 2 });
  expect(document.nodes[0]!.params).toEqual({});
});

test.each([
  ["value=7", "node.param=value"],
  ["c.value", "node.param=value"],
  ["nobody.value=7", "c, w, dotted.id, odd"],
  ["c.volume=7", "value, seed, mode, size"],
])("%s is refused, with what there is", async (setting, help) => {
  await expect(apply(document, [setting], testDefinitions)).rejects.toThrow(
    expect.objectContaining({ code: "bad-setting", help: expect.stringContaining(help) }),
  );
});

const stored = `sha256:${"a".repeat(64)}`;
test.each([
  ["load.image=./photo.png", "load", "image", "taken ./photo.png"],
  [`load.image=${stored}`, "load", "image", stored],
  ["load.image=", "load", "image", ""],
  [
    'stack.loras=[{"name":"a","weight":0.5,"enabled":true}]',
    "stack",
    "loras",
    [{ name: "a", weight: 0.5, enabled: true }],
  ],
  ["stack.loras=[", "stack", "loras", "["],
])("%s, of a node that takes files or lists", async (setting, id, name, value) => {
  const nodes = workflow({ load: "load-image", stack: "lora-stack" });
  const changed = await apply(nodes, [setting], findDefinition);
  expect(changed.nodes.find((node) => node.id === id)!.params[name]).toEqual(value);
});
