import { describe, expect, test } from "vitest";
import type { DiffusionModel, LoraValue } from "../engine/types.ts";
import type { JsonValue } from "../graph/document.ts";
import { parseBlockRules, parseSchedule } from "./apply-lora/parse-rules.ts";
import { loadRunner } from "./runners.ts";
import { runNode } from "./testing/run-node.ts";
import { createTestServices } from "./testing/test-services.ts";

async function loraOf(name: string): Promise<LoraValue> {
  const { outputs } = await runNode("lora-file", {}, { lora: name });
  return outputs.lora as LoraValue;
}

async function setUp() {
  const services = createTestServices();
  const { model } = await services.engine.openCheckpoint("/models/a");
  return { ...services, model };
}

test("LoRA File names the file and its state, and depends on it", async () => {
  const lora = await loraOf("styles/ink.safetensors");
  const source = { kind: "file", path: "/models/styles/ink.safetensors", fingerprint: "1" };
  expect(lora).toEqual({ kind: "lora", title: "ink", source });
  const { services, changeModelFiles } = createTestServices();
  const { fingerprint } = await loadRunner("lora-file");
  const before = await fingerprint!(services, { lora: "a" });
  changeModelFiles();
  expect(await fingerprint!(services, { lora: "a" })).not.toBe(before);
});

describe("Merge LoRAs", () => {
  const merge = async (inputs: Record<string, LoraValue>, params: Record<string, JsonValue>) =>
    (await runNode("merge-loras", inputs, params)).outputs.lora as LoraValue;

  test("takes each with its weight; TIES with its density, brought to a rank", async () => {
    const [lora1, lora2, lora4] = [await loraOf("a"), await loraOf("b"), await loraOf("c")];
    const params = { weight1: 0.5, weight2: -1, weight4: 2, density: 0.3, rank: 16 };
    const items = [
      { source: lora1.source, weight: 0.5 },
      { source: lora2.source, weight: -1 },
      { source: lora4.source, weight: 2 },
    ];
    expect(await merge({ lora1, lora2, lora4 }, params)).toEqual({
      ...{ kind: "lora", title: "a + b + c" },
      source: { kind: "resize", rank: 16, energy: 1, source: { kind: "merge", method: "ties", density: 0.3, items } },
    });
    const inFull = await merge({ lora1, lora2, lora4 }, { ...params, rank: 0 });
    expect(inFull.source).toMatchObject({ kind: "merge", method: "ties" });
    const sum = await merge({ lora1, lora2, lora4 }, { ...params, method: "sum" });
    expect(sum.source).toEqual({ kind: "merge", method: "sum", density: 1, items });
  });
});

test("Resize LoRA asks for a rank and a share of what it changes", async () => {
  const lora = await loraOf("a");
  const { outputs } = await runNode("resize-lora", { lora }, { rank: 4, energy: 0.9 });
  expect(outputs.lora).toEqual({ ...lora, source: { kind: "resize", source: lora.source, rank: 4, energy: 0.9 } });
});

describe("Apply LoRA", () => {
  test("adds it to the model's stack, with weights by block and over the steps", async () => {
    const { model, services } = await setUp();
    const params = { weight: 0.5, blocks: "layers 0-3: 0.5\nattention: 0", schedule: "0: 1, 0.5: 0" };
    const { outputs, info, warnings } = await runNode(
      "apply-lora",
      { model, lora: await loraOf("a") },
      params,
      services,
    );
    expect((outputs.model as DiffusionModel).loras).toMatchObject([
      {
        weight: 0.5,
        source: { kind: "file" },
        blocks: [
          { part: "layers", from: 0, to: 3, factor: 0.5 },
          { part: "attention", factor: 0 },
        ],
        schedule: [
          { at: 0, factor: 1 },
          { at: 0.5, factor: 0 },
        ],
      },
    ]);
    expect(info).toMatchObject({ keys: "3 of 4 keys applied" });
    expect(warnings).toMatchObject([{ code: "lora-keys-unapplied", field: "lora" }]);
    const plain = await runNode("apply-lora", { model, lora: await loraOf("a") }, {}, services);
    const [reference] = (plain.outputs.model as DiffusionModel).loras;
    expect(Object.keys(reference!)).not.toContain("blocks");
    expect(Object.keys(reference!)).not.toContain("schedule");
  });

  test.each(["layers", "layers 5-2: 1", "layers 0-9 0.5", ": 1", "layers: 5"])(
    "refuses %j as a rule for blocks",
    (rule) => {
      expect(() => parseBlockRules(rule)).toThrow(
        expect.objectContaining({ code: "block-rule-invalid", field: "blocks" }),
      );
    },
  );

  test.each(["1", "1.5: 1", "-0.1: 1", "0.5: x", "0: 9"])("refuses %j as a point of a schedule", (point) => {
    expect(() => parseSchedule(point)).toThrow(
      expect.objectContaining({ code: "schedule-invalid", field: "schedule" }),
    );
  });

  test("rules may be written in a few ways", () => {
    expect(parseBlockRules("layers.3 = -1; noise_refiner: .5\n\n layers 4 - 6 : 0")).toEqual([
      { part: "layers", from: 3, to: 3, factor: -1 },
      { part: "noise_refiner", factor: 0.5 },
      { part: "layers", from: 4, to: 6, factor: 0 },
    ]);
  });
});

test("Save LoRA writes a new file below the loras folder", async () => {
  const { model, services, files } = await setUp();
  const inputs = { model, lora: await loraOf("a") };
  const { info } = await runNode("save-lora", inputs, { name: "mine/merged", type: "F16" }, services);
  expect(info).toMatchObject({ file: "/models/loras/mine/merged.safetensors" });
  const written = JSON.parse(Buffer.from(files.get("/models/loras/mine/merged.safetensors")!).toString());
  expect(written).toMatchObject({ source: inputs.lora.source, options: { type: "F16", title: "merged" } });
});

test("Inspect LoRA tells it on the node and as text", async () => {
  const { model, services } = await setUp();
  const { outputs, info } = await runNode("inspect-lora", { model, lora: await loraOf("a") }, {}, services);
  expect(info).toMatchObject({
    ...{ keys: "3 of 4 keys applied", format: "fake LoRA, rank 4", alpha: 4 },
    ...{ strongestBlocks: "layers.0 (1.5)", changedLayers: "attention.to_q", triggerWords: "fake" },
  });
  expect(outputs.text).toContain("Not applied: stranger.weight");
});
