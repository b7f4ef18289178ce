import { writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { pseudoRandom } from "../../test/support/encode-safetensors.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { TorchGenerator } from "../sampling/noise.ts";
import { encodeSafetensorsFile, floatToHalf } from "../weights/encode-safetensors.ts";
import { halfToFloat } from "../weights/float-formats.ts";
import { readFloats } from "../weights/read-tensor.ts";
import { readSafetensorsHeader } from "../weights/safetensors.ts";
import { encodeLora } from "./encode-lora.ts";
import { inspectionLines, inspectLora } from "./inspect-lora.ts";
import type { LoraPart, LoraUpdate } from "./lora-types.ts";
import { agreed, mergedPart, trimmed } from "./merge-loras.ts";
import { parseLora } from "./parse-lora.ts";
import { fullDelta, resizedPart } from "./resize-lora.ts";

const modules = new Map([
  ["layers.0.attention.to_q", { inFeatures: 6, outFeatures: 5 }],
  ["layers.1.attention.to_q", { inFeatures: 6, outFeatures: 5 }],
]);

/** One that changes the given modules by pairs of that rank. */
function lora(rank: number, seed: bigint, names: readonly string[] = [...modules.keys()]): LoraPart {
  const generator = new TorchGenerator(seed);
  const updates = names.map((name): [string, LoraUpdate] => {
    const size = modules.get(name)!;
    const [down, up] = [generator.randn(rank * size.inFeatures), generator.randn(rank * size.outFeatures)];
    return [name, { kind: "low-rank", ...size, rank, down, up }];
  });
  return { updates: new Map(updates), biasDiffs: new Map() };
}

const deltaOf = async (part: LoraPart, module = "layers.0.attention.to_q") => fullDelta(part.updates.get(module)!);
const largestDifference = (a: Float32Array, b: Float32Array) =>
  a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);

describe("merging", () => {
  const [a, b] = [lora(2, 1n), lora(3, 2n, ["layers.0.attention.to_q"])];
  const items = [
    { part: a, weight: 0.5 },
    { part: b, weight: -2 },
  ];

  test("the sum is each change times its weight, still a pair of narrow matrices", async () => {
    const merged = mergedPart(items, { method: "sum", density: 1 });
    const [first, second] = [await deltaOf(a), await deltaOf(b)];
    const expected = first.map((value, i) => 0.5 * value - 2 * second[i]!);
    expect(largestDifference(await deltaOf(merged), expected)).toBeLessThan(1e-5);
    expect(merged.updates.get("layers.0.attention.to_q")).toMatchObject({ kind: "low-rank", rank: 5 });
    expect(merged.updates.get("layers.1.attention.to_q")).toMatchObject({ kind: "low-rank", rank: 2 });
  });

  test("the average is as strong as one", async () => {
    const twice = [
      { part: a, weight: 1 },
      { part: a, weight: 1 },
    ];
    const merged = mergedPart(twice, { method: "average", density: 1 });
    expect(largestDifference(await deltaOf(merged), await deltaOf(a))).toBeLessThan(1e-5);
  });

  test("TIES trims, elects a direction, and averages what agrees", () => {
    expect([...trimmed(Float32Array.of(1, -4, 2, 0.5), 0.5)]).toEqual([0, -4, 2, 0]);
    expect([...trimmed(Float32Array.of(1, 2), 0)]).toEqual([0, 0]);
    expect([...trimmed(Float32Array.of(1, -2, 3), 0.6)]).toEqual([0, 0, 3]);
    const deltas = [Float32Array.of(3, -1, 0, 2), Float32Array.of(1, 4, 0, -2), Float32Array.of(-2, 2, 0, 0)];
    // 3 + 1 - 2 > 0: the mean of 3 and 1. 4 + 2 - 1 > 0: the mean of 4 and 2. Nothing. Undecided counts as upwards.
    expect([...agreed(deltas)]).toEqual([2, 3, 0, 2]);
  });

  test("TIES of one LoRA at full density is that LoRA", async () => {
    const merged = mergedPart([{ part: a, weight: 1 }], { method: "ties", density: 1 });
    expect(largestDifference(await deltaOf(merged), await deltaOf(a))).toBe(0);
  });

  test("of nothing is refused", () => {
    const nothing = () => mergedPart([{ part: a, weight: 0 }], { method: "sum", density: 1 });
    expect(nothing).toThrow(expect.objectContaining({ code: "lora-merge-empty" }));
  });
});

test("resized, a LoRA of redundant rank loses nothing, and one of full changes becomes a pair", async () => {
  const a = lora(2, 3n);
  const redundant = mergedPart(
    [
      { part: a, weight: 1 },
      { part: a, weight: 1 },
    ],
    { method: "average", density: 1 },
  );
  const resized = await resizedPart(redundant, { rank: 2 });
  expect(resized.updates.get("layers.0.attention.to_q")).toMatchObject({ kind: "low-rank", rank: 2 });
  expect(largestDifference(await deltaOf(resized), await deltaOf(a))).toBeLessThan(1e-5);
  const full = mergedPart([{ part: a, weight: 1 }], { method: "ties", density: 1 });
  expect(largestDifference(await deltaOf(await resizedPart(full, { rank: 2 })), await deltaOf(a))).toBeLessThan(1e-4);
});

describe("saving", () => {
  test.each([
    ["F32", 0],
    ["BF16", 0.02],
    ["F16", 0.003],
  ] as const)("%s is read back as it was, every key applied", async (type, error) => {
    const folder = await temporaryFolder();
    const file = path.join(folder.path, "saved.safetensors");
    const part = { ...lora(2, 4n), biasDiffs: new Map([["layers.0.attention.to_q", Float32Array.of(1, 2, 3, 4, 5)]]) };
    await writeFile(file, await encodeLora(part, type, { "modelspec.title": "Mine" }));
    const read = await parseLora(await readSafetensorsHeader(file), modules);
    expect(read.report).toMatchObject({ applied: 5, total: 5, unapplied: [] });
    expect(read.metadata).toMatchObject({ title: "Mine", rank: 2 });
    expect(largestDifference(await deltaOf(read), await deltaOf(part))).toBeLessThanOrEqual(error * 10);
    expect([...read.biasDiffs.get("layers.0.attention.to_q")!]).toEqual([1, 2, 3, 4, 5]);
  });

  test("changes in full are saved in full", async () => {
    const folder = await temporaryFolder();
    const file = path.join(folder.path, "saved.safetensors");
    const part = mergedPart([{ part: lora(2, 5n), weight: 1 }], { method: "ties", density: 0.5 });
    await writeFile(file, await encodeLora(part, "F32", {}));
    const read = await parseLora(await readSafetensorsHeader(file), modules);
    expect(largestDifference(await deltaOf(read), await deltaOf(part))).toBe(0);
  });

  test("half precision rounds to the nearest, ties to even, with its smallest and largest numbers", () => {
    const random = pseudoRandom(1);
    for (let i = 0; i < 2000; i++) {
      const half = Math.floor((random() + 1) * 0x8000) & 0xffff;
      const value = halfToFloat(half);
      if (Number.isFinite(value) && value !== 0) expect(floatToHalf(value)).toBe(half);
    }
    expect([1 + 2 ** -11, 1 + 3 * 2 ** -11, 65519, 65520, -(2 ** -25), 1.5 * 2 ** -24].map(floatToHalf)).toEqual([
      ...[0x3c00, 0x3c02, 0x7bff, 0x7c00, 0x8000, 0x0002],
    ]);
  });

  test("data begin at a multiple of 8, as the format wants", async () => {
    const folder = await temporaryFolder();
    for (const name of ["a", "ab", "abc"]) {
      const file = path.join(folder.path, name);
      const values = Float32Array.of(1.5, -2);
      await writeFile(file, encodeSafetensorsFile(new Map([[name, { shape: [2], values }]]), "F32", {}));
      const { tensors } = await readSafetensorsHeader(file);
      expect(tensors.get(name)!.offset % 8).toBe(0);
      expect(await readFloats(tensors.get(name)!)).toEqual(values);
    }
  });
});

test("the inspector tells blocks, ranks and how strong each is", async () => {
  const part = lora(2, 6n);
  const report = { applied: 4, total: 5, unapplied: ["x"], duplicates: [], fullRank: [], notes: ["Odd."] };
  const inspection = await inspectLora({
    ...part,
    ...{ report, format: "PEFT LoRA", metadata: { triggerWords: ["neon"], frequentTags: [], rank: 2, alpha: 1 } },
    textEncoder: { updates: new Map(), biasDiffs: new Map() },
  });
  expect(inspection).toMatchObject({ rank: 2, alpha: 1, applied: 4, total: 5, targets: ["attention.to_q"] });
  expect(inspection.blocks.map(({ block, layers, ranks }) => [block, layers, ranks])).toEqual([
    ["layers.0", 1, [2]],
    ["layers.1", 1, [2]],
  ]);
  const norm = Math.sqrt((await deltaOf(part)).reduce((sum, value) => sum + value * value, 0));
  expect(inspection.blocks[0]!.norm).toBeCloseTo(norm, 4);
  const text = inspectionLines(inspection).join("\n");
  for (const shown of ["4 of 5 applied", "Not applied: x", "Odd.", "neon", "layers.1", "rank 2, alpha 1"]) {
    expect(text).toContain(shown);
  }
});
