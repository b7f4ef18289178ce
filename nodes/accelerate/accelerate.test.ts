import { describe, expect, test } from "vitest";
import type { DiffusionModel } from "../../engine/types.ts";
import type { JsonValue } from "../../graph/document.ts";
import { runNode } from "../testing/run-node.ts";
import { createTestServices } from "../testing/test-services.ts";

async function accelerated(params: Record<string, JsonValue>): Promise<DiffusionModel> {
  const { model } = await createTestServices().engine.openCheckpoint("/models/a");
  return (await runNode("accelerate", { model }, params)).outputs.model as DiffusionModel;
}

describe("Accelerate", () => {
  test("none takes away what an earlier one set; presets differ in how much may change", async () => {
    const { model } = await createTestServices().engine.openCheckpoint("/models/a");
    const regular = (await runNode("accelerate", { model }, {})).outputs.model as DiffusionModel;
    const high = await accelerated({ preset: "high" });
    expect(regular.acceleration!.threshold).toBeLessThan(high.acceleration!.threshold);
    expect((await runNode("accelerate", { model: regular }, { preset: "none" })).outputs.model).toEqual(model);
  });

  test("each method takes its own limit", async () => {
    const of = (params: Record<string, JsonValue>) => accelerated({ preset: "custom", maxConsecutive: 4, ...params });
    expect((await of({ firstBlockThreshold: 0.1 })).acceleration).toEqual({
      ...{ method: "first-block", threshold: 0.1, maxConsecutive: 4 },
      range: { unit: "share", start: 0, end: 1 },
    });
    expect((await of({ method: "tea", teaDistance: 0.3 })).acceleration).toMatchObject({
      method: "tea",
      threshold: 0.3,
    });
    const dual = { method: "dual-block", dualBlockThreshold: 0.2, firstBlocks: 2, lastBlocks: 1 };
    expect((await of({ ...dual, skipInterval: 2 })).acceleration).toMatchObject({
      ...{ method: "dual-block", threshold: 0.2, maxConsecutive: 2, firstBlocks: 2, lastBlocks: 1 },
    });
    expect((await of({ ...dual, skipInterval: 5 })).acceleration).toMatchObject({ maxConsecutive: 4 });
  });

  test("the part of the steps is a percentage or steps, and not reversed", async () => {
    const percent = await accelerated({ preset: "custom", startPercent: 20, endPercent: 90 });
    expect(percent.acceleration!.range).toEqual({ unit: "share", start: 0.2, end: 0.9 });
    const steps = await accelerated({ preset: "custom", range: "steps", startStep: 2, endStep: 6 });
    expect(steps.acceleration!.range).toEqual({ unit: "steps", start: 2, end: 6 });
    const reversed = accelerated({ preset: "custom", range: "steps", startStep: 6, endStep: 6 });
    await expect(reversed).rejects.toMatchObject({ code: "range-reversed", field: "startStep" });
  });
});
