import { createFalClient, type FalClient } from "@fal-ai/client";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { ownModels } from "../testing/own-models.ts";
import { download, look, type StartedHost, startHost } from "../testing/started-host.ts";

// A real engine starts and draws, on whatever machine this is.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

/** What fal's endpoints do besides drawing, by fal's own client, with models of the owner. */
let models: Awaited<ReturnType<typeof ownModels>>;
let server: StartedHost;
let fal: FalClient;

beforeAll(async () => {
  models = await ownModels();
  server = await startHost({ HEDDLE_MODELS: models.folder });
  fal = createFalClient({
    credentials: server.token,
    proxyUrl: { url: `${server.origin}/fal`, when: "always" },
    retry: { maxRetries: 0 },
  });
}, 120_000);
afterAll(async () => {
  await server.stop();
  await models.remove();
});

const TURBO = "fal-ai/z-image/turbo";
const input = {
  prompt: "a large red circle on a red background",
  image_size: { width: 128, height: 128 },
  num_inference_steps: 4,
  seed: 3,
};

async function pixels(url: string): Promise<{ data: Buffer; width: number; height: number }> {
  const { data, info } = await sharp(await download(url))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

test("the safety checker blacks out what the owner's classifier calls unsafe, and can be switched off", async () => {
  const checked = (await fal.run(TURBO, { input })).data;
  expect(checked.has_nsfw_concepts).toEqual([true]);
  expect((await look(await download(checked.images[0]!.url))).mean).toEqual([0, 0, 0]);
  const unchecked = (await fal.run(TURBO, { input: { ...input, enable_safety_checker: false } })).data;
  expect(unchecked.has_nsfw_concepts).toEqual([false]);
  expect((await look(await download(unchecked.images[0]!.url))).mean[0]).toBeGreaterThan(100);
  const blue = { ...input, prompt: "a blue circle on a white background" };
  expect((await fal.run(TURBO, { input: blue })).data.has_nsfw_concepts).toEqual([false]);
}, 120_000);

test("tiling: the left side continues the right one, and the top the bottom", async () => {
  const { data } = await fal.run(`${TURBO}/tiling`, {
    input: {
      ...input,
      prompt: "a yellow star on a purple background",
      tiling_mode: "both",
      num_inference_steps: 6,
      enable_safety_checker: false,
    },
  });
  const { data: bytes, width, height } = await pixels(data.images[0]!.url);
  const columns = (a: number, b: number) => {
    let sum = 0;
    for (let y = 0; y < height; y++)
      for (let c = 0; c < 3; c++) sum += Math.abs(bytes[(y * width + a) * 3 + c]! - bytes[(y * width + b) * 3 + c]!);
    return sum / height / 3;
  };
  const neighbours = Array.from({ length: width - 1 }, (_, x) => columns(x, x + 1));
  expect(columns(width - 1, 0)).toBeLessThan(2 + neighbours.reduce((sum, value) => sum + value, 0) / neighbours.length);
}, 120_000);

test("acceleration leaves out block runs, and none leaves out nothing", async () => {
  const log = async (acceleration: "none" | "high") => {
    const { requestId, data } = await fal.run(TURBO, {
      input: { ...input, acceleration, num_inference_steps: 20, enable_safety_checker: false },
    });
    const status = await fal.queue.status(TURBO, { requestId, logs: true });
    return { url: data.images[0]!.url, logs: JSON.stringify(status) };
  };
  const plain = await log("none");
  const fast = await log("high");
  expect(plain.logs).not.toContain("Accelerate");
  expect(fast.logs).toContain("Accelerate: done");
  expect(Buffer.compare((await pixels(fast.url)).data, (await pixels(plain.url)).data)).not.toBe(0);
}, 120_000);

test("a text encoder that was never taught to write says so", async () => {
  const run = fal.run(TURBO, { input: { ...input, enable_prompt_expansion: true } });
  await expect(run).rejects.toMatchObject({ body: { detail: expect.anything() } });
}, 120_000);

test("controlnet: preprocessing by a model asks for that model", async () => {
  const run = fal.run(`${TURBO}/controlnet`, {
    input: { prompt: "x", image_url: "data:image/png;base64,AAAA", preprocess: "depth" },
  });
  await expect(run).rejects.toMatchObject({ status: 422 });
});
