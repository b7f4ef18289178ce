import { expect, test } from "vitest";
import { describePicture } from "./picture-facts.ts";

const workflow = (fields: object) => JSON.stringify({ format: "heddle-workflow", version: 1, links: [], ...fields });

test("models and LoRAs inside of subgraphs are those that each use of them names", () => {
  const inside = {
    id: "s",
    params: [{ name: "file", node: "lora", param: "lora" }],
    nodes: [
      { id: "model", type: "load-model", params: { checkpoint: "base.safetensors" } },
      { id: "lora", type: "load-lora", params: { lora: "own.safetensors" } },
    ],
  };
  const use = (id: string, lora: string, mode = "active") => ({ id, mode, type: "subgraph/s", params: { file: lora } });
  const nodes = [use("a", "ink.safetensors"), use("b", "oil.safetensors"), use("c", "off.safetensors", "muted")];
  expect(describePicture({ workflow: workflow({ nodes, subgraphs: [inside] }) })).toMatchObject({
    models: ["base.safetensors"],
    loras: ["ink.safetensors", "oil.safetensors"],
  });
});

test("a workflow of a later version is looked into as well", () => {
  const nodes = [{ id: "m", type: "load-model", mode: "later", params: { checkpoint: "x.safetensors" }, more: 1 }];
  expect(describePicture({ workflow: workflow({ version: 9, nodes }) }).models).toEqual(["x.safetensors"]);
});

test("a prompt of A1111 names several LoRAs", () => {
  const parameters = "a fox <lora:ink:0.5> by night <lora:oil:1>, <lora:ink:0.2>\nSteps: 8";
  expect(describePicture({ parameters }).loras).toEqual(["ink", "oil"]);
});

test("tags of LoRAs that never end take no time", () => {
  const startedAt = performance.now();
  expect(describePicture({ parameters: `${"<lora:a".repeat(20_000)}\nSteps: 1` }).loras).toEqual([]);
  expect(performance.now() - startedAt).toBeLessThan(3_000);
});
