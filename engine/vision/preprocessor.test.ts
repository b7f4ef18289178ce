import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GraphBuilder, type Value } from "../onnx/graph-builder.ts";
import { SessionPool } from "../runtime/session-pool.ts";
import type { RgbImage } from "../types.ts";
import { Preprocessor } from "./preprocessor.ts";

const pool = new SessionPool({ memoryBudgetBytes: 1e9, threads: 1 });
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-preprocessor-"));
});
afterAll(async () => {
  await pool.dispose();
  await rm(folder, { recursive: true });
});

let count = 0;
async function preprocessor(model: Uint8Array, file?: unknown): Promise<Preprocessor> {
  const path = join(folder, `p${count++}.onnx`);
  await writeFile(path, model);
  if (file !== undefined) await writeFile(path.replace(/onnx$/, "json"), JSON.stringify(file));
  return Preprocessor.open(path, pool);
}

type Make = (graph: GraphBuilder, pixels: Value) => Value;

function model(make: Make, input: readonly (number | string)[], output: readonly (number | string)[]): Uint8Array {
  const graph = new GraphBuilder("preprocessor");
  const pixels = graph.input("pixels", "float32", input);
  graph.output("made", make(graph, pixels), "float32", output);
  return graph.build().encode();
}

/** "Depth": ten times the mean of the channels, from far away. */
const depth: Make = (graph, pixels) => {
  const mean = graph.op("ReduceMean", [pixels, graph.ints([1])], { keepdims: 0 });
  return graph.op("Add", [graph.op("Mul", [mean, graph.scalar(10)]), graph.scalar(-3)]);
};
const freeDepth = () => model(depth, [1, 3, "h", "w"], [1, "h", "w"]);

/** From black on the left to white on the right. */
const ramp = (width: number, height: number): RgbImage => ({
  ...{ width, height, seed: "9" },
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) =>
    Math.round((255 * (Math.floor(i / 3) % width)) / (width - 1)),
  ),
});
const row = ({ data, width, height }: RgbImage, channel = 0) =>
  Array.from({ length: width }, (_, x) => data[(Math.floor(height / 2) * width + x) * 3 + channel]!);

describe("a preprocessor", () => {
  test("gives a picture of the same size, stretched from the nearest to the farthest", async () => {
    const it = await preprocessor(freeDepth());
    const made = await it.run(ramp(96, 64), 64);
    expect(made).toMatchObject({ width: 96, height: 64, seed: "9" });
    for (const [x, value] of row(made).entries()) expect(Math.abs(value - (255 * x) / 95)).toBeLessThan(3);
    expect(row(made, 2)).toEqual(row(made, 0));
  });

  test("runs a free model at the resolution asked for, on the grid of its file", async () => {
    const sized: Make = (graph, pixels) => {
      const shape = graph.op("Cast", [graph.op("Shape", [pixels])], { to: 1 });
      const [, , height, width] = graph.ops("Split", [shape], 4, { axis: 0, num_outputs: 4 });
      const sum = graph.op("Add", [width, graph.op("Mul", [height, graph.scalar(1 / 1000)])]);
      return graph.op("Add", [graph.op("Mul", [pixels, graph.scalar(0)]), sum]);
    };
    const bytes = model(sized, [1, 3, "h", "w"], [1, 3, "h", "w"]);
    const fits = async (multipleOf: number | undefined, range: [number, number]) => {
      const it = await preprocessor(bytes, { input: { multipleOf }, output: { range } });
      return row(await it.run(ramp(90, 60), 56))[0]!;
    };
    // 84 x 56 in multiples of 14, 96 x 64 in multiples of 32: width + height / 1000 is where the range begins.
    expect(await fits(14, [84.056, 85])).toBe(0);
    expect(await fits(14, [83.556, 84.056])).toBe(255);
    expect(await fits(undefined, [96.064, 97])).toBe(0);
    expect(await fits(undefined, [95.564, 96.064])).toBe(255);
  });

  test("prepares pictures and reads the result as its file says", async () => {
    const file = { input: { mean: [0.5, 0.5, 0.5], std: 0.5 }, output: { range: [-13, 7] } };
    const made = await (await preprocessor(freeDepth(), file)).run(ramp(64, 64), 64);
    for (const [x, value] of row(made).entries()) expect(Math.abs(value - (255 * x) / 63)).toBeLessThan(3);
    const backwards = { output: { range: [7, -3] } };
    expect(row(await (await preprocessor(freeDepth(), backwards)).run(ramp(64, 64), 64))[0]).toBe(255);
  });

  test("knows colour from 0 to 1, from -1 to 1 and from 0 to 255, and either layout", async () => {
    const scaled =
      (factor: number, offset: number): Make =>
      (graph, pixels) =>
        graph.op("Add", [graph.op("Mul", [pixels, graph.scalar(factor)]), graph.scalar(offset)]);
    const red: RgbImage = {
      ...{ width: 32, height: 32 },
      data: Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => [255, 0, 102][i % 3]!),
    };
    const colour = async (make: Make, file?: unknown) => {
      const shape = [1, 3, 32, 32];
      const { data } = await (await preprocessor(model(make, shape, shape), file)).run(red, 32);
      return [...data.subarray(0, 3)];
    };
    expect(await colour(scaled(1, 0))).toEqual([255, 0, 102]);
    expect(await colour(scaled(2, -1))).toEqual([255, 0, 102]);
    expect(await colour(scaled(255, 0))).toEqual([255, 0, 102]);
    expect(await colour(scaled(1, 0), { output: { colour: "bgr" } })).toEqual([102, 0, 255]);
    const nhwc = await preprocessor(model(scaled(1, 0), [1, 32, 32, 3], [1, 32, 32, 3]));
    expect([...(await nhwc.run(red, 32)).data.subarray(0, 3)]).toEqual([255, 0, 102]);
  });

  test("values that are no numbers are an error and no black picture", async () => {
    // The logarithm of a negative number, and of zero.
    const offsets = { nan: -2, infinite: 0 };
    for (const offset of Object.values(offsets)) {
      const broken: Make = (graph, pixels) =>
        graph.op("Log", [graph.op("Add", [depth(graph, pixels), graph.scalar(3 + offset)])]);
      const it = await preprocessor(model(broken, [1, 3, "h", "w"], [1, "h", "w"]));
      await expect(it.run(ramp(64, 64), 64)).rejects.toMatchObject({ code: "onnx-not-finite" });
      const ranged = await preprocessor(model(broken, [1, 3, "h", "w"], [1, "h", "w"]), { output: { range: [0, 1] } });
      await expect(ranged.run(ramp(64, 64), 64)).rejects.toMatchObject({ code: "onnx-not-finite" });
    }
  });

  test("a model that gives no picture is said to be one", async () => {
    const mean: Make = (graph, pixels) => graph.op("ReduceMean", [pixels, graph.ints([2, 3])], { keepdims: 0 });
    const it = await preprocessor(model(mean, [1, 3, 32, 32], [1, 3]));
    await expect(it.run(ramp(32, 32), 32)).rejects.toMatchObject({
      code: "onnx-form",
      message: expect.stringContaining("it gives float32 [1, 3], and no picture"),
    });
  });
});
