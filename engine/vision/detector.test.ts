import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { colourBlobDetector } from "../../test/support/colour-blob-detector.ts";
import { GraphBuilder } from "../onnx/graph-builder.ts";
import { SessionPool } from "../runtime/session-pool.ts";
import type { RgbImage } from "../types.ts";
import { type Detector, openYoloDetector } from "./detector.ts";

const pool = new SessionPool({ memoryBudgetBytes: 1e9, threads: 1 });
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-detector-"));
});
afterAll(async () => {
  await pool.dispose();
  await rm(folder, { recursive: true });
});

let count = 0;
async function detector(model: Uint8Array, file?: unknown): Promise<Detector> {
  const path = join(folder, `d${count++}.onnx`);
  await writeFile(path, model);
  if (file !== undefined) await writeFile(path.replace(/onnx$/, "json"), JSON.stringify(file));
  return openYoloDetector(path, pool);
}

/** Grey, with red squares: [left, top, side]. */
function picture(width: number, height: number, ...squares: [number, number, number][]): RgbImage {
  const data = new Uint8Array(width * height * 3).fill(100);
  for (const [left, top, side] of squares) {
    for (let y = top; y < top + side; y++) {
      for (let x = left; x < left + side; x++) data.set([255, 0, 0], (y * width + x) * 3);
    }
  }
  return { width, height, data };
}

describe("a YOLO", () => {
  test("finds things where they are in a wide picture that was letterboxed, best first", async () => {
    const it = await detector(colourBlobDetector());
    // 256 x 128 becomes 128 x 64 with 32 rows of grey above and below: a cell is 32 pixels wide.
    const found = await it.detect(picture(256, 128, [32, 32, 32], [192, 64, 32]), 0.9);
    expect(found).toHaveLength(2);
    const middles = found.map(({ left, top, width, height }) => [left + width / 2, top + height / 2]);
    expect(middles).toContainEqual([expect.closeTo(48, 1), expect.closeTo(48, 1)]);
    // 96 pixels around its middle, cut at the lower edge of the picture.
    expect(found.find(({ left }) => left > 100)).toMatchObject({
      left: 160,
      top: 32,
      width: 96,
      height: 96,
      label: "0",
    });
    expect(it.facts).toEqual({ detector: expect.stringMatching(/^d\d+\.onnx$/) });
  });

  test("finds nothing in grey, and everything at confidence 0 but what lies outside the picture", async () => {
    const it = await detector(colourBlobDetector());
    expect(await it.detect(picture(64, 64), 0.5)).toEqual([]);
    const all = await it.detect(picture(256, 64, [0, 0, 16]), 0);
    expect(all.length).toBeGreaterThan(4);
    for (const { left, top, width, height } of all) {
      expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
      expect(left + width).toBeLessThanOrEqual(256);
      expect(top + height).toBeLessThanOrEqual(64);
    }
  });

  test("takes names, and which of them count, from the file beside it", async () => {
    const red = picture(128, 128, [32, 32, 16]);
    const named = await detector(colourBlobDetector(), { labels: ["face"], find: ["face"] });
    expect(await named.detect(red, 0.5)).toMatchObject([{ label: "face", left: 16, top: 16 }]);
    const others = await detector(colourBlobDetector(), { labels: ["cat", "face"], find: ["face"] });
    await expect(others.detect(red, 0.5)).rejects.toMatchObject({ code: "detector-form" });
    const wrong = detector(colourBlobDetector(), { labels: ["face"], find: ["cat"] });
    await expect(wrong).rejects.toMatchObject({ code: "sidecar-invalid", message: expect.stringContaining('"cat"') });
  });

  test("a model of another form is said to be one", async () => {
    const graph = new GraphBuilder("no yolo");
    const pixels = graph.input("images", "float32", [1, 3, 32, 32]);
    graph.output("mean", graph.op("ReduceMean", [pixels, graph.ints([2, 3])], { keepdims: 0 }), "float32", [1, 3]);
    const it = await detector(graph.build().encode());
    await expect(it.detect(picture(8, 8), 0.5)).rejects.toMatchObject({
      code: "detector-form",
      message: expect.stringContaining("its output is float32 [1, 3]"),
    });
  });
});
