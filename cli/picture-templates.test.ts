import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rootMeanSquareError } from "../engine/image/difference.ts";
import { resizePicture } from "../engine/image/resize.ts";
import type { RgbImage } from "../engine/types.ts";
import type { JsonValue } from "../graph/document.ts";
import type { RunEvent } from "../graph/events.ts";
import { parseWorkflowText } from "../graph/parse.ts";
import { createLocalServices, type LocalServices } from "../server/services/local-services.ts";

const templates = fileURLToPath(new URL("../resources/templates/", import.meta.url));
/** Small, so that these tests are quick. */
const small = { "size.width": 128, "size.height": 128 };
let folder: string;
let local: LocalServices;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "heddle-templates-"));
  const folders = { home: folder, output: path.join(folder, "out"), images: path.join(folder, "images") };
  local = createLocalServices({ folders, previews: false });
});
afterAll(async () => {
  await local.dispose();
  await rm(folder, { recursive: true });
});

/**
 * Runs a template, or only what `targets` need, with params changed, as `"node.param": value`; pictures and facts by node.
 */
async function run(template: string, changes: Readonly<Record<string, JsonValue>> = {}, targets?: string[]) {
  const { document } = parseWorkflowText(await readFile(path.join(templates, `${template}.json`), "utf8"));
  for (const [key, value] of Object.entries({ ...small, ...changes })) {
    const [id, name = ""] = key.split(".");
    document.nodes.find((node) => node.id === id)!.params[name] = value;
  }
  const events: RunEvent[] = [];
  const options = { runId: "test", signal: new AbortController().signal, ...(targets && { targets }) };
  const result = await local.executor.run(document, { ...options, onEvent: (event) => events.push(event) });
  expect(result.error).toBeUndefined();
  const info: Record<string, Record<string, string | number | boolean>> = {};
  const shown: Record<string, RgbImage> = {};
  for (const event of events) {
    if (event.type !== "node-finished") continue;
    info[event.nodeId] = event.info ?? {};
    const [reference] = event.images ?? [];
    const file = reference && (reference.path ?? (await local.services.images.find(reference.hash))?.path);
    if (file !== undefined) shown[event.nodeId] = await read(file);
  }
  return { info, shown, picture: shown.save! };
}

async function read(file: string): Promise<RgbImage> {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

async function cut(image: RgbImage, left: number, top: number, side = 128): Promise<RgbImage> {
  const raw = { width: image.width, height: image.height, channels: 3 } as const;
  const region = { left, top, width: side, height: side };
  const { data } = await sharp(image.data, { raw }).extract(region).raw().toBuffer({ resolveWithObject: true });
  return { width: side, height: side, data: new Uint8Array(data) };
}

test("wildcards: the words of a seed are what is drawn, and the same each time", async () => {
  const { info, picture } = await run("wildcards", { "seed.seed": 11 });
  const words = String(info.words!.text);
  expect(words).toMatch(/^(a|three) \w+ \w+ on a [\w ]+ background$/);
  const written = await run("text-to-image", { "prompt.text": words, "sampler.seed": 11 });
  expect(rootMeanSquareError(written.picture, picture)).toBe(0);
  const others = await Promise.all([12, 13, 14].map((seed) => run("wildcards", { "seed.seed": seed }, ["words"])));
  expect(new Set([words, ...others.map((other) => other.info.words!.text)]).size).toBeGreaterThan(2);
});

test("contact sheet: each picture stands in its cell, as it is drawn alone with the seed below it", async () => {
  const { picture } = await run("contact-sheet", { "size.batch": 4, "sheet.labels": "seed" });
  const label = Math.ceil(18 * 1.6);
  expect(picture).toMatchObject({ width: 10 + 3 * 138, height: 10 + 2 * (138 + label) });
  const text = "a mountain landscape at sunset with a red house";
  const fourth = await run("text-to-image", { "prompt.text": text, "sampler.seed": 6 });
  expect(rootMeanSquareError(await cut(picture, 10, 10 + 138 + label), fourth.picture)).toBe(0);
});

test("upscale: three times as large, and reduced again nearly the picture it came from", async () => {
  const { picture } = await run("upscale", { "sharpen.amount": 0 });
  const plain = await run("text-to-image", {
    "prompt.text": "a blue house on a yellow background",
    "sampler.seed": 3,
  });
  expect(picture).toMatchObject({ width: 384, height: 384 });
  expect(rootMeanSquareError(await resizePicture(picture, 128, 128), plain.picture)).toBeLessThan(4);
  const sharpened = await run("upscale");
  expect(rootMeanSquareError(sharpened.picture, picture)).toBeGreaterThan(0.2);
});

test("seed variance: pictures of several seeds are farther apart than without, and strength 0 changes nothing", async () => {
  const seeds = [3, 4, 5];
  const results = [];
  for (const seed of seeds) results.push(await run("seed-variance", { "seed.seed": seed, "noise.strength": 4 }));
  const plain = await Promise.all(results.map(({ shown }) => cut(shown.compare!, 0, 0)));
  const varied = results.map(({ picture }) => picture);
  const spread = async (pictures: RgbImage[]) => {
    const compared = await Promise.all(pictures.map((picture) => resizePicture(picture, 32, 32)));
    const pairs = [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const;
    return pairs.reduce((sum, [a, b]) => sum + rootMeanSquareError(compared[a]!, compared[b]!) / 3, 0);
  };
  expect(await spread(varied)).toBeGreaterThan(1.3 * (await spread(plain)));
  const off = await run("seed-variance", { "noise.strength": 0 });
  // Two Samplers in a row are one, but for the rounding of the noise level between them.
  expect(rootMeanSquareError(off.picture, await cut(off.shown.compare!, 0, 0))).toBeLessThan(0.5);
});

test("hires fix: the composition of the small picture, drawn anew at twice its size", async () => {
  const { picture } = await run("hires-fix");
  const small = await run("text-to-image", {
    "prompt.text": "a mountain landscape at sunset with a red house",
    "sampler.seed": 3,
  });
  expect(picture).toMatchObject({ width: 256, height: 256 });
  const reduced = await resizePicture(picture, 128, 128);
  const other = await run("text-to-image", { "prompt.text": "a white cat on a black background", "sampler.seed": 8 });
  const distance = rootMeanSquareError(reduced, small.picture);
  expect(distance).toBeGreaterThan(2);
  expect(distance).toBeLessThan(rootMeanSquareError(other.picture, small.picture) / 2);
});

test("edges and colours: edges where the picture has them, other colours, both in their cells", async () => {
  const { picture } = await run("edges-and-colours");
  const label = Math.ceil(16 * 1.6);
  const cells = await Promise.all(
    [
      [8, 8],
      [144, 8],
      [8, 144 + label],
      [144, 144 + label],
    ].map(([left, top]) => cut(picture, left!, top!)),
  );
  const [original, edges, colours, blended] = cells as [RgbImage, RgbImage, RgbImage, RgbImage];
  const white = [...edges.data].filter((_, i) => i % 3 === 0 && edges.data[i] === 255).length;
  expect(white).toBeGreaterThan(80);
  expect(white).toBeLessThan(1500);
  for (let i = 0; i < original.data.length; i++) {
    // Screen: white stays white, black lets the other through.
    expect(Math.abs(blended.data[i]! - (edges.data[i] === 255 ? 255 : original.data[i]!))).toBeLessThanOrEqual(1);
  }
  // Blue, turned by 120 degrees, is red.
  const corner = [...colours.data.subarray(0, 3)];
  expect([...original.data.subarray(0, 3)].indexOf(Math.max(...original.data.subarray(0, 3)))).toBe(2);
  expect(corner.indexOf(Math.max(...corner))).toBe(0);
});
