import { expect, test } from "vitest";
import { batchOf, evenPicture, picturesAt, runNode } from "./testing/run-node.ts";
import { createTestServices } from "./testing/test-services.ts";

const image = batchOf(evenPicture(10, 6, [10, 20, 30], "7"), evenPicture(4, 4, [9, 9, 9]));

test("upscale-image scales by a factor, also a linked one, or to a size", async () => {
  const sizes = async (inputs: Record<string, number>, params: Record<string, string | number>) =>
    picturesAt((await runNode("upscale-image", { image, ...inputs }, params)).outputs).map(({ width, height }) => [
      width,
      height,
    ]);
  expect(await sizes({}, { factor: 1.5 })).toEqual([
    [15, 9],
    [6, 6],
  ]);
  expect(await sizes({ factor: 3 }, {})).toEqual([
    [30, 18],
    [12, 12],
  ]);
  expect(await sizes({}, { by: "size", width: 7, height: 5, method: "nearest" })).toEqual([
    [7, 5],
    [7, 5],
  ]);
});

test("upscale-image refuses what is too large", async () => {
  const large = { image: batchOf(evenPicture(1000, 1, [0, 0, 0])) };
  await expect(runNode("upscale-image", large, { factor: 9 })).rejects.toMatchObject({
    code: "picture-too-large",
    field: "factor",
  });
});

test("upscale-with-model asks the engine, and tells the facts of the model", async () => {
  const { services, engine } = createTestServices();
  const { outputs, info } = await runNode("upscale-with-model", { image }, { upscaler: "4x.safetensors" }, services);
  expect(engine.calls).toEqual(["upscale /models/4x.safetensors"]);
  expect(picturesAt(outputs)).toMatchObject([
    { width: 20, height: 12, seed: "7" },
    { width: 8, height: 8 },
  ]);
  expect(info).toEqual({ scale: 2 });
});
