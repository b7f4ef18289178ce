import { expect, test } from "vitest";
import { parseWorkflow } from "../../graph/parse.ts";
import { findDefinition } from "../../nodes/definitions.ts";
import template from "../../resources/templates/text-to-image.json" with { type: "json" };
import { formOf, inFormOrder, usualEntries } from "./form-fields.ts";

const { document } = parseWorkflow(template);
const show = (exposed?: { node: string; param: string; group?: string }[]) =>
  formOf(exposed ? { ...document, exposed } : document, findDefinition).map(({ title, fields }) => [
    title,
    fields.map(({ node, param }) => `${node.id}.${param.name}`),
  ]);

test("a workflow that exposes nothing has a form of what is not folded away, words first", () => {
  const [first, ...others] = show();
  expect(first).toEqual([undefined, ["prompt.text", "model.checkpoint"]]);
  expect(others.map(([title]) => title)).toContain("Sampler");
  expect(others.flatMap(([, fields]) => fields)).toContain("sampler.steps");
});

test("entries are arranged in the order in which the form shows them", () => {
  const entries = inFormOrder(usualEntries(document, findDefinition));
  expect(entries.map(({ node, param }) => `${node}.${param}`)).toEqual(show().flatMap(([, fields]) => fields));
});

test("exposed params keep their order; those of a group stand together where the first stands", () => {
  expect(
    show([
      { node: "sampler", param: "seed", group: "Chance" },
      { node: "prompt", param: "text" },
      { node: "sampler", param: "steps", group: "Chance" },
    ]),
  ).toEqual([
    ["Chance", ["sampler.seed", "sampler.steps"]],
    [undefined, ["prompt.text"]],
  ]);
});

test("what is not there, or is fed by a link, has no field", () => {
  const linked = {
    ...document,
    exposed: [
      { node: "sampler", param: "seed" },
      { node: "gone", param: "seed" },
      { node: "sampler", param: "gone" },
      { node: "sampler", param: "steps" },
    ],
    links: [...document.links, { id: "s", from: { node: "n", port: "value" }, to: { node: "sampler", port: "steps" } }],
  };
  expect(formOf(linked, findDefinition).flatMap(({ fields }) => fields.map(({ param }) => param.name))).toEqual([
    "seed",
  ]);
});

test("nodes of one name are told apart by where they lead, or by number", () => {
  const node = (id: string, like: string) => ({ ...document.nodes.find((one) => one.id === like)!, id });
  const twice = {
    ...document,
    nodes: [...document.nodes, node("worse", "prompt"), node("again", "sampler")],
    links: [
      ...document.links,
      { id: "n", from: { node: "worse", port: "conditioning" }, to: { node: "sampler", port: "negative" } },
      { id: "a", from: { node: "sampler", port: "latent" }, to: { node: "again", port: "latent" } },
      { id: "b", from: { node: "again", port: "latent" }, to: { node: "decode", port: "latent" } },
    ],
  };
  const entries = usualEntries(twice, findDefinition);
  const labelOf = (id: string) => entries.find((entry) => entry.node === id)?.label;
  expect([labelOf("prompt"), labelOf("worse")]).toEqual(["Prompt · Positive", "Prompt · Negative"]);
  expect(labelOf("model")).toBeUndefined();
  const groups = formOf(twice, findDefinition).map(({ title, fields }) => [
    title,
    new Set(fields.map((f) => f.node.id)),
  ]);
  expect(groups).toContainEqual(["Sampler 1", new Set(["sampler"])]);
  expect(groups).toContainEqual(["Sampler 2", new Set(["again"])]);
});
