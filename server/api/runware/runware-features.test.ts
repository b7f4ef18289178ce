import { RunwareServer } from "@runware/sdk-js";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { ownModels } from "../testing/own-models.ts";
import { look, type StartedHost, startHost } from "../testing/started-host.ts";

// A real engine starts and draws, on whatever machine this is.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

/** Runware's advanced parameters, by Runware's own client, with models of the owner. */
let models: Awaited<ReturnType<typeof ownModels>>;
let server: StartedHost;
let runware: Awaited<ReturnType<typeof RunwareServer.initialize>>;
type Request = Parameters<typeof runware.imageInference>[0];

beforeAll(async () => {
  models = await ownModels();
  server = await startHost({ HEDDLE_MODELS: models.folder });
  runware = await RunwareServer.initialize({
    apiKey: server.token,
    url: `${server.origin.replace("http", "ws")}/runware`,
    shouldReconnect: false,
    globalMaxRetries: 1,
  });
}, 120_000);
afterAll(async () => {
  await runware.disconnect();
  await server.stop();
  await models.remove();
});

const task = {
  model: "runware:z-image@turbo",
  width: 128,
  height: 128,
  steps: 4,
  seed: 5,
  positivePrompt: "a red circle on a blue background",
  outputType: "base64Data",
  outputFormat: "PNG",
} as const;

/** `more` may have what the client's types do not know; it passes everything on. */
async function draw(more: object): Promise<{ bytes: Buffer; NSFWContent?: boolean | undefined }> {
  const [image] = (await runware.imageInference({ ...task, ...more } as Request))!;
  return { bytes: Buffer.from(image!.imageBase64Data!, "base64"), NSFWContent: image!.NSFWContent };
}

async function rgb(bytes: Buffer): Promise<Buffer> {
  return sharp(bytes).removeAlpha().raw().toBuffer();
}

const dataUri = (bytes: Buffer) => `data:image/png;base64,${bytes.toString("base64")}`;

test("maskMargin draws the masked part close up; everything else stays, to the pixel", async () => {
  const source = await sharp({
    create: { width: 128, height: 128, channels: 3, background: { r: 240, g: 240, b: 240 } },
  })
    .png()
    .toBuffer();
  const white = await sharp({ create: { width: 32, height: 32, channels: 3, background: "white" } })
    .png()
    .toBuffer();
  const mask = await sharp({ create: { width: 128, height: 128, channels: 3, background: "black" } })
    .composite([{ input: white, left: 48, top: 48 }])
    .png()
    .toBuffer();
  const { bytes } = await draw({ seedImage: dataUri(source), maskImage: dataUri(mask), maskMargin: 32, strength: 1 });
  const [before, after] = [await rgb(source), await rgb(bytes)];
  let [inside, outside] = [0, 0];
  for (let i = 0; i < before.length; i++) {
    const [x, y] = [Math.floor(i / 3) % 128, Math.floor(i / 3 / 128)];
    const isInside = x >= 48 && x < 80 && y >= 48 && y < 80;
    const difference = Math.abs(before[i]! - after[i]!);
    if (isInside) inside = Math.max(inside, difference);
    else outside = Math.max(outside, difference);
  }
  expect(outside).toBe(0);
  expect(inside).toBeGreaterThan(30);
}, 120_000);

test("ultralytics draws anew what the detector finds, and nothing else", async () => {
  const plain = await rgb((await draw({})).bytes);
  const ultralytics = {
    confidence: 0.5,
    steps: 4,
    strength: 0.9,
    CFGScale: 1,
    inpaintSize: 128,
    maskBlur: 2,
    maskPadding: 0,
    positivePrompt: "a green square on a blue background",
    negativePrompt: "red",
  };
  const refined = await rgb((await draw({ ultralytics })).bytes);
  expect(Buffer.compare(refined, plain)).not.toBe(0);
  expect(refined.subarray(0, 16 * 3)).toEqual(plain.subarray(0, 16 * 3));
}, 120_000);

test.each([
  ["First Block Cache", { fbCache: true, fbCacheThreshold: 0.9 }],
  ["TeaCache", { teaCache: true, teaCacheDistance: 0.9, cacheStartStep: 2, cacheEndStep: 14 }],
  ["DBCache", { dbCache: true, dbCacheThreshold: 0.9, dbCacheSkipInterval: 3, cacheStartStepPercentage: 10 }],
])(
  "acceleratorOptions: %s changes the picture a little",
  async (_name, acceleratorOptions) => {
    const options = { ...acceleratorOptions, cacheMaxConsecutiveSteps: 4 };
    const [plain, fast] = [
      await rgb((await draw({ steps: 16 })).bytes),
      await rgb((await draw({ steps: 16, acceleratorOptions: options })).bytes),
    ];
    let difference = 0;
    for (let i = 0; i < plain.length; i++) difference += Math.abs(plain[i]! - fast[i]!);
    expect(difference / plain.length).toBeGreaterThan(0);
    expect(difference / plain.length).toBeLessThan(40);
  },
  60_000,
);

test("acceleratorOptions without a cache that is on change nothing", async () => {
  const [plain, same] = [await draw({}), await draw({ acceleratorOptions: { fbCache: false, fbCacheThreshold: 1 } })];
  expect(await rgb(same.bytes)).toEqual(await rgb(plain.bytes));
}, 120_000);

test("safety tells of each picture what the classifier says, and leaves it as it is", async () => {
  const unsafe = await draw({
    positivePrompt: "a large red circle on a red background",
    safety: { checkContent: true },
  });
  expect(unsafe.NSFWContent).toBe(true);
  expect((await look(unsafe.bytes)).mean[0]).toBeGreaterThan(100);
  const safe = await draw({ positivePrompt: "a blue circle on a white background", safety: { checkContent: true } });
  expect(safe.NSFWContent).toBe(false);
  expect((await draw({})).NSFWContent).toBeUndefined();
}, 120_000);
