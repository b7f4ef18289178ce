import path from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { rootMeanSquareError } from "../engine/image/difference.ts";
import type { RgbImage } from "../engine/types.ts";
import { openTemplateRunner } from "../test/support/run-template.ts";

// Each test draws several pictures, on whatever machine there is.
vi.setConfig({ testTimeout: 120_000 });

let templates: Awaited<ReturnType<typeof openTemplateRunner>>;
beforeAll(async () => {
  templates = await openTemplateRunner();
});
afterAll(() => templates.close());

/** Decibels; 99 for pictures that are the same. */
function psnr(a: RgbImage, b: RgbImage): number {
  const error = rootMeanSquareError(a, b);
  return error === 0 ? 99 : 20 * Math.log10(255 / error);
}

/** What a template saves, and what its Sampler says. */
async function draw(template: string, changes: Parameters<typeof templates.run>[1] = {}) {
  const { pictures, info } = await templates.run(template, changes);
  return { picture: pictures.save![0]!, facts: info.sampler! };
}

test("accelerated: fewer block runs, as the Sampler says, for nearly the same picture", async () => {
  const steps = 12;
  const with_ = (changes: object) => draw("accelerated", { "sampler.steps": steps, ...changes });
  const plain = await with_({ "accelerate.preset": "none" });
  expect(plain.facts).not.toHaveProperty("blockRuns");
  const regular = await with_({});
  const { blockRuns, skippedBlockRuns } = regular.facts as Record<string, number>;
  // 7 main layers, two passes a step.
  expect(blockRuns! + skippedBlockRuns!).toBe(7 * 2 * steps);
  expect(skippedBlockRuns).toBeGreaterThan(0.3 * 7 * 2 * steps);
  expect(psnr(regular.picture, plain.picture)).toBeGreaterThan(33);
  expect(psnr(regular.picture, plain.picture)).toBeLessThan(99);
  const high = await with_({ "accelerate.preset": "high" });
  expect(high.facts.skippedBlockRuns).toBeGreaterThan(skippedBlockRuns!);
  expect(psnr(high.picture, plain.picture)).toBeLessThan(psnr(regular.picture, plain.picture));
});

test.each([
  ["first-block", "firstBlockThreshold", 6],
  ["dual-block", "dualBlockThreshold", 5],
])(
  "accelerated by hand, %s: only within its steps, and not more in a row than allowed",
  async (method, limit, middle) => {
    const steps = 8;
    const params = {
      preset: "custom",
      method,
      [limit]: 1,
      range: "steps",
      startStep: 2,
      endStep: 6,
      maxConsecutive: 2,
    };
    const changes = Object.fromEntries(Object.entries(params).map(([name, value]) => [`accelerate.${name}`, value]));
    const { facts } = await draw("accelerated", { ...changes, "sampler.steps": steps, "sampler.guidance": 1 });
    // Steps 2 and 3 reuse, 4 runs in full, 5 reuses.
    expect(facts).toMatchObject({ skippedBlockRuns: 3 * middle, blockRuns: 7 * steps - 3 * middle });
  },
);

/** Mean difference of two columns, or of two rows. */
function apart({ width, height, data }: RgbImage, axis: "columns" | "rows", a: number, b: number): number {
  const length = axis === "columns" ? height : width;
  const at = (i: number, j: number) => (axis === "columns" ? j * width + i : i * width + j) * 3;
  let sum = 0;
  for (let j = 0; j < length; j++) {
    for (let c = 0; c < 3; c++) sum += Math.abs(data[at(a, j) + c]! - data[at(b, j) + c]!);
  }
  return sum / (3 * length);
}

/** How much the two opposite sides differ, as a multiple of what neighbouring columns (or rows) differ on average. */
function seam(picture: RgbImage, axis: "columns" | "rows"): number {
  const count = axis === "columns" ? picture.width : picture.height;
  let inner = 0;
  for (let i = 1; i < count; i++) inner += apart(picture, axis, i - 1, i) / (count - 1);
  return apart(picture, axis, 0, count - 1) / inner;
}

const hills = "green hills on a sunny day with a yellow house";

test("seamless: opposite sides match better than neighbouring columns and rows do on average", async () => {
  const changes = {
    "prompt.text": hills,
    "model.checkpoint": "starter/turbo",
    "sampler.steps": 8,
    "sampler.guidance": 1,
  };
  const { picture } = await draw("seamless", changes);
  expect(seam(picture, "columns")).toBeLessThan(1);
  expect(seam(picture, "rows")).toBeLessThan(1);
  const edged = (await draw("seamless", { ...changes, "seamless.mode": "none" })).picture;
  expect(seam(edged, "columns")).toBeGreaterThan(2);
  expect(seam(edged, "rows")).toBeGreaterThan(5);
  const panorama = (await draw("seamless", { ...changes, "seamless.mode": "horizontal" })).picture;
  expect(seam(panorama, "columns")).toBeLessThan(1);
  expect(seam(panorama, "rows")).toBeGreaterThan(5);
});

test("seamless: the template's picture, laid out twice each way, shows no seam; nor does a wide one drawn in tiles", async () => {
  const { pictures } = await templates.run("seamless");
  const [picture, laid] = [pictures.save![0]!, pictures.preview![0]!];
  expect([laid.width, laid.height]).toEqual([2 * picture.width, 2 * picture.height]);
  for (const axis of ["columns", "rows"] as const) expect(seam(picture, axis)).toBeLessThan(1.5);
  const tiled = { "size.width": 192, "seamless.tileSize": 16, "seamless.tileStride": 8, "sampler.steps": 6 };
  const wide = (await draw("seamless", { ...tiled, "prompt.text": hills })).picture;
  expect(seam(wide, "columns")).toBeLessThan(2);
});

describe("LoRA", () => {
  const quick = { "sampler.steps": 4 };

  test("weights compared: each of one with each of the other, in one run", async () => {
    const changes = { ...quick, "neon-weights.values": "0, 1", "ink-weights.values": "0, 1" };
    const { pictures } = await templates.run("lora-weights", changes);
    const sheet = pictures.save![0]!;
    expect(sheet.width).toBeGreaterThan(2 * 128);
    expect(sheet.height).toBeGreaterThan(2 * 128);
    const one = await templates.run("lora-weights", {
      ...changes,
      "neon-weights.values": "0",
      "ink-weights.values": "0",
    });
    const plain = await templates.run("text-to-image", {
      ...{ ...quick, "prompt.text": "a purple butterfly on a white background" },
    });
    // The cell of the weights 0 and 0 is the picture without any LoRA, to the pixel.
    expect(holds(one.pictures.save![0]!, plain.pictures.save![0]!)).toBe(true);
    expect(holds(sheet, plain.pictures.save![0]!)).toBe(true);
  });

  test("lab: merged, resized, inspected, applied by block and step, and saved as a file that does the same", async () => {
    const changes = { ...quick, "apply.blocks": "", "apply.schedule": "", "keep.type": "F32" };
    const lab = await templates.run("lora-lab", changes, { active: ["keep"] });
    expect(lab.info.inspect).toMatchObject({
      format: expect.stringMatching(/2 LoRAs merged \(TIES\), resized, rank 16/),
    });
    const file = path.join(templates.models, "loras", "neon-and-ink.safetensors");
    expect(lab.info.keep).toMatchObject({ file });
    const applied = lab.pictures.save![0]!;
    const { pictures: again } = await templates.run("lora", {
      ...{
        ...quick,
        "size.width": 128,
        "size.height": 128,
        "sampler.seed": 3,
        "lora.lora": "neon-and-ink.safetensors",
      },
      "prompt.text": "a purple butterfly on a white background",
    });
    expect(rootMeanSquareError(again.save![0]!, applied)).toBeLessThan(0.5);
    // And it never overwrites: the next one gets another name.
    const next = await templates.run("lora-lab", { ...changes, "resize.rank": 8 }, { active: ["keep"] });
    expect(next.info.keep).toMatchObject({ file: file.replace(".safetensors", "-2.safetensors") });
    const off = await templates.run("lora-lab", { ...changes, "apply.weight": 0 });
    const faded = await templates.run("lora-lab", { ...changes, "apply.schedule": "0: 0, 0.5: 0, 0.5: 1" });
    const blocked = await templates.run("lora-lab", {
      ...changes,
      "apply.blocks": "layers: 0\nnoise_refiner: 0\ncontext_refiner: 0",
    });
    const apart = (run: typeof lab) => rootMeanSquareError(run.pictures.save![0]!, off.pictures.save![0]!);
    expect(apart(lab)).toBeGreaterThan(10);
    expect(apart(faded)).toBeGreaterThan(1);
    expect(apart(faded)).toBeLessThan(0.8 * apart(lab));
    expect(apart(blocked)).toBe(0);
  });
});

/** Whether a picture is a part of another, pixel for pixel. */
function holds(sheet: RgbImage, part: RgbImage): boolean {
  for (let top = 0; top + part.height <= sheet.height; top++) {
    for (let left = 0; left + part.width <= sheet.width; left++) {
      let same = true;
      for (let y = 0; same && y < part.height; y++) {
        const from = ((top + y) * sheet.width + left) * 3;
        const row = part.data.subarray(y * part.width * 3, (y + 1) * part.width * 3);
        same = row.every((value, i) => value === sheet.data[from + i]);
      }
      if (same) return true;
    }
  }
  return false;
}
