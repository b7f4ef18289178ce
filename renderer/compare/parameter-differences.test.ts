import { expect, test } from "vitest";
import type { JsonValue, WorkflowDocument } from "../../graph/document.ts";
import { findDefinition } from "../../nodes/definitions.ts";
import { differenceRows, parameterDifferences } from "./parameter-differences.ts";

const workflow = (params: Record<string, Record<string, JsonValue>>, x = 0): WorkflowDocument => ({
  format: "heddle-workflow",
  version: 1,
  title: "",
  nodes: Object.entries(params).map(([type, own]) => ({
    ...{ id: type, type, typeVersion: 1, position: { x, y: 0 }, params: own, mode: "active" as const },
  })),
  links: [],
});

const lines = (first: WorkflowDocument, second: WorkflowDocument) =>
  parameterDifferences(first, second, findDefinition).map(({ nodeId, field, first: a, second: b }) => [
    ...[nodeId, field, a, b],
  ]);

test("only what makes another picture is listed, with its values", () => {
  const first = workflow({ sampler: { steps: 8, seed: "9223372036854775807" }, prompt: { text: "a cat" } });
  const second = workflow({ sampler: { steps: 9, seed: "9223372036854775807" }, prompt: { text: "a dog" } }, 500);
  expect(lines(first, second)).toEqual([
    ["sampler", "steps", "8", "9"],
    ["prompt", "text", "a cat", "a dog"],
  ]);
  expect(lines(first, first)).toEqual([]);
});

test("a param that a file leaves out has its default", () => {
  const steps = findDefinition("sampler")!.params.find(({ name }) => name === "steps")!.default as number;
  expect(lines(workflow({ sampler: {} }), workflow({ sampler: { steps } }))).toEqual([]);
  expect(lines(workflow({ sampler: {} }), workflow({ sampler: { steps: steps + 1 } }))).toEqual([
    ["sampler", "steps", String(steps), String(steps + 1)],
  ]);
});

test("what differs inside subgraphs, set there or outside, is told of the node inside and where that is", () => {
  const use = (id: string, params: Record<string, JsonValue>) => ({
    ...{ id, type: "subgraph/draw", typeVersion: 1, position: { x: 0, y: 0 }, mode: "active" as const },
    ...{ title: `Use ${id}`, params },
  });
  const draw = (steps: number, seed: number): WorkflowDocument => ({
    ...workflow({}),
    nodes: [use("one", {}), use("two", { seed })],
    subgraphs: [
      {
        ...{ id: "draw", title: "Draw", inputs: [], outputs: [], links: [] },
        params: [{ name: "seed", node: "sampler", param: "seed" }],
        nodes: workflow({ sampler: { steps, seed: 1 } }).nodes,
      },
    ],
  });
  expect(lines(draw(8, 5), draw(8, 5))).toEqual([]);
  expect(lines(draw(8, 5), draw(9, 6))).toEqual([
    ["one/sampler", "steps", "8", "9"],
    ["two/sampler", "seed", "5", "6"],
    ["two/sampler", "steps", "8", "9"],
  ]);
  const [line] = parameterDifferences(draw(8, 5), draw(8, 6), findDefinition);
  expect(line?.node).toMatchObject({ title: "", within: ["Use two"], definition: { type: "sampler" } });
});

test("nodes that only one has, and LoRAs", () => {
  expect(lines(workflow({}), workflow({ sampler: {} }))).toEqual([["sampler", "", undefined, "sampler"]]);
  const stack = (weight: number) =>
    workflow({ "lora-stack": { loras: [{ name: "ink.safetensors", weight, enabled: true }] } });
  expect(lines(stack(1), stack(0.5))).toEqual([
    ["lora-stack", "loras", "ink.safetensors × 1", "ink.safetensors × 0.5"],
  ]);
});

test("several are told beside the first, in their order", () => {
  const of = (steps: number, text: string) => workflow({ sampler: { steps }, prompt: { text } });
  const rows = differenceRows([of(8, "a cat"), of(9, "a cat"), of(8, "a dog")], findDefinition);
  expect(rows.map(({ field, values }) => [field, ...values])).toEqual([
    ["steps", "8", "9", "8"],
    ["text", "a cat", "a cat", "a dog"],
  ]);
  expect(differenceRows([], findDefinition)).toEqual([]);
});
