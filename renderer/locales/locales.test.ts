import { describe, expect, it } from "vitest";
import { nodeDefinitions } from "../../nodes/definitions.ts";
import { definitionsZhCN } from "./definitions.zh-CN.ts";
import { en } from "./en.ts";
import { zhCN } from "./zh-CN.ts";

type Tree = { [key: string]: string | Tree };
const leaves = (tree: Tree, path = ""): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string" ? [[path + key, value]] : leaves(value, `${path}${key}.`),
  );
const placeholders = (text: string) => (text.match(/\{\{\w+\}\}/g) ?? []).sort();

describe("Simplified Chinese", () => {
  const english = new Map(leaves(en));
  const { problems: _problems, ...texts } = zhCN;
  const chinese = new Map(leaves(texts as Tree));

  it("has every text of the interface and no other", () => {
    expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort());
  });

  it("fills in the same values", () => {
    for (const [key, text] of english) expect(placeholders(chinese.get(key) ?? ""), key).toEqual(placeholders(text));
  });

  it.each(nodeDefinitions.map((definition) => [definition.type, definition] as const))(
    "has the words of %s",
    (type, definition) => {
      const words = definitionsZhCN[type];
      expect(words?.title).toBeTruthy();
      expect(words?.description).toBeTruthy();
      for (const port of definition.inputs) expect(words?.inputs?.[port.name], `input ${port.name}`).toBeTruthy();
      for (const port of definition.outputs) expect(words?.outputs?.[port.name], `output ${port.name}`).toBeTruthy();
      for (const param of definition.params) {
        const translated = words?.params?.[param.name];
        expect(translated?.label, `param ${param.name}`).toBeTruthy();
        if (param.description) expect(translated?.help, `help of ${param.name}`).toBeTruthy();
        // Names of algorithms are the same in every language.
        if (param.kind !== "choice" || param.options.length > 12) continue;
        for (const option of param.options) {
          expect(translated?.options?.[option.value], `option ${param.name}.${option.value}`).toBeTruthy();
        }
      }
    },
  );
});
