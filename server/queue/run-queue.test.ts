import { expect, test } from "vitest";
import { parseWorkflow } from "../../graph/parse.ts";
import template from "../../resources/templates/text-to-image.json" with { type: "json" };
import { factsOf } from "./run-queue.ts";

const { document } = parseWorkflow(template);

test("a run is told from others of its workflow by its prompt and its seed", () => {
  const facts = { title: "Text to image", prompt: "a red mushroom on a light green background", seed: "3" };
  expect(factsOf(document)).toEqual(facts);
});

test("a long prompt is told as far as it fits, in whole characters", () => {
  const told = (text: string) => {
    const nodes = document.nodes.map((node) => (node.id === "prompt" ? { ...node, params: { text } } : node));
    return factsOf({ ...document, nodes });
  };
  expect(told(`${"a".repeat(119)}🍄 and more`)).toMatchObject({ prompt: "a".repeat(119) });
  expect(told(`${"a".repeat(118)}🍄 and more`)).toMatchObject({ prompt: `${"a".repeat(118)}🍄` });
});

test("what comes over a link, or is not there, is not told", () => {
  const link = (node: string, port: string) => ({
    id: node,
    from: { node: "other", port: "value" },
    to: { node, port },
  });
  const links = [...document.links, link("prompt", "text"), link("sampler", "seed")];
  expect(factsOf({ ...document, links })).toEqual({ title: "Text to image" });
  expect(factsOf({ ...document, nodes: [] })).toEqual({ title: "Text to image" });
});
