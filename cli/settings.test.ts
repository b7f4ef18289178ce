import { expect, test } from "vitest";
import { testDefinitions, workflow } from "../graph/testing/workflows.ts";
import { applySettings } from "./settings.ts";

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
])("%s", (setting, id, name, value) => {
  const changed = applySettings(document, [setting], testDefinitions);
  expect(changed.nodes.find((node) => node.id === id)!.params[name]).toBe(value);
});

test("the last of several wins, and the original stays", () => {
  const changed = applySettings(document, ["c.value=1", "c.value=2"], testDefinitions);
  expect(changed.nodes[0]!.params).toEqual({ value: 2 });
  expect(document.nodes[0]!.params).toEqual({});
});

test.each([
  ["value=7", "node.param=value"],
  ["c.value", "node.param=value"],
  ["nobody.value=7", "c, w, dotted.id, odd"],
  ["c.volume=7", "value, seed, mode, size"],
])("%s is refused, with what there is", (setting, help) => {
  expect(() => applySettings(document, [setting], testDefinitions)).toThrow(
    expect.objectContaining({ code: "bad-setting", help: expect.stringContaining(help) }),
  );
});
