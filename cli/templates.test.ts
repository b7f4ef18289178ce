import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import type { WorkflowDocument } from "../graph/document.ts";
import type { RunEvent } from "../graph/events.ts";
import { parseWorkflowText } from "../graph/parse.ts";
import { workflow } from "../graph/testing/workflows.ts";
import { validateWorkflow } from "../graph/validate.ts";
import { parseImageValue } from "../graph/values.ts";
import { findDefinition } from "../nodes/definitions.ts";
import { createLocalServices, type LocalServices } from "../server/services/local-services.ts";
import { encodeSafetensors, pseudoRandom, randomTensor } from "../test/support/encode-safetensors.ts";
import { applySettings } from "./settings.ts";

const resources = fileURLToPath(new URL("../resources/", import.meta.url));
const golden = fileURLToPath(new URL("../test/golden/models", import.meta.url));
// Each test draws several pictures, on whatever machine there is.
vi.setConfig({ testTimeout: 120_000 });

let folder: string;
let local: LocalServices;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "heddle-templates-"));
  const folders = {
    output: path.join(folder, "out"),
    images: path.join(folder, "images"),
    models: [path.join(folder, "models"), golden],
  };
  local = createLocalServices({ folders, previews: false });
});
afterAll(async () => {
  await local.dispose();
  await rm(folder, { recursive: true });
});

interface Pixels {
  width: number;
  height: number;
  /** Uint8Array [height, width, 3]. */
  data: Uint8Array;
}

interface TemplateRun {
  /** What the Save Image node saved, or (with several) what each did, by id. */
  picture: Pixels;
  saved: Record<string, Pixels>;
  info: Record<string, Record<string, string | number | boolean>>;
  sessionsCreated: number;
}

/** Runs a document on the real engine. */
async function runDocument(document: WorkflowDocument): Promise<TemplateRun> {
  const events: RunEvent[] = [];
  const finished = await local.executor.run(document, {
    runId: "test",
    signal: new AbortController().signal,
    onEvent: (event) => events.push(event),
  });
  expect(finished.error).toBeUndefined();
  const saved: Record<string, Pixels> = {};
  const info: TemplateRun["info"] = {};
  for (const event of events) {
    if (event.type !== "node-finished") continue;
    info[event.nodeId] = event.info ?? {};
    const file = event.images?.[0]?.path;
    if (file !== undefined) saved[event.nodeId] = await pixelsOf(file);
  }
  return { picture: Object.values(saved)[0]!, saved, info, sessionsCreated: finished.sessionsCreated };
}

async function run(template: string, settings: readonly string[] = []): Promise<TemplateRun> {
  const { document, repairs } = parseWorkflowText(
    await readFile(path.join(resources, "templates", `${template}.json`), "utf8"),
  );
  expect(repairs).toEqual([]);
  const takePicture = () => Promise.reject(new Error("these tests give no pictures"));
  return runDocument(await applySettings(document, settings, findDefinition, takePicture));
}

async function pixelsOf(file: string): Promise<Pixels> {
  const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

/** The picture that a template starts from. */
async function inputOf(template: string): Promise<Pixels> {
  const document = JSON.parse(await readFile(path.join(resources, "templates", `${template}.json`), "utf8"));
  const { image } = document.nodes.find(({ id }: { id: string }) => id === "load").params;
  return pixelsOf(path.join(resources, "templates", "pictures", `${image.slice("sha256:".length)}.webp`));
}

const colorAt = ({ width, data }: Pixels, x: number, y: number) => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];

/** Mean of the channels' differences, 0 to 255, over the pixels that `counts` says. */
function difference(a: Pixels, b: Pixels, counts: (x: number, y: number) => boolean = () => true): number {
  let sum = 0;
  let count = 0;
  for (let y = 0; y < Math.min(a.height, b.height); y++) {
    for (let x = 0; x < Math.min(a.width, b.width); x++) {
      if (!counts(x, y)) continue;
      const [before, after] = [colorAt(a, x, y), colorAt(b, x, y)];
      for (const [i, channel] of before.entries()) sum += Math.abs(channel - after[i]!);
      count += 3;
    }
  }
  return sum / count;
}

const brightness = ({ data }: Pixels) => data.reduce((sum, value) => sum + value, 0) / data.length;

test("every template is valid, and the pictures that it starts from come with the program", async () => {
  const files = (await readdir(path.join(resources, "templates"))).filter((file) => file.endsWith(".json"));
  for (const file of files) {
    const { document, repairs } = parseWorkflowText(await readFile(path.join(resources, "templates", file), "utf8"));
    expect([...repairs, ...validateWorkflow(document, findDefinition)], file).toEqual([]);
    for (const { type, params } of document.nodes) {
      if (type !== "load-image") continue;
      expect(await local.services.images.read(parseImageValue(params.image)!), file).toBeDefined();
    }
  }
});

describe("LoRA", () => {
  const small = ["size.width=128", "size.height=128", "sampler.steps=4"];

  test("restyles the picture, says how much of it was applied, and is exactly off at 0", async () => {
    const full = await run("lora", small);
    expect(full.info.lora).toMatchObject({ keys: expect.stringMatching(/^(\d+) of \1 keys applied$/) });
    const zero = await run("lora", [...small, "lora.weight=0"]);
    expect(zero.sessionsCreated).toBe(0);
    const off = await run("lora", [...small, "lora.enabled=false"]);
    expect(difference(zero.picture, off.picture)).toBe(0);
    expect(brightness(full.picture)).toBeLessThan(0.6 * brightness(off.picture));
    const plain = await run("text-to-image", [...small, "prompt.text=a purple butterfly on a white background"]);
    expect(difference(off.picture, plain.picture)).toBe(0);
  });

  test("three weights side by side, with one model loaded", async () => {
    const settings = ["off", "half", "full"].map((id) => `sampler-${id}.steps=4`);
    const { saved, sessionsCreated } = await run("lora-compare", ["size.width=128", "size.height=128", ...settings]);
    expect(sessionsCreated).toBe(0);
    const [off, half, full] = ["off", "half", "full"].map((id) => saved[`save-${id}`]!);
    const plain = await run("text-to-image", [...small, "prompt.text=a purple butterfly on a white background"]);
    expect(difference(off!, plain.picture)).toBe(0);
    expect(difference(off!, half!)).toBeGreaterThan(3);
    expect(difference(off!, full!)).toBeGreaterThan(difference(off!, half!));
  });
});

test("a LoRA of the text encoder alone changes what the prompt means", async () => {
  const random = pseudoRandom(7);
  const layer = "text_encoder.model.layers.0.mlp.down_proj";
  const config = path.join(resources, "starter-model/base/text_encoder/config.json");
  const { intermediate_size, hidden_size } = z
    .object({ intermediate_size: z.int(), hidden_size: z.int() })
    .parse(JSON.parse(await readFile(config, "utf8")));
  const tensors = {
    [`${layer}.lora_A.weight`]: randomTensor(random, 4, intermediate_size),
    [`${layer}.lora_B.weight`]: randomTensor(random, hidden_size, 4),
  };
  await mkdir(path.join(folder, "models"));
  await writeFile(path.join(folder, "models", "words.safetensors"), encodeSafetensors(tensors));
  const settings = ["size.width=128", "size.height=128", "sampler.steps=2", "lora.lora=words.safetensors"];
  const changed = await run("lora", settings);
  expect(changed.info.lora).toMatchObject({ keys: "2 of 2 keys applied" });
  const off = await run("lora", [...settings, "lora.weight=0"]);
  expect(difference(changed.picture, off.picture)).toBeGreaterThan(1);
});

describe("image to image", () => {
  test("strength 0 gives the picture back, to the pixel; 1 ignores it; between, less of it stays the higher it is", async () => {
    const untouched = await run("image-to-image", ["sampler.denoise=0"]);
    expect(difference(untouched.picture, await inputOf("image-to-image"))).toBe(0);
    const small = ["resize.width=128", "resize.height=128", "sampler.steps=4"];
    const at = async (denoise: number) =>
      (await run("image-to-image", [...small, `sampler.denoise=${denoise}`])).picture;
    const plain = await run("text-to-image", [
      ...["size.width=128", "size.height=128", "sampler.steps=4"],
      "prompt.text=a mountain landscape at night with a yellow house",
    ]);
    expect(difference(await at(1), plain.picture)).toBe(0);
    const original = await at(0);
    const [little, more] = [difference(await at(0.25), original), difference(await at(0.75), original)];
    expect(little).toBeGreaterThan(1);
    expect(more).toBeGreaterThan(2 * little);
  });
});

describe("inpaint", () => {
  test("paints the masked part anew, and leaves the rest as it was, to the pixel", async () => {
    const input = await inputOf("inpaint");
    const { picture } = await run("inpaint");
    // The ellipse of the template around its middle at 100, 36, grown by 4 pixels and softened by about 4.
    const isNear = (x: number, y: number) => ((x - 100) / 50) ** 2 + ((y - 36) / 42) ** 2 < 1;
    expect(difference(picture, input, (x, y) => !isNear(x, y))).toBe(0);
    const [red, green] = colorAt(picture, 118, 40);
    expect(green).toBeGreaterThan(red! + 60);
    expect(difference(picture, input, (x, y) => ((x - 118) / 20) ** 2 + ((y - 40) / 16) ** 2 < 1)).toBeGreaterThan(30);
  });

  test("with a mask that is nowhere white nothing changes", async () => {
    const { picture } = await run("inpaint", ["mask.left=4000", "soft.grow=0", "soft.blur=0", "sampler.steps=2"]);
    expect(difference(picture, await inputOf("inpaint"))).toBe(0);
  });
});

test("inpaint, zoomed in: a small part is drawn at the model's size and put back where it was", async () => {
  const input = await inputOf("inpaint-zoom");
  const { picture, info } = await run("inpaint-zoom", ["sampler.steps=4"]);
  expect(info.crop).toMatchObject({ left: 0, top: 0, width: 80, height: 96 });
  expect(info.enlarge).toEqual({ width: 208, height: 256 });
  const isMasked = (x: number, y: number) => ((x + 0.5 - 32) / 16) ** 2 + ((y + 0.5 - 42) / 18) ** 2 <= 1;
  expect(difference(picture, input, (x, y) => !isMasked(x, y))).toBe(0);
  expect(difference(picture, input, isMasked)).toBeGreaterThan(10);
});

describe("outpaint", () => {
  test("keeps the picture to the pixel, and continues its background into the new part", async () => {
    const input = await inputOf("outpaint");
    const { picture } = await run("outpaint");
    expect([picture.width, picture.height]).toEqual([256, 192]);
    expect(difference(picture, input, (x) => x < 192 - 24)).toBe(0);
    // Sky and sand go on: each row of the new part is nearer to that row of the picture than to the rows of other heights.
    const column = (x: number, y: number) => colorAt(picture, x, y);
    const apart = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / 3;
    let [same, other] = [0, 0];
    for (let y = 0; y < 192; y += 4) {
      same += apart(column(220, y), column(150, y));
      other += apart(column(220, y), column(150, (y + 96) % 192));
    }
    expect(same).toBeLessThan(0.4 * other);
    // And no seam shows: what lies to both sides of the old edge differs little.
    expect(apart(column(191, 150), column(192, 150))).toBeLessThan(12);
    const drawnOut = await run("outpaint", ["sampler.denoise=0"]);
    expect(difference(picture, drawnOut.picture, (x) => x >= 192)).toBeGreaterThan(1);
  });
});

describe("the Sampler's step range", () => {
  test("two Samplers that share the steps draw what one draws", async () => {
    const whole = await run("text-to-image", ["size.width=128", "size.height=128", "sampler.steps=6"]);
    const { document } = parseWorkflowText(
      await readFile(path.join(resources, "templates", "text-to-image.json"), "utf8"),
    );
    const node = (id: string) => document.nodes.find((candidate) => candidate.id === id)!;
    Object.assign(node("size").params, { width: 128, height: 128 });
    const first = node("sampler");
    const second = structuredClone(first);
    Object.assign(first.params, { steps: 6, endStep: 3, finish: false });
    Object.assign(second, { id: "second" });
    Object.assign(second.params, { steps: 6, startStep: 3, addNoise: false });
    const copies = document.links
      .filter(({ to }) => to.node === "sampler" && to.port !== "latent")
      .map((link) => ({ ...link, id: `second ${link.id}`, to: { ...link.to, node: "second" } }));
    const decode = document.links.find(({ from }) => from.node === "sampler")!;
    decode.from = { node: "second", port: "latent" };
    const between = {
      id: "between",
      from: { node: "sampler", port: "latent" },
      to: { node: "second", port: "latent" },
    };
    document.nodes.push(second);
    document.links.push(...copies, between);
    const split = await runDocument(document);
    expect(difference(split.picture, whole.picture)).toBeLessThan(0.02);
    first.params.finish = true;
    second.mode = "bypassed";
    expect(difference((await runDocument(document)).picture, whole.picture)).toBeGreaterThan(1);
  });
});

type Nodes = Record<string, { type?: string } & Record<string, unknown>>;

/** Nodes by id with their params, of the type that `type` says, or else the id. */
function assemble(nodes: Nodes, links: string[]): WorkflowDocument {
  const entries = Object.entries(nodes).map(([id, { type = id, ...params }]) => [id, [type, { params }]] as const);
  return workflow(Object.fromEntries(entries) as Parameters<typeof workflow>[0], links);
}

const drawing = {
  prompt: { text: "a red circle on a blue background" },
  "image-size": { preset: "custom", width: 128, height: 128 },
  sampler: { seed: 5, steps: 4 },
  "vae-decode": {},
  "save-image": {},
};
const drawingLinks = [
  "prompt.conditioning > sampler.positive",
  "image-size.latent > sampler.latent",
  "sampler.latent > vae-decode.latent",
  "vae-decode.image > save-image.image",
];

test("parts of a model that are loaded one by one draw what the whole draws", async () => {
  const whole = assemble({ "load-model": {}, ...drawing }, [
    ...drawingLinks,
    "load-model.model > sampler.model",
    "load-model.textEncoder > prompt.textEncoder",
    "load-model.vae > vae-decode.vae",
  ]);
  const parts = assemble({ "load-diffusion-model": {}, "load-text-encoder": {}, "load-vae": {}, ...drawing }, [
    ...drawingLinks,
    "load-diffusion-model.model > sampler.model",
    "load-text-encoder.textEncoder > prompt.textEncoder",
    "load-vae.vae > vae-decode.vae",
  ]);
  const run = await runDocument(parts);
  expect(difference(run.picture, (await runDocument(whole)).picture)).toBe(0);
  expect(run.info["load-diffusion-model"]).toMatchObject({ variant: "turbo", model: "Z-Image Turbo" });
  expect(run.info["load-vae"]?.vae).toContain("VAE");
});

test("a shift of one's own, a zeroed and an averaged conditioning each draw something else", async () => {
  const loader = ["load-model.textEncoder > prompt.textEncoder", "load-model.vae > vae-decode.vae"];
  const model = "load-model.model > sampler.model";
  const draw = (nodes: Record<string, Record<string, unknown>>, links: string[]) =>
    runDocument(assemble({ "load-model": {}, ...drawing, ...nodes }, [...loader, ...links]));
  const plain = await draw({}, [...drawingLinks, model]);
  const shifted = (shift: number) =>
    draw({ "model-sampling": { shift } }, [
      ...drawingLinks,
      "load-model.model > model-sampling.model",
      "model-sampling.model > sampler.model",
    ]);
  expect(difference((await shifted(3)).picture, plain.picture)).toBe(0);
  expect(difference((await shifted(12)).picture, plain.picture)).toBeGreaterThan(1);

  const afterPrompt = drawingLinks.slice(1);
  const averaged = (share: number) =>
    draw(
      { other: { type: "prompt", text: "a desert at dawn with a purple balloon" }, "conditioning-average": { share } },
      [
        ...afterPrompt,
        model,
        "load-model.textEncoder > other.textEncoder",
        "prompt.conditioning > conditioning-average.first",
        "other.conditioning > conditioning-average.second",
        "conditioning-average.conditioning > sampler.positive",
      ],
    );
  expect(difference((await averaged(1)).picture, plain.picture)).toBe(0);
  expect(difference((await averaged(0.3)).picture, plain.picture)).toBeGreaterThan(3);

  const zeroed = await draw({ "conditioning-zero": {} }, [
    ...afterPrompt,
    model,
    "prompt.conditioning > conditioning-zero.conditioning",
    "conditioning-zero.conditioning > sampler.positive",
  ]);
  expect(difference(zeroed.picture, plain.picture)).toBeGreaterThan(3);
});

test("a ControlNet steers the picture by its strength and in its part of the steps", async () => {
  const controlled = (params: Record<string, unknown>) =>
    runDocument(
      assemble(
        {
          "load-model": { checkpoint: "model_bf16" },
          "load-controlnet": { controlNet: "controlnet_v1" },
          "load-image": hint,
          "apply-controlnet": params,
          ...drawing,
        },
        [
          ...drawingLinks,
          "load-model.textEncoder > prompt.textEncoder",
          "load-model.vae > vae-decode.vae",
          "load-model.model > apply-controlnet.model",
          "load-controlnet.controlNet > apply-controlnet.controlNet",
          "load-image.image > apply-controlnet.image",
          "load-model.vae > apply-controlnet.vae",
          "apply-controlnet.model > sampler.model",
        ],
      ),
    );
  const square = await sharp({ create: { width: 200, height: 120, channels: 3, background: "white" } })
    .png()
    .toBuffer();
  const { hash } = await local.services.images.keep(square, { width: 200, height: 120, mimeType: "image/png" });
  const hint = { image: `sha256:${hash}` };
  const off = await controlled({ strength: 0 });
  expect(off.info["load-controlnet"]).toMatchObject({ channels: 16 });
  const full = await controlled({ strength: 2 });
  expect(difference(full.picture, off.picture)).toBeGreaterThan(0.5);
  expect(difference((await controlled({ strength: 2, start: 1 })).picture, off.picture)).toBe(0);
  const half = difference((await controlled({ strength: 2, start: 0.5 })).picture, off.picture);
  expect(half).toBeGreaterThan(0);
  expect(half).not.toBe(difference(full.picture, off.picture));
});
