import { expect, test } from "vitest";
import { loadRunner } from "../runners.ts";
import { batchOf, evenPicture, picturesAt, pixelAt, runNode } from "../testing/run-node.ts";
import { createTestServices } from "../testing/test-services.ts";

const cold = evenPicture(32, 16, [10, 20, 200], "1");
const warm = {
  ...evenPicture(32, 16, [0, 0, 0], "2"),
  // Stripes of one pixel: what a blur has to lose.
  data: Uint8Array.from({ length: 32 * 16 * 3 }, (_, i) => (Math.floor(i / 3) % 2 === 0 && i % 3 === 0 ? 240 : 0)),
};

async function check(params: Record<string, string>) {
  const test = createTestServices();
  const run = await runNode("safety-check", { image: batchOf(cold, warm) }, params, test.services);
  return { ...run, pictures: picturesAt(run.outputs), engine: test.engine };
}

test("marks each picture, and passes safe ones on to the pixel", async () => {
  const { pictures, outputs, info, warnings, engine } = await check({ action: "pass", classifier: "a.onnx" });
  expect(pictures).toEqual([
    { ...cold, hasNsfwConcepts: false },
    { ...warm, hasNsfwConcepts: true },
  ]);
  expect(outputs.hasNsfwConcepts).toBe(true);
  expect(JSON.parse(String(outputs.report))).toEqual([
    { hasNsfwConcepts: false, unsafe: [], scores: { warm: 0.2, cold: 0.8 } },
    { hasNsfwConcepts: true, unsafe: ["warm"], scores: { warm: 0.9, cold: 0.1 } },
  ]);
  expect(info).toMatchObject({ unsafePictures: 1, hasNsfwConcepts: "[false,true]" });
  expect(warnings).toMatchObject([{ code: "picture-unsafe", message: expect.stringContaining("1 of 2 pictures") }]);
  expect(engine.calls).toEqual(["classify /models/a.onnx"]);
});

test("blurs so that nothing can be made out, or blacks out", async () => {
  const { pictures: blurred } = await check({ action: "blur" });
  expect(blurred[0]!.data).toEqual(cold.data);
  const row = Array.from({ length: 32 }, (_, x) => pixelAt(blurred[1]!, x, 8)[0]!);
  expect(Math.max(...row) - Math.min(...row)).toBeLessThan(40);
  expect(Math.abs(row.reduce((sum, value) => sum + value, 0) / 32 - 120)).toBeLessThan(20);
  const { pictures: blocked } = await check({ action: "block" });
  expect(blocked[1]).toMatchObject({ width: 32, height: 16, seed: "2", hasNsfwConcepts: true });
  expect(Math.max(...blocked[1]!.data)).toBe(0);
});

test("switched off, here or for the whole of Heddle, it needs no classifier", async () => {
  const off = await check({ check: "off" });
  expect(off.pictures).toEqual([cold, warm]);
  expect(off.outputs.hasNsfwConcepts).toBe(false);
  expect(off.engine.calls).toEqual([]);

  const { services, engine } = createTestServices();
  const quiet = { ...services, safety: { isCheckOn: false } };
  await runNode("safety-check", { image: batchOf(warm) }, {}, quiet);
  expect(engine.calls).toEqual([]);
  await runNode("safety-check", { image: batchOf(warm) }, { check: "on" }, quiet);
  expect(engine.calls).toHaveLength(1);
  const { fingerprint } = await loadRunner("safety-check");
  const params = { check: "default", classifier: "a.onnx" };
  expect(await fingerprint!(quiet, params, {})).toBe("off");
  expect(await fingerprint!(services, params, {})).not.toBe("off");
});

test("a workflow may say for all of its checks, and a check for itself", async () => {
  const { services } = createTestServices();
  const { fingerprint } = await loadRunner("safety-check");
  const quiet = { ...services, safety: { isCheckOn: false } };
  const isOn = async (of: typeof services, check: string, safetyCheck?: boolean) =>
    (await fingerprint!(
      of,
      { check, classifier: "a.onnx" },
      safetyCheck === undefined ? {} : { settings: { safetyCheck } },
    )) !== "off";
  expect(await isOn(services, "default", false)).toBe(false);
  expect(await isOn(quiet, "default", true)).toBe(true);
  expect(await isOn(services, "on", false)).toBe(true);
  expect(await isOn(services, "off", true)).toBe(false);
});

test("what was said of a picture is kept where it is shown and saved", async () => {
  const { services, engine } = createTestServices();
  const { outputs } = await runNode("safety-check", { image: batchOf(cold, warm) }, { action: "pass" }, services);
  expect(engine.calls).toHaveLength(1);
  const { shown } = await runNode("preview-image", { image: outputs.image }, {}, services);
  expect(shown.map(({ hasNsfwConcepts }) => hasNsfwConcepts)).toEqual([false, true]);
});
