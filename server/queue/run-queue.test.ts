import { expect, test } from "vitest";
import type { WorkflowDocument } from "../../graph/document.ts";
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

test("a sampler in a subgraph tells its seed, and the prompt outside", () => {
  const sampler = document.nodes.find(({ id }) => id === "sampler")!;
  const at = { typeVersion: 1, position: { x: 0, y: 0 }, mode: "active" as const, params: {} };
  const packed: WorkflowDocument = {
    ...document,
    nodes: [
      ...document.nodes.filter(({ id }) => id === "prompt"),
      { ...at, id: "draw", type: "subgraph/draw", params: { seed: 42 } },
    ],
    links: [
      {
        id: "l",
        from: { node: "prompt", port: "conditioning" },
        to: { node: "draw", port: "positive" },
      },
    ],
    subgraphs: [
      {
        ...{ id: "draw", title: "Draw", outputs: [], inputs: [{ name: "positive", type: "conditioning" }] },
        params: [{ name: "seed", node: "sampler", param: "seed" }],
        nodes: [sampler, { ...at, id: "in", type: "subgraph-input" }],
        links: [{ id: "l", from: { node: "in", port: "positive" }, to: { node: "sampler", port: "positive" } }],
      },
    ],
  };
  expect(factsOf(packed)).toMatchObject({ seed: "42", prompt: "a red mushroom on a light green background" });
});
