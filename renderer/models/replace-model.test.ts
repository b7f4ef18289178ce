import { expect, test } from "vitest";
import { parseWorkflow } from "../../graph/parse.ts";
import { findDefinition } from "../../nodes/definitions.ts";
import { applyPatches, invertPatches } from "../document/patch.ts";
import { replaceModel } from "./replace-model.ts";

test("everywhere that it is named, and nowhere else, as one step that can be undone", () => {
  const lora = (name: string) => ({ name, weight: 1, enabled: true });
  const { document } = parseWorkflow({
    format: "heddle-workflow",
    version: 1,
    nodes: [
      { id: "a", type: "load-lora", params: { lora: "old.safetensors" } },
      { id: "b", type: "lora-stack", params: { loras: [lora("other.safetensors"), lora("old.safetensors")] } },
      { id: "c", type: "load-diffusion-model", params: { diffusionModel: "old.safetensors" } },
    ],
    links: [],
    subgraphs: [{ id: "s", nodes: [{ id: "d", type: "load-lora", params: { lora: "old.safetensors" } }], links: [] }],
  });
  const patches = replaceModel(document, findDefinition, {
    kind: "lora",
    from: "old.safetensors",
    to: "new.safetensors",
  });
  const next = applyPatches(document, patches);
  expect(next.nodes.map(({ params }) => params)).toEqual([
    { lora: "new.safetensors" },
    { loras: [lora("other.safetensors"), lora("new.safetensors")] },
    { diffusionModel: "old.safetensors" },
  ]);
  expect(next.subgraphs?.[0]?.nodes[0]?.params).toEqual({ lora: "new.safetensors" });
  expect(applyPatches(next, invertPatches(patches))).toEqual(document);
});
