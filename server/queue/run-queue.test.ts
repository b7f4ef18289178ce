import { expect, test } from "vitest";
import { parseWorkflow } from "../../graph/parse.ts";
import template from "../../resources/templates/text-to-image.json" with { type: "json" };
import { factsOf } from "./run-queue.ts";

const { document } = parseWorkflow(template);

test("a run is told from others of its workflow by its prompt and its seed", () => {
  const facts = { title: "Text to image", prompt: "a red mushroom on a light green background", seed: "3" };
  expect(factsOf(document)).toEqual(facts);
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
