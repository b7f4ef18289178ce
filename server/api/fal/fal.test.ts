import { createFalClient, type FalClient, type QueueStatus, ValidationError } from "@fal-ai/client";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startReceiver } from "../testing/receiver.ts";
import { download, look, type StartedHost, startHost } from "../testing/started-host.ts";

// A real engine starts and draws, on whatever machine this is.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

/** fal's own client, as it comes from npm: the proxy address is all that is changed. */
let server: StartedHost;
let fal: FalClient;

beforeAll(async () => {
  server = await startHost({ HEDDLE_FETCH_ALLOW: "localhost" });
  fal = clientWith(server.token);
}, 60_000);
afterAll(() => server.stop());

const clientWith = (credentials: string) =>
  createFalClient({
    credentials,
    proxyUrl: { url: `${server.origin}/fal`, when: "always" },
    retry: { maxRetries: 0 },
  });

const small = { width: 128, height: 128 };
const TURBO = "fal-ai/z-image/turbo";

const redPicture = () =>
  sharp({ create: { width: 160, height: 160, channels: 3, background: { r: 220, g: 20, b: 20 } } })
    .png()
    .toBuffer();

describe("run", () => {
  test("answers with a picture at an address that needs no credential", async () => {
    const { data, requestId } = await fal.run(TURBO, {
      input: { prompt: "a red circle on a blue background", image_size: small, num_inference_steps: 4, seed: 7 },
    });
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(data).toEqual({
      images: [
        {
          url: expect.stringContaining(`${server.origin}/files/results/`),
          content_type: "image/png",
          file_name: "0.png",
          file_size: expect.any(Number),
          width: 128,
          height: 128,
        },
      ],
      timings: { inference: expect.any(Number), total: expect.any(Number) },
      seed: 7,
      has_nsfw_concepts: [false],
      prompt: "a red circle on a blue background",
    });
    const bytes = await download(data.images[0]!.url);
    expect(bytes).toHaveLength(data.images[0]!.file_size!);
    expect(await look(bytes)).toMatchObject({
      format: "png",
      width: 128,
      height: 128,
      contrast: expect.toSatisfy((c) => c > 20),
    });
  });

  test("sync_mode gives data URIs; several pictures differ; the same seed gives the same ones", async () => {
    const input = {
      prompt: "a green square",
      image_size: small,
      num_inference_steps: 2,
      num_images: 2,
      seed: 3,
      sync_mode: true,
      output_format: "jpeg" as const,
    };
    const { data } = await fal.run(TURBO, { input });
    expect(data.images.map(({ content_type }) => content_type)).toEqual(["image/jpeg", "image/jpeg"]);
    expect(data.images[0]!.url).toMatch(/^data:image\/jpeg;base64,/);
    expect(data.images[0]!.url).not.toBe(data.images[1]!.url);
    expect(await look(await download(data.images[1]!.url))).toMatchObject({ format: "jpeg", width: 128 });
    const again = await fal.run(TURBO, { input });
    expect(again.data.images).toEqual(data.images);
  });

  test("the base model takes guidance and a negative prompt; without a seed one is drawn and told", async () => {
    const { data } = await fal.run("fal-ai/z-image/base", {
      input: {
        prompt: "a yellow triangle",
        negative_prompt: "text",
        guidance_scale: 3,
        image_size: small,
        num_inference_steps: 2,
        output_format: "webp",
      },
    });
    expect(data.seed).toBeGreaterThanOrEqual(0);
    expect(await look(await download(data.images[0]!.url))).toMatchObject({ format: "webp" });
  });

  test.each(["fal-ai/z-image/turbo/lora", "fal-ai/z-image/base/lora"] as const)(
    "%s applies a LoRA of the models folder",
    async (endpoint) => {
      const input = { prompt: "a red circle", image_size: small, num_inference_steps: 2, seed: 1 };
      const loras = [{ path: "neon-outline", scale: 1.5 }];
      const without = await fal.run(endpoint, { input });
      const with_ = await fal.run(endpoint, { input: { ...input, loras } });
      const [a, b] = [await download(without.data.images[0]!.url), await download(with_.data.images[0]!.url)];
      expect(Buffer.compare(a, b)).not.toBe(0);
    },
  );

  test("a size by name and one that the model cannot draw give the nearest it can", async () => {
    const { data } = await fal.run(TURBO, {
      input: { prompt: "x", image_size: "landscape_16_9", num_inference_steps: 1 },
    });
    const { width, height } = data.images[0]!;
    expect(width! / height!).toBeCloseTo(16 / 9, 1);
    expect(await look(await download(data.images[0]!.url))).toMatchObject({ width, height });
  });
});

describe("image to image", () => {
  const input = { prompt: "a red wall", num_inference_steps: 4, strength: 0.3, seed: 2 };
  const isReddish = async (url: string) => {
    const { mean } = await look(await download(url));
    expect(mean[0]).toBeGreaterThan(mean[1] + 60);
    expect(mean[0]).toBeGreaterThan(mean[2] + 60);
  };

  test("from a file that the client uploads by itself", async () => {
    const file = new File([await redPicture()], "../../etc/passwd.png", { type: "image/png" });
    const { data } = await fal.run("fal-ai/z-image/turbo/image-to-image", { input: { ...input, image_url: file } });
    expect(data.images[0]).toMatchObject({ width: 160, height: 160 });
    await isReddish(data.images[0]!.url);
  });

  test("from a data URI, and from a result of before", async () => {
    const image_url = `data:image/png;base64,${(await redPicture()).toString("base64")}`;
    const first = await fal.run("fal-ai/z-image/turbo/image-to-image", {
      input: { ...input, image_url, image_size: small },
    });
    await isReddish(first.data.images[0]!.url);
    const second = await fal.run("fal-ai/z-image/turbo/image-to-image", {
      input: { ...input, image_url: first.data.images[0]!.url },
    });
    expect(second.data.images[0]).toMatchObject(small);
    await isReddish(second.data.images[0]!.url);
  });

  test("from an address of another server, which its owner allowed", async () => {
    const other = await startReceiver(await redPicture());
    try {
      const image_url = `${other.url}/red.png`;
      const { data } = await fal.run("fal-ai/z-image/turbo/image-to-image", { input: { ...input, image_url } });
      await isReddish(data.images[0]!.url);
    } finally {
      other.close();
    }
  });

  test("inpainting keeps what is black in the mask to the pixel", async () => {
    const halves = await sharp({ create: { width: 128, height: 128, channels: 3, background: "black" } })
      .composite([
        { input: { create: { width: 64, height: 128, channels: 3, background: "white" } }, left: 64, top: 0 },
      ])
      .png()
      .toBuffer();
    const original = await sharp(await redPicture())
      .resize(128, 128)
      .png()
      .toBuffer();
    const dataUri = (bytes: Buffer) => `data:image/png;base64,${bytes.toString("base64")}`;
    const { data } = await fal.run("fal-ai/z-image/turbo/inpaint", {
      input: {
        prompt: "a blue circle",
        image_url: dataUri(original),
        mask_image_url: dataUri(halves),
        num_inference_steps: 3,
        num_images: 2,
        seed: 5,
      },
    });
    expect(data.images).toHaveLength(2);
    const bytes = await download(data.images[1]!.url);
    const strip = async (left: number) =>
      sharp(await sharp(bytes).extract({ left, top: 0, width: 60, height: 128 }).png().toBuffer()).stats();
    const kept = await strip(0);
    expect(kept.channels.map(({ min, max }) => [min, max])).toEqual([
      [220, 220],
      [20, 20],
      [20, 20],
    ]);
    const drawn = await strip(68);
    expect(Math.max(...drawn.channels.map(({ stdev }) => stdev))).toBeGreaterThan(1);
  });
});

describe("storage", () => {
  test("a file comes back as it was sent, and never as something that a browser would run", async () => {
    const url = await fal.storage.upload(new File(["<script>alert(1)</script>"], "a.html", { type: "text/html" }));
    const response = await fetch(url);
    expect(await response.text()).toBe("<script>alert(1)</script>");
    expect(response.headers.get("content-type")).toBe("application/octet-stream");
    expect(response.headers.get("content-disposition")).toContain("attachment");
    expect(response.headers.get("content-security-policy")).toContain("sandbox");
  });

  test("a large file comes in parts", async () => {
    const bytes = new Uint8Array(91 * 2 ** 20).fill(7);
    const url = await fal.storage.upload(new Blob([bytes], { type: "image/png" }));
    const { headers, body } = await fetch(url);
    expect(headers.get("content-length")).toBe(String(bytes.length));
    await body!.cancel();
  }, 60_000);
});

describe("the queue", () => {
  const input = { prompt: "a circle", image_size: small, num_inference_steps: 3 };

  test("subscribe tells position, progress and logs, and gives the result", async () => {
    const updates: QueueStatus[] = [];
    const { data } = await fal.subscribe(TURBO, {
      input,
      logs: true,
      pollInterval: 20,
      onQueueUpdate: (update) => updates.push(structuredClone(update)),
    });
    expect(data.images).toHaveLength(1);
    const last = updates.at(-1)!;
    expect(last).toMatchObject({ status: "COMPLETED", metrics: { inference_time: expect.any(Number) } });
    const messages = "logs" in last ? last.logs.map(({ message }) => message) : [];
    expect(messages).toContain("Sampler: 3 of 3");
  });

  test("subscribe by stream sees every state once and all of the log", async () => {
    const updates: QueueStatus[] = [];
    await fal.subscribe(TURBO, {
      input: { ...input, seed: 99 },
      logs: true,
      mode: "streaming",
      onQueueUpdate: (update) => updates.push(structuredClone(update)),
    });
    expect(updates.at(-1)).toMatchObject({ status: "COMPLETED" });
    const last = updates.at(-1)!;
    const messages = "logs" in last ? last.logs.map(({ message }) => message) : [];
    expect(messages.filter((message) => message.startsWith("Sampler: "))).toEqual(
      expect.arrayContaining(["Sampler: started.", "Sampler: 1 of 3", "Sampler: 2 of 3", "Sampler: 3 of 3"]),
    );
    expect(new Set(messages).size).toBe(messages.length);
  });

  test("a waiting request has a position and can be cancelled; a finished one cannot", async () => {
    const long = { ...input, num_inference_steps: 30, num_images: 4 };
    const first = await fal.queue.submit(TURBO, { input: long });
    const low = await fal.queue.submit(TURBO, { input, priority: "low" });
    const normal = await fal.queue.submit(TURBO, { input });
    const status = (requestId: string) => fal.queue.status(TURBO, { requestId });
    expect(await status(normal.request_id)).toMatchObject({ status: "IN_QUEUE", queue_position: 0 });
    expect(await status(low.request_id)).toMatchObject({ status: "IN_QUEUE", queue_position: 1 });
    await expect(fal.queue.result(TURBO, { requestId: low.request_id })).rejects.toMatchObject({ status: 400 });

    await fal.queue.cancel(TURBO, { requestId: low.request_id });
    await fal.queue.cancel(TURBO, { requestId: first.request_id });
    expect(await status(low.request_id)).toMatchObject({ status: "COMPLETED", error: "The request was cancelled." });
    await expect(fal.queue.result(TURBO, { requestId: low.request_id })).rejects.toMatchObject({ status: 499 });
    await expect.poll(async () => (await status(normal.request_id)).status, { timeout: 60_000 }).toBe("COMPLETED");
    await expect(fal.queue.cancel(TURBO, { requestId: normal.request_id })).rejects.toMatchObject({
      status: 400,
      body: { status: "ALREADY_COMPLETED" },
    });
    await expect(status("no-such-request")).rejects.toMatchObject({ status: 404 });
  });

  test("a webhook is told of the result", async () => {
    const other = await startReceiver();
    try {
      const { request_id } = await fal.queue.submit(TURBO, { input, webhookUrl: `${other.url}/hook` });
      await expect.poll(() => other.received.length, { timeout: 60_000 }).toBe(1);
      const [{ method, path, body }] = other.received as [(typeof other.received)[0]];
      expect([method, path]).toEqual(["POST", "/hook"]);
      const message = JSON.parse(body.toString());
      expect(message).toMatchObject({ request_id, status: "OK", error: null, payload: { images: [{ width: 128 }] } });
      expect(await look(await download(message.payload.images[0].url))).toMatchObject(small);
    } finally {
      other.close();
    }
  });

  test("requests survive a restart of the host, the one that ran included", async () => {
    const requests: string[] = [];
    for (const seed of [1, 2]) requests.push((await fal.queue.submit(TURBO, { input: { ...input, seed } })).request_id);
    await expect.poll(() => server.host.jobs.find(requests[0]!)?.state).toBe("running");
    await server.restart();
    fal = clientWith(server.token);
    for (const [index, requestId] of requests.entries()) {
      await fal.queue.subscribeToStatus(TURBO, { requestId, pollInterval: 50 });
      const { data } = await fal.queue.result(TURBO, { requestId });
      expect(data.seed).toBe(index + 1);
      expect(await look(await download(data.images[0]!.url))).toMatchObject(small);
    }
  }, 120_000);
});

describe("refusals", () => {
  const refusal = async (endpoint: string, input: object): Promise<ValidationError> => {
    const error: unknown = await fal.run(endpoint, { input }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ValidationError);
    return error as ValidationError;
  };

  test("every field that is wrong has an entry of its own", async () => {
    const { fieldErrors } = await refusal(TURBO, {
      num_images: 5,
      num_inference_steps: 2.5,
      output_format: "gif",
      image_size: { width: 10, height: 256 },
      enable_prompt_expansion: "yes",
      sync_mode: "yes",
      seed: -1,
    });
    expect(fieldErrors.map(({ loc, type }) => [loc.join("."), type]).sort()).toEqual([
      ["body.enable_prompt_expansion", "boolean_type"],
      ["body.image_size.width", "greater_than_equal"],
      ["body.num_images", "less_than_equal"],
      ["body.num_inference_steps", "int_type"],
      ["body.output_format", "literal_error"],
      ["body.prompt", "missing"],
      ["body.seed", "greater_than_equal"],
      ["body.sync_mode", "boolean_type"],
    ]);
  });

  test("the second field of a list, a model that is not here, and one from the web", async () => {
    const loras = [{ path: "neon-outline" }, { path: "neon-outline", scale: 9 }];
    const scale = await refusal(`${TURBO}/lora`, { prompt: "x", loras });
    expect(scale.fieldErrors).toMatchObject([{ loc: ["body", "loras", 1, "scale"], type: "less_than_equal" }]);
    const missing = await refusal(`${TURBO}/lora`, {
      prompt: "x",
      loras: [{ path: "../../secret" }, { path: "https://example.org/lora.safetensors" }],
    });
    expect(missing.fieldErrors.map(({ loc }) => loc.join("."))).toEqual(["body.loras.0.path", "body.loras.1.path"]);
  });

  test("pictures: private addresses, what is no picture, what is not here", async () => {
    const endpoint = `${TURBO}/image-to-image`;
    const refused = async (image_url: string) => (await refusal(endpoint, { prompt: "x", image_url })).fieldErrors;
    const where = { loc: ["body", "image_url"] };
    expect(await refused("http://127.0.0.1:1/a.png")).toMatchObject([{ ...where, type: "file_download_error" }]);
    expect(await refused("http://169.254.169.254/")).toMatchObject([{ ...where, type: "file_download_error" }]);
    expect(await refused("file:///etc/passwd")).toMatchObject([{ ...where, type: "file_download_error" }]);
    expect(await refused("data:image/png;base64,AAAA")).toMatchObject([{ ...where, type: "image_load_error" }]);
    expect(await refused(`${server.origin}/files/uploads/${"0".repeat(48)}/a.png`)).toMatchObject([
      { ...where, type: "file_download_error" },
    ]);
    expect(await refused(`${server.origin}/files/../jobs.db`)).toMatchObject([
      { ...where, type: "file_download_error" },
    ]);
  });

  test("an endpoint that is not here, and somebody without a credential", async () => {
    await expect(fal.run("fal-ai/flux/dev", { input: { prompt: "x" } })).rejects.toMatchObject({ status: 404 });
    await expect(clientWith("wrong").run(TURBO, { input: { prompt: "x" } })).rejects.toMatchObject({ status: 401 });
    const elsewhere = await fetch(`${server.origin}/fal`, {
      method: "POST",
      headers: { authorization: `Key ${server.token}`, "x-fal-target-url": "http://127.0.0.1:22/" },
    });
    expect(elsewhere.status).toBe(412);
  });
});

test("the direct addresses do the same without the proxy's header", async () => {
  const response = await fetch(`${server.origin}/fal/${TURBO}`, {
    method: "POST",
    headers: { authorization: `Key ${server.token}`, "content-type": "application/json" },
    body: JSON.stringify({ prompt: "a circle", image_size: small, num_inference_steps: 1 }),
  });
  expect(await response.json()).toMatchObject({ images: [{ width: 128 }] });
});

test("a client that goes away takes its run with it", async () => {
  const abort = new AbortController();
  const run = fetch(`${server.origin}/fal/${TURBO}`, {
    method: "POST",
    headers: { authorization: `Key ${server.token}` },
    body: JSON.stringify({ prompt: "a circle", num_inference_steps: 30, num_images: 4 }),
    signal: abort.signal,
  });
  await expect.poll(() => server.host.jobs.load.running).toBe(1);
  abort.abort();
  await expect(run).rejects.toThrow();
  await expect.poll(() => server.host.jobs.load.running, { timeout: 60_000 }).toBe(0);
  expect(server.host.jobs.counts().cancelled).toBeGreaterThan(0);
});
