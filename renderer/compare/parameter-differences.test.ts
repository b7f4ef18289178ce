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
