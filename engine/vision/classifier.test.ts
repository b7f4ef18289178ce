import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GraphBuilder } from "../onnx/graph-builder.ts";
import { SessionPool } from "../runtime/session-pool.ts";
import type { RgbImage } from "../types.ts";
import { Classifier } from "./classifier.ts";

const pool = new SessionPool({ memoryBudgetBytes: 1e9, threads: 1 });
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-onnx-"));
});
afterAll(async () => {
  await pool.dispose();
  await rm(folder, { recursive: true });
});

/** Logits of the mean colour: how much more red than blue, and the other way round. */
function meanColourLogistic(layout: "nchw" | "nhwc", side: number | string): Uint8Array {
  const graph = new GraphBuilder("mean colour");
  const shape = layout === "nchw" ? [1, 3, side, side] : [1, side, side, 3];
  const pixels = graph.input("pixels", "float32", shape);
  const mean = graph.op("ReduceMean", [pixels, graph.ints(layout === "nchw" ? [2, 3] : [1, 2])], { keepdims: 0 });
  const logits = graph.op("MatMul", [mean, graph.floats([4, -4, 0, 0, -4, 4], [3, 2])]);
  graph.output("logits", logits, "float32", [1, 2]);
  return graph.build().encode();
}

let count = 0;
async function classifier(file: unknown, model = meanColourLogistic("nchw", 8)): Promise<Classifier> {
  const path = join(folder, `c${count++}.onnx`);
  await writeFile(path, model);
  if (file !== undefined) await writeFile(path.replace(/onnx$/, "json"), JSON.stringify(file));
  return Classifier.open(path, pool);
}

const plain = (red: number, green: number, blue: number, width = 20, height = 30): RgbImage => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => [red, green, blue][i % 3]!),
});
const file = { labels: ["warm", "cold"], unsafe: { warm: 0.6 } };
const softmax = (logit: number) => 1 / (1 + Math.exp(-2 * logit));

describe("a classifier", () => {
  test("gives the probabilities of its labels, and those that pass their thresholds", async () => {
    const it = await classifier(file);
    const red = await it.classify(plain(255, 0, 51));
    expect(red.scores.warm).toBeCloseTo(softmax(4 * (1 - 0.2)), 5);
    expect(red.scores.cold).toBeCloseTo(1 - softmax(4 * (1 - 0.2)), 5);
    expect(red.unsafe).toEqual(["warm"]);
    const violet = await it.classify(plain(140, 0, 128));
    expect(violet.scores.warm).toBeCloseTo(softmax((4 * 12) / 255), 5);
    expect(violet.unsafe).toEqual([]);
    expect(it.facts).toEqual({ classifier: expect.stringMatching(/^c\d+\.onnx$/), labels: 2 });
  });

  test("prepares pictures as its file says: range, mean, deviation, order of colours", async () => {
    const input = { range: [0, 255], mean: [100, 0, 40], std: [10, 1, 20] };
    const { scores } = await (await classifier({ ...file, input })).classify(plain(110, 77, 60));
    // Red is one deviation above its mean, and so is blue.
    expect(scores.warm).toBeCloseTo(0.5, 5);
    const bgr = await (await classifier({ ...file, input: { colour: "bgr" } })).classify(plain(255, 0, 51));
    expect(bgr.scores.cold).toBeCloseTo(softmax(4 * (1 - 0.2)), 5);
  });

  test("tells the layout from the model, and the size of a free one from its file", async () => {
    const nhwc = await classifier(file, meanColourLogistic("nhwc", 8));
    expect((await nhwc.classify(plain(255, 0, 51))).scores.warm).toBeCloseTo(softmax(3.2), 5);
    const free = await classifier({ ...file, input: { width: 4, height: 4 } }, meanColourLogistic("nchw", "side"));
    expect((await free.classify(plain(255, 0, 51))).scores.warm).toBeCloseTo(softmax(3.2), 5);
    const wrong = await classifier({ ...file, input: { width: 4 } });
    await expect(wrong.classify(plain(1, 2, 3))).rejects.toMatchObject({ code: "onnx-size" });
  });

  test("crops or pads where it must not stretch", async () => {
    const half = plain(255, 0, 0, 16, 8);
    for (let i = 0; i < half.data.length; i += 3) {
      // Red only in the outer quarters, which cropping to a square leaves out.
      const x = (i / 3) % 16;
      if (x >= 4 && x < 12) half.data.set([0, 0, 255], i);
    }
    const warmth = async (fit: string) =>
      (await (await classifier({ ...file, input: { fit } })).classify(half)).scores.warm!;
    expect(await warmth("stretch")).toBeCloseTo(0.5, 1);
    expect(await warmth("crop")).toBeLessThan(0.05);
    expect(await warmth("pad")).toBeCloseTo(0.5, 1);
  });

  test("independent labels have scores of their own", async () => {
    const it = await classifier({ ...file, activation: "sigmoid", unsafe: { warm: 0.9, cold: 0.01 } });
    const { scores, unsafe } = await it.classify(plain(255, 0, 51));
    expect(scores.warm).toBeCloseTo(1 / (1 + Math.exp(-3.2)), 5);
    expect(scores.cold).toBeCloseTo(1 / (1 + Math.exp(3.2)), 5);
    expect(unsafe).toEqual(["warm", "cold"]);
  });

  test.each<[string, unknown, string, string]>([
    ["no file beside it", undefined, "classifier-unlabelled", "c"],
    [
      "a label that is none",
      { ...file, unsafe: { hot: 0.5 } },
      "sidecar-invalid",
      '"hot" in unsafe is none of the labels',
    ],
    ["an unknown field", { ...file, treshold: 1 }, "sidecar-invalid", "treshold"],
    ["a deviation of 0", { ...file, input: { std: 0 } }, "sidecar-invalid", "std cannot be 0"],
  ])("%s is said", async (_what, content, code, part) => {
    await expect(classifier(content)).rejects.toMatchObject({ code, message: expect.stringContaining(part) });
  });

  test("another number of outputs than labels is said", async () => {
    const it = await classifier({ labels: ["a", "b", "c"], unsafe: {} });
    await expect(it.classify(plain(1, 2, 3))).rejects.toMatchObject({
      code: "onnx-form",
      message: expect.stringContaining("gives float32 [1, 2] where 3 scores are expected"),
    });
  });
});
