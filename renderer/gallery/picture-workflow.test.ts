import { expect, it } from "vitest";
import type { WorkflowDocument } from "../../graph/document.ts";
import { errorsOf, validateWorkflow } from "../../graph/validate.ts";
import { nodeDefinitions } from "../../nodes/definitions.ts";
import { applyPatches } from "../document/patch.ts";
import { seedModeOf, setSeedMode } from "../document/seeds.ts";
import { destinations, parametersFrom, withLoader, withPicture } from "./picture-workflow.ts";

const files = import.meta.glob<WorkflowDocument>("../../resources/templates/*.json", {
  eager: true,
  import: "default",
});
const template = (id: string) => files[`../../resources/templates/${id}.json`] as WorkflowDocument;
const definitionOf = (type: string) => nodeDefinitions.find((definition) => definition.type === type);
const HASH = "ab".repeat(32);

it.each(destinations.filter((id) => id !== "canvas"))(
  "a picture that is sent to %s is what the workflow begins with",
  (id) => {
    const document = withPicture(withLoader(template(id)), HASH, "a dog");
    const loader = document.nodes.find(({ type }) => type === "load-image");
    expect(loader?.params.image).toBe(`sha256:${HASH}`);
    expect(document.links.some(({ from }) => from.node === loader?.id)).toBe(true);
    expect(errorsOf(validateWorkflow(document, definitionOf))).toEqual([]);
  },
);

it("draws nothing in order to enlarge a picture", () => {
  const { nodes, links } = withLoader(template("upscale"));
  expect(nodes.map(({ type }) => type)).toEqual(["load-image", "upscale-image", "sharpen-image", "save-image"]);
  expect(links).toHaveLength(3);
});

it("keeps what else than the drawing needs", () => {
  const { nodes } = withLoader(template("hires-fix"));
  const types = nodes.map(({ type }) => type);
  expect(types).toContain("load-model");
  expect(types.filter((type) => type === "sampler")).toHaveLength(1);
});

const changed = (document: WorkflowDocument, id: string, params: WorkflowDocument["nodes"][number]["params"]) => ({
  ...document,
  nodes: document.nodes.map((node) => (node.id === id ? { ...node, params: { ...node.params, ...params } } : node)),
});

it("makes the next run draw the picture whose parameters are used, and leaves notes alone", () => {
  const source = template("text-to-image");
  // What the picture's workflow does not say has its usual value there.
  const advanced = changed(source, "sampler", { seed: 99, steps: 4, startStep: 2 });
  const noted = changed(advanced, "note", { text: "my own words" });
  const target = applyPatches(noted, setSeedMode(noted, "sampler", "seed", "random"));
  const { patches, count } = parametersFrom(target, source, definitionOf);
  const after = applyPatches(target, patches);
  const node = (id: string) => after.nodes.find((one) => one.id === id)!;
  expect(node("sampler").params).toEqual(source.nodes.find(({ id }) => id === "sampler")?.params);
  expect(seedModeOf(node("sampler"), "seed")).toBe("fixed");
  expect(node("note").params.text).toBe("my own words");
  expect(count).toBe(source.nodes.length - 1);
  expect(parametersFrom(source, source, definitionOf).patches).toEqual([]);
});

it("uses the parameters of nodes inside the subgraphs that both workflows have", () => {
  const plain = template("text-to-image");
  const inside = (steps: number): WorkflowDocument => ({
    ...plain,
    links: [],
    nodes: [{ ...plain.nodes.find(({ id }) => id === "sampler")!, id: "draw", type: "subgraph/draw", params: {} }],
    subgraphs: [
      {
        ...{ id: "draw", title: "Draw", inputs: [], outputs: [], params: [], links: [] },
        nodes: changed(plain, "sampler", { steps }).nodes.filter(({ id }) => id === "sampler"),
      },
    ],
  });
  const after = applyPatches(inside(4), parametersFrom(inside(4), inside(30), definitionOf).patches);
  expect(after.subgraphs?.[0]?.nodes[0]?.params.steps).toBe(30);
});
