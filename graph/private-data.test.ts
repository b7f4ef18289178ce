import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { findDefinition } from "../nodes/definitions.ts";
import { encodePicture } from "../nodes/save-image/encode.ts";
import { embeddedEntries, readEmbedded } from "./embedding/embedded.ts";
import { stripMetadata } from "./embedding/strip-metadata.ts";
import { parseWorkflow } from "./parse.ts";
import { withoutPrivateData } from "./private-data.ts";
import { serializeWorkflow } from "./serialize.ts";

describe("a workflow for strangers", () => {
  const { document } = parseWorkflow({
    format: "heddle-workflow",
    version: 1,
    id: "one-of-mine",
    view: { x: 1, y: 2, zoom: 1 },
    nodes: [
      { id: "model", type: "load-model", params: { checkpoint: "starter/turbo" } },
      { id: "unet", type: "load-diffusion-model", params: { diffusionModel: "clients/acme/z.safetensors" } },
      {
        id: "stack",
        type: "lora-stack",
        params: { loras: [{ name: "me/face.safetensors", weight: 1, enabled: true }] },
      },
      { id: "picture", type: "load-image", params: { image: `sha256:${"a".repeat(64)}` } },
      {
        id: "note",
        type: "note",
        params: { text: "from C:\\Users\\Ann\\notes.txt and /home/ann/x.png, 1/2 w/h and/or" },
      },
      { id: "old", type: "comfyui/X", comfyui: { file: "\\\\nas\\ann\\p.png", path: "file:///Users/ann/q.png" } },
    ],
    links: [],
    models: [{ kind: "lora", name: "me/face.safetensors", sha256: "b".repeat(64) }],
  });
  const shared = withoutPrivateData(document, findDefinition);
  const text = serializeWorkflow(shared);

  test("holds no picture that an imported request brought along", () => {
    const input = { image_url: "data:image/png;base64,iVBORw0KGgo=", prompt: "data: a picture of numbers" };
    const imported = { ...document, fal: { input } };
    expect(withoutPrivateData(imported, findDefinition).fal).toEqual({ input: { ...input, image_url: "" } });
  });

  test("holds no place that results were sent to, and nothing that lets people in", () => {
    const runware = {
      taskType: "imageInference",
      webhookURL: "https://hooks.example/a?key=hush",
      uploadEndpoint: "https://bucket.example/put?X-Amz-Signature=hush",
      inputs: { seedImage: "https://ann:hush@pictures.example/a.png?X-Amz-Credential=hush&size=2" },
    };
    const models = [{ kind: "lora", name: "face.safetensors", url: "https://hub.example/7?type=Model&token=hush" }];
    const imported = { ...document, runware, models, fal: { webhookUrl: "https://hooks.example/b", api_key: "hush" } };
    const stripped = withoutPrivateData(imported, findDefinition);
    expect(stripped).toMatchObject({
      runware: { taskType: "imageInference", inputs: { seedImage: "https://pictures.example/a.png?size=2" } },
      models: [{ url: "https://hub.example/7?type=Model" }],
      fal: {},
    });
    expect(JSON.stringify(stripped)).not.toMatch(/hush|hooks|bucket/);
  });

  test("holds no path, no folder of a model and no picture", () => {
    expect(text).not.toMatch(/ann|Ann|Users|home|acme|nas|aaaa/);
    expect(text).toContain("notes.txt");
    expect(text).toContain("1/2 w/h and/or");
    expect(shared.view).toBeUndefined();
    expect(shared.id).toBeUndefined();
  });

  test("still opens, and still finds its models by name and content", () => {
    const again = parseWorkflow(JSON.parse(text));
    expect(again.repairs).toEqual([]);
    expect(again.document.nodes.map(({ params }) => params)).toMatchObject([
      { checkpoint: "starter/turbo" },
      { diffusionModel: "z.safetensors" },
      { loras: [{ name: "face.safetensors" }] },
      { image: "" },
      {},
      {},
    ]);
    expect(again.document.models).toEqual([{ kind: "lora", name: "face.safetensors", sha256: "b".repeat(64) }]);
  });

  test("what a subgraph shows, a matrix goes through and another program had is stripped alike", () => {
    const url = "https://huggingface.co/o/m/resolve/main/z.safetensors";
    const { document: nested } = parseWorkflow({
      format: "heddle-workflow",
      version: 1,
      nodes: [
        {
          id: "use",
          type: "subgraph/s",
          params: { file: "acme/z.safetensors", photo: `sha256:${"a".repeat(64)}` },
          comfyui: { values: { unet_name: "acme\\z.safetensors" }, properties: { models: [{ url }] } },
        },
        { id: "old", type: "comfyui/X", params: { "0": "acme/face.pth" } },
      ],
      links: [],
      subgraphs: [
        {
          id: "s",
          params: [
            { name: "file", node: "unet", param: "diffusionModel" },
            { name: "photo", node: "picture", param: "image" },
          ],
          nodes: [
            { id: "unet", type: "load-diffusion-model" },
            { id: "picture", type: "load-image" },
          ],
          links: [],
        },
      ],
      sweep: { axes: [{ node: "use", param: "file", values: ["acme/a.safetensors", "acme/b.safetensors"] }] },
    });
    const stripped = withoutPrivateData(nested, findDefinition);
    expect(JSON.stringify(stripped)).not.toMatch(/acme|aaaa/);
    expect(stripped).toMatchObject({
      nodes: [
        { params: { file: "z.safetensors", photo: "" }, comfyui: { properties: { models: [{ url }] } } },
        { params: { "0": "face.pth" } },
      ],
      sweep: { axes: [{ values: ["a.safetensors", "b.safetensors"] }] },
    });
  });

  test("a second time changes nothing", () => {
    expect(serializeWorkflow(withoutPrivateData(shared, findDefinition))).toBe(text);
  });

  test.each(["png", "jpeg", "webp"] as const)("a %s keeps its pixels and nothing else", async (format) => {
    const data = Uint8Array.from({ length: 32 * 24 * 3 }, (_, index) => (index * 37) % 256);
    const entries = embeddedEntries(document, "a house\nSteps: 8");
    const { bytes } = await encodePicture({ width: 32, height: 24, data }, format, 90, entries);
    expect(readEmbedded(bytes)?.workflow).toBeDefined();
    const stripped = stripMetadata(bytes)!;
    expect(readEmbedded(stripped)).toEqual({});
    expect(Buffer.from(stripped).includes("Steps")).toBe(false);
    expect(await sharp(stripped).raw().toBuffer()).toEqual(await sharp(bytes).raw().toBuffer());
    const { exif, xmp } = await sharp(stripped).metadata();
    expect([exif, xmp]).toEqual([undefined, undefined]);
    expect(stripMetadata(stripped)).toEqual(stripped);
  });

  test("a JPEG loses what phones put behind it, and what points there", async () => {
    const data = Uint8Array.from({ length: 32 * 24 * 3 }, (_, index) => (index * 37) % 256);
    const create = sharp(data, { raw: { width: 32, height: 24, channels: 3 } });
    const plain = await create.jpeg({ progressive: true }).withIccProfile("srgb").toBuffer();
    const pointer = Buffer.from([0xff, 0xe2, 0, 8, ...Buffer.from("MPF\0"), 1, 2]);
    const phone = Buffer.concat([plain.subarray(0, 2), pointer, plain.subarray(2), Buffer.from("GPS of Ann"), plain]);
    const stripped = Buffer.from(stripMetadata(phone)!);
    expect(stripped.includes("GPS of Ann")).toBe(false);
    expect(stripped.includes("MPF")).toBe(false);
    expect(stripped.length).toBeLessThanOrEqual(plain.length);
    expect((await sharp(stripped).metadata()).icc).toBeDefined();
    expect(await sharp(stripped).raw().toBuffer()).toEqual(await sharp(plain).raw().toBuffer());
    expect(stripMetadata(plain.subarray(0, plain.length - 2))).toBeUndefined();
  });

  test("what is cut off or no picture is not passed on as stripped", () => {
    expect(stripMetadata(new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]))).toBeUndefined();
    expect(stripMetadata(new TextEncoder().encode("hello"))).toBeUndefined();
    expect(stripMetadata(new Uint8Array([0xff, 0xd8, 0xff, 0xe1, 0xff, 0xff]))).toBeUndefined();
  });
});
