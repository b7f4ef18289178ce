import { expect, test } from "vitest";
import { findDefinition } from "../nodes/definitions.ts";
import { modelsUsed, parseHubUrl, withModelReferences } from "./model-references.ts";
import { parseWorkflow } from "./parse.ts";
import { serializeWorkflow } from "./serialize.ts";

const loader = { id: "unet", type: "load-diffusion-model", params: { diffusionModel: "z.safetensors" } };
const stack = {
  id: "loras",
  type: "lora-stack",
  params: { loras: [{ name: "ink.safetensors", weight: 1, enabled: true }] },
};
const starter = { id: "starter", type: "load-model", params: { checkpoint: "starter/turbo" } };
const read = (fields: object) =>
  parseWorkflow({ format: "heddle-workflow", version: 1, links: [], ...fields }).document;

test("models of loaders, LoRA stacks and subgraphs are found, built-in ones are not", () => {
  const document = read({ nodes: [loader, starter], subgraphs: [{ id: "s", nodes: [stack], links: [] }] });
  expect(modelsUsed(document, findDefinition).map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    "diffusionModel z.safetensors",
    "lora ink.safetensors",
  ]);
});

test("of a subgraph the models count that its uses name", () => {
  const inside = {
    id: "s",
    params: [{ name: "file", node: "unet", param: "diffusionModel" }],
    nodes: [loader, stack],
    links: [],
  };
  const use = (id: string, name: string, mode = "active") => ({ id, mode, type: "subgraph/s", params: { file: name } });
  const namesIn = (nodes: object[]) =>
    modelsUsed(read({ nodes, subgraphs: [inside] }), findDefinition).map(({ name }) => name);
  expect(namesIn([use("a", "one.safetensors"), use("b", "two.safetensors")]).sort()).toEqual([
    "ink.safetensors",
    "ink.safetensors",
    "one.safetensors",
    "two.safetensors",
  ]);
  expect(namesIn([use("a", "one.safetensors", "muted")]).sort()).toEqual([
    "ink.safetensors",
    "one.safetensors",
    "z.safetensors",
  ]);
  const known = [{ kind: "diffusionModel", name: "one.safetensors", sha256: "a".repeat(64) }];
  const said = [{ kind: "vae", name: "gone.safetensors", sha256: "c".repeat(64) }];
  const document = read({ nodes: [use("a", "one.safetensors")], subgraphs: [inside], models: said });
  expect(withModelReferences(document, known, findDefinition).models).toEqual(known);
});

test("what is known is written into the file, once, in a stable order, and read back", () => {
  const known = [
    { kind: "lora", name: "ink.safetensors", sha256: "b".repeat(64) },
    { kind: "diffusionModel", name: "z.safetensors", sha256: "a".repeat(64), repository: "o/m", file: "z.safetensors" },
    { kind: "vae", name: "unused.safetensors", sha256: "c".repeat(64) },
  ];
  const document = withModelReferences(read({ nodes: [stack, loader] }), known, findDefinition);
  expect(document.models?.map(({ name }) => name)).toEqual(["z.safetensors", "ink.safetensors"]);
  const again = parseWorkflow(JSON.parse(serializeWorkflow(document))).document;
  expect(again.models).toEqual(document.models);
  expect(serializeWorkflow(withModelReferences(again, known, findDefinition))).toBe(serializeWorkflow(document));
});

test("what a file says of its models stays while somebody may need it", () => {
  const said = { kind: "lora", name: "ink.safetensors", url: "https://example.org/ink", "from elsewhere": 1 };
  const kept = withModelReferences(read({ nodes: [stack], models: [said] }), [], findDefinition);
  expect(kept.models).toEqual([said]);
  expect(withModelReferences(read({ nodes: [starter], models: [said] }), [], findDefinition).models).toBeUndefined();
  const withUnknown = read({ nodes: [{ id: "x", type: "comfyui/Strange" }], models: [said] });
  expect(withModelReferences(withUnknown, [], findDefinition).models).toEqual([said]);
});

test("entries that are no models do not keep a workflow from opening", () => {
  const { document, repairs } = parseWorkflow({
    format: "heddle-workflow",
    version: 1,
    nodes: [loader],
    links: [],
    models: [{ kind: "vae" }, 7, { kind: "diffusionModel", name: "z.safetensors" }],
  });
  expect(document.models).toEqual([{ kind: "diffusionModel", name: "z.safetensors" }]);
  expect(repairs).toHaveLength(1);
});

test.each([
  [
    "https://huggingface.co/o/m/resolve/main/a%20b/c.safetensors",
    { repository: "o/m", revision: "main", file: "a b/c.safetensors" },
  ],
  [
    "https://huggingface.co/o/m/blob/main/c.safetensors?download=true",
    { repository: "o/m", revision: "main", file: "c.safetensors" },
  ],
  ["https://huggingface.co.evil.example/o/m/resolve/main/c", undefined],
  ["http://huggingface.co/o/m/resolve/main/c", undefined],
  ["https://civitai.com/api/download/models/1", undefined],
  ["https://huggingface.co/o/m/resolve/main/%zz", undefined],
])("%s", (url, expected) => {
  expect(parseHubUrl(url)).toEqual(expected);
});
