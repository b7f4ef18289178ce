import { RunwareServer } from "@runware/sdk-js";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { startReceiver } from "../testing/receiver.ts";
import { download, look, type StartedHost, startHost } from "../testing/started-host.ts";

// A real engine starts and draws, on whatever machine this is.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

/** Runware's own client, as it comes from npm: the address is all that is changed. */
let server: StartedHost;
let runware: Awaited<ReturnType<typeof RunwareServer.initialize>>;

beforeAll(async () => {
  server = await startHost({ HEDDLE_FETCH_ALLOW: "localhost" });
  runware = await RunwareServer.initialize({
    apiKey: server.token,
    url: `${server.origin.replace("http", "ws")}/runware`,
    shouldReconnect: false,
    globalMaxRetries: 1,
  });
}, 60_000);
afterAll(async () => {
  await runware.disconnect();
  await server.stop();
});

const TURBO = "runware:z-image@turbo";
const BASE = "runware:z-image@0";
const small = { model: TURBO, width: 128, height: 128, steps: 2, positivePrompt: "a red circle" };
const uuid = expect.stringMatching(/^[0-9a-f]{8}-/);

const redDataUri = async () => {
  const picture = sharp({ create: { width: 128, height: 128, channels: 3, background: { r: 220, g: 20, b: 20 } } });
  return `data:image/png;base64,${(await picture.png().toBuffer()).toString("base64")}`;
};

/** The answer to tasks over plain HTTP. */
async function post(tasks: unknown, headers: Record<string, string> = { authorization: `Bearer ${server.token}` }) {
  const response = await fetch(`${server.origin}/runware/v1`, { method: "POST", headers, body: JSON.stringify(tasks) });
  return {
    status: response.status,
    body: (await response.json()) as { data?: Record<string, unknown>[]; errors?: unknown[] },
  };
}
const task = (more: object = {}) => ({ taskType: "imageInference", taskUUID: crypto.randomUUID(), ...small, ...more });

describe("imageInference", () => {
  test("gives an address, the seed and no cost", async () => {
    const [image] = (await runware.imageInference({ ...small, seed: 7, includeCost: true }))!;
    expect(image).toMatchObject({
      taskType: "imageInference",
      imageUUID: uuid,
      imageURL: expect.stringContaining(`${server.origin}/files/results/`),
      seed: 7,
      cost: 0,
    });
    expect(await look(await download(image!.imageURL!))).toMatchObject({ format: "jpeg", width: 128, height: 128 });
  });

  test("several results differ, each with its own seed, and come one by one", async () => {
    const partial: number[] = [];
    const images = (await runware.imageInference({
      ...small,
      seed: 20,
      numberResults: 3,
      outputType: "dataURI",
      outputFormat: "PNG",
      onPartialImages: (some) => partial.push(...some.map(({ seed }) => seed)),
    }))!;
    expect(images.map(({ seed }) => seed)).toEqual([20, 21, 22]);
    expect(partial).toEqual([20, 21, 22]);
    expect(new Set(images.map(({ imageDataURI }) => imageDataURI)).size).toBe(3);
    expect(await look(await download(images[2]!.imageDataURI!))).toMatchObject({ format: "png", width: 128 });
  });

  test("the base model takes guidance, a negative prompt, a scheduler, and gives base64 of a WebP", async () => {
    const [image] = (await runware.imageInference({
      ...small,
      model: BASE,
      CFGScale: 3,
      negativePrompt: "letters",
      scheduler: "DPM++ 2M Karras",
      outputType: "base64Data",
      outputFormat: "WEBP",
      outputQuality: 60,
    }))!;
    expect(await look(Buffer.from(image!.imageBase64Data!, "base64"))).toMatchObject({ format: "webp" });
  });

  test("a LoRA of the models folder changes the picture", async () => {
    const draw = async (more: object) =>
      (await runware.imageInference({ ...small, seed: 1, outputType: "base64Data", ...more }))![0]!;
    const without = await draw({});
    const withLora = await draw({ lora: [{ model: "neon-outline", weight: 1.5 }] });
    expect(withLora.imageBase64Data).not.toBe(without.imageBase64Data);
  });

  test("async is acknowledged at once, and asked after with getResponse", async () => {
    const taskUUID = crypto.randomUUID();
    const acknowledged = await runware.imageInference({
      ...small,
      taskUUID,
      numberResults: 2,
      deliveryMethod: "async",
    });
    expect(acknowledged).toMatchObject([{ taskType: "imageInference", taskUUID }]);
    expect(acknowledged![0]).not.toHaveProperty("imageURL");
    const ask = () => runware.getResponse<{ status: string; imageURL: string }>({ taskUUID });
    await expect
      .poll(async () => (await ask()).map(({ status }) => status), { timeout: 60_000 })
      .toEqual(["success", "success"]);
    for (const { imageURL } of await ask()) expect(await look(await download(imageURL))).toMatchObject({ width: 128 });
  });
});

test("each result is told to the webhook, and sent to the upload address", async () => {
  const other = await startReceiver();
  try {
    await runware.imageInference({
      ...small,
      numberResults: 2,
      webhookURL: `${other.url}/hook`,
      uploadEndpoint: `${other.url}/bucket?signature=1`,
    });
    await expect.poll(() => other.received.length, { timeout: 60_000 }).toBe(4);
    const of = (method: string) => other.received.filter((one) => one.method === method);
    for (const { path, contentType, body } of of("PUT")) {
      expect([path, contentType]).toEqual(["/bucket?signature=1", "image/jpeg"]);
      expect(await look(body)).toMatchObject({ format: "jpeg", width: 128 });
    }
    for (const { body } of of("POST")) {
      expect(JSON.parse(body.toString())).toMatchObject({
        data: [{ status: "success", imageURL: expect.any(String) }],
      });
    }
    expect(of("POST")).toHaveLength(2);
  } finally {
    other.close();
  }
});

describe("pictures to start from", () => {
  const isReddish = async (url: string) => {
    const { mean } = await look(await download(url));
    expect(mean[0]).toBeGreaterThan(mean[1] + 60);
  };

  test("imageUpload, then its UUID; a result's UUID", async () => {
    const { imageUUID, imageURL } = await runware.imageUpload({ image: await redDataUri() });
    expect(imageUUID).toEqual(uuid);
    await isReddish(imageURL);
    const [first] = (await runware.imageInference({
      ...small,
      seedImage: String(imageUUID),
      strength: 0.4,
      steps: 4,
    }))!;
    await isReddish(first!.imageURL!);
    const [second] = (await runware.imageInference({
      ...small,
      seedImage: first!.imageUUID!,
      strength: 0.4,
      steps: 4,
    }))!;
    await isReddish(second!.imageURL!);
  });

  test("a mask, and a picture that grows, in the nested form of the inputs", async () => {
    const seedImage = await redDataUri();
    const white = sharp({ create: { width: 64, height: 64, channels: 3, background: "white" } });
    const maskImage = (await white.png().toBuffer()).toString("base64");
    const { body } = await post([
      task({ inputs: { seedImage, maskImage }, strength: 0.5 }),
      task({ inputs: { seedImage }, outpaint: { right: 64 }, width: 192 }),
    ]);
    expect(body.errors).toBeUndefined();
    expect(body.data).toHaveLength(2);
  });
});

describe("over HTTP", () => {
  test("an array of tasks is answered together; one that is wrong does not stop the others", async () => {
    const [good, bad] = [task(), task({ steps: 0 })];
    const { status, body } = await post([good, bad, { taskType: "ping", ping: true }]);
    expect(status).toBe(200);
    expect(body.data).toEqual([
      { taskType: "ping", pong: true },
      expect.objectContaining({ taskUUID: good.taskUUID, status: "success" }),
    ]);
    expect(body.errors).toEqual([
      {
        code: "invalidParameter",
        message: expect.any(String),
        parameter: "steps",
        taskType: "imageInference",
        taskUUID: bad.taskUUID,
      },
    ]);
  });

  test("the first task may bring the key", async () => {
    const authentication = { taskType: "authentication", apiKey: server.token };
    expect(await post([authentication, { taskType: "ping" }], {})).toMatchObject({ status: 200 });
    expect(await post([{ ...authentication, apiKey: "wrong" }, { taskType: "ping" }], {})).toMatchObject({
      status: 401,
      body: { errors: [{ code: "invalidApiKey", parameter: "apiKey", taskType: "authentication" }] },
    });
  });

  test.each<[string, object, string, string]>([
    ["a parameter that nobody knows", { magic: 1 }, "unsupportedParameter", "magic"],
    ["faces without a detector", { ultralytics: { confidence: 0.9 } }, "modelNotFound", "ultralytics"],
    ["a check without a classifier", { safety: { checkContent: true } }, "modelNotFound", "safety.checkContent"],
    [
      "two accelerators",
      { acceleratorOptions: { teaCache: true, fbCache: true } },
      "invalidParameter",
      "acceleratorOptions",
    ],
    [
      "a margin while the picture grows",
      { seedImage: "AAAA", maskImage: "AAAA", maskMargin: 64, outpaint: { top: 64 } },
      "invalidParameter",
      "maskMargin",
    ],
    ["a margin without a mask", { maskMargin: 64 }, "invalidParameter", "maskImage"],
    ["a size that is no multiple of 16", { width: 130 }, "invalidParameter", "width"],
    ["too many results", { numberResults: 21 }, "invalidParameter", "numberResults"],
    ["no prompt", { positivePrompt: undefined }, "missingParameter", "positivePrompt"],
    ["a scheduler that is none", { scheduler: "Magic" }, "invalidParameter", "scheduler"],
    ["another model", { model: "runware:100@1" }, "invalidModel", "model"],
    ["a LoRA that is not here", { lora: [{ model: "civitai:1@2" }] }, "modelNotFound", "lora.0.model"],
    ["a mask without a picture", { maskImage: "AAAA" }, "invalidParameter", "seedImage"],
    ["a picture of a private address", { seedImage: "http://127.0.0.1:1/" }, "fetchRefused", "seedImage"],
    ["a picture that is none", { seedImage: "AAAA" }, "pictureUnreadable", "seedImage"],
    ["a picture that was never uploaded", { seedImage: crypto.randomUUID() }, "pictureNotFound", "seedImage"],
  ])("%s is refused by its name", async (_, more, code, parameter) => {
    const { status, body } = await post([task(more)]);
    expect(status).toBe(400);
    expect(body.errors).toMatchObject([{ code, parameter, taskType: "imageInference", taskUUID: uuid }]);
  });

  test("a task type that is not here, and a task that is unknown", async () => {
    const { body } = await post([
      { taskType: "videoInference", taskUUID: crypto.randomUUID() },
      { taskType: "getResponse", taskUUID: crypto.randomUUID() },
    ]);
    expect(body.errors).toMatchObject([{ code: "unsupportedTaskType" }, { code: "taskNotFound" }]);
  });

  test("an address is good for as long as the task says", async () => {
    const { body } = await post([task({ ttl: 60 })]);
    const url = String(body.data![0]!.imageURL);
    expect((await fetch(url)).status).toBe(200);
    const now = Date.now;
    try {
      Date.now = () => now() + 61_000;
      expect((await fetch(url)).status).toBe(404);
    } finally {
      Date.now = now;
    }
  });
});

describe("the door", () => {
  const sockets: WebSocket[] = [];
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.terminate();
  });
  const connect = (headers: Record<string, string> = {}) => {
    const socket = new WebSocket(`${server.origin.replace("http", "ws")}/runware`, { headers });
    sockets.push(socket);
    return new Promise<WebSocket>((resolve, reject) => {
      socket.once("open", () => resolve(socket));
      socket.once("error", reject);
    });
  };
  const ask = (socket: WebSocket, message: string) =>
    new Promise<unknown>((resolve) => {
      socket.once("message", (data) => resolve(JSON.parse(String(data))));
      socket.send(message);
    });

  test("the client with a wrong key is told so", async () => {
    const socket = await connect();
    const answer = await ask(socket, JSON.stringify([{ taskType: "authentication", apiKey: "wrong" }]));
    expect(answer).toMatchObject({ errors: [{ code: "invalidApiKey", taskType: "authentication" }] });
    expect(await ask(socket, JSON.stringify([task()]))).toMatchObject({ errors: [{ code: "invalidApiKey" }] });
  });

  test("what is no task is answered, and does no harm", async () => {
    const socket = await connect();
    await ask(socket, JSON.stringify([{ taskType: "authentication", apiKey: server.token }]));
    expect(await ask(socket, "{")).toMatchObject({ errors: [{ code: "invalidRequest" }] });
    expect(await ask(socket, "[1]")).toMatchObject({ errors: [{ code: "invalidTask" }] });
    expect(await ask(socket, '[{"taskType":"constructor"}]')).toMatchObject({
      errors: [{ code: "unsupportedTaskType" }],
    });
    expect(await ask(socket, '[{"taskType":"ping"}]')).toEqual({ data: [{ taskType: "ping", pong: true }] });
  });

  test("a page of another origin and another name are refused", async () => {
    await expect(connect({ origin: "http://evil.example" })).rejects.toThrow("403");
    await expect(connect({ host: "evil.example" })).rejects.toThrow("403");
  });
});
