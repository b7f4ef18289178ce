import { expect, test } from "vitest";
import { difference, psnr } from "./measure.ts";
import { openTemplates } from "./template.ts";

const template = await openTemplates();

/** Of 20 steps, two passes each, through the base model's main layers. */
const LAYERS_A_PASS = 7;

test("accelerate leaves block runs out as it says, within a stated distance of the whole picture", async () => {
  const accelerated = (await template("accelerate")).show("decode.image", "decode-faster.image");
  const drawn = async (preset: string) => {
    const { shown, facts } = await accelerated.with({ "accelerate.preset": preset }).draw();
    const [whole, faster] = [shown.get("decode.image")![0]!, shown.get("decode-faster.image")![0]!];
    const { blockRuns = 0, skippedBlockRuns = 0 } = facts.get("faster") as Record<string, number>;
    return { whole, faster, blockRuns, skippedBlockRuns };
  };
  const regular = await drawn("regular");
  expect(regular.blockRuns + regular.skippedBlockRuns).toBe(20 * 2 * LAYERS_A_PASS);
  expect(regular.skippedBlockRuns).toBeGreaterThan(20);
  expect(psnr(regular.whole, regular.faster)).toBeGreaterThan(30);
  expect(difference(regular.whole, regular.faster)).toBeGreaterThan(0);

  const high = await drawn("high");
  expect(high.skippedBlockRuns).toBeGreaterThan(regular.skippedBlockRuns);
  expect(psnr(high.whole, high.faster)).toBeGreaterThan(22);
  expect(psnr(high.whole, high.faster)).toBeLessThan(psnr(regular.whole, regular.faster));

  const none = await drawn("none");
  expect(difference(none.whole, none.faster)).toBe(0);
});
