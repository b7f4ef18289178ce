import { createHash } from "node:crypto";
import sharp from "sharp";
import { expect, test } from "vitest";
import type { PictureMask } from "../../engine/types.ts";
import { batchOf, evenPicture, runNode } from "../testing/run-node.ts";
import { createTestServices } from "../testing/test-services.ts";

/** Runs the node with a painted PNG of 4 x 2 pixels: black, dark, grey and white columns, with this alpha. */
async function runPainted(alpha: number, inputs = {}) {
  const rgba = Uint8Array.from([0, 51, 128, 255, 0, 51, 128, 255].flatMap((grey) => [grey, grey, grey, alpha]));
  const bytes = await sharp(rgba, { raw: { width: 4, height: 2, channels: 4 } })
    .png()
    .toBuffer();
  const hash = createHash("sha256").update(bytes).digest("hex");
  const { services, stored } = createTestServices();
  stored.set(hash, bytes);
  const { outputs, info } = await runNode("paint-mask", inputs, { mask: `sha256:${hash}` }, services);
  return { mask: outputs.mask as PictureMask, info };
}

test("grey values are kept as they were painted", async () => {
  const { mask, info } = await runPainted(255);
  expect(mask).toMatchObject({ kind: "mask", width: 4, height: 2 });
  expect([...mask.values.subarray(0, 4)].map((value) => Math.round(value * 255))).toEqual([0, 51, 128, 255]);
  expect(info).toMatchObject({ masked: "43 %" });
});

test("what is transparent counts as black", async () => {
  expect(new Set((await runPainted(0)).mask.values)).toEqual(new Set([0]));
});

test("the mask takes the size of the picture", async () => {
  const image = batchOf(evenPicture(8, 4, [0, 0, 0]));
  const { mask } = await runPainted(255, { image });
  expect(mask).toMatchObject({ width: 8, height: 4 });
  expect([mask.values[0], mask.values[7]]).toEqual([0, 1]);
});

test("with nothing painted all of the picture is kept, and the node says so", async () => {
  const { outputs, warnings } = await runNode("paint-mask", { image: batchOf(evenPicture(8, 4, [0, 0, 0])) });
  expect(outputs.mask).toMatchObject({ width: 8, height: 4, values: new Float32Array(32) });
  expect(warnings).toMatchObject([{ code: "mask-empty", field: "mask" }]);
  await expect(runNode("paint-mask")).rejects.toMatchObject({ code: "mask-empty" });
});

test("a mask that is not on this machine is told", async () => {
  const mask = `sha256:${"0".repeat(64)}`;
  await expect(runNode("paint-mask", {}, { mask })).rejects.toMatchObject({ code: "picture-not-found", field: "mask" });
});
