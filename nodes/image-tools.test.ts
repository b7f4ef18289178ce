import { describe, expect, test } from "vitest";
import { channelNames } from "../engine/image/channels.ts";
import { blendModes } from "../engine/image/composite.ts";
import { resampleMethods } from "../engine/upscale/resample.ts";
import { findDefinition } from "./definitions.ts";
import { batchOf, evenPicture, leftMask, picturesAt, pixelAt, runNode } from "./testing/run-node.ts";
import { createTestServices } from "./testing/test-services.ts";

const red = evenPicture(8, 6, [255, 0, 0], "7");
const green = evenPicture(8, 6, [0, 200, 0], "8");
const blue = evenPicture(4, 4, [0, 0, 90]);

describe("composite-image", () => {
  test("lays the overlay through the mask, at a linked position", async () => {
    const inputs = { base: batchOf(red), overlay: batchOf(blue), mask: leftMask(4, 4, 2), x: 3 };
    const { outputs } = await runNode("composite-image", inputs, { y: 1 });
    const [result] = picturesAt(outputs);
    expect([0, 2, 3, 4, 5, 7].map((x) => pixelAt(result!, x, 2)[2])).toEqual([0, 0, 90, 90, 0, 0]);
    expect([0, 1, 4, 5].map((y) => pixelAt(result!, 3, y)[2])).toEqual([0, 90, 90, 0]);
    expect(result!.seed).toBe("7");
  });

  test("repeats the shorter batch", async () => {
    const { outputs } = await runNode("composite-image", { base: batchOf(red, green, red), overlay: batchOf(blue) });
    expect(picturesAt(outputs).map((picture) => pixelAt(picture, 7, 5))).toEqual([
      [255, 0, 0],
      [0, 200, 0],
      [255, 0, 0],
    ]);
  });
});

test.each([
  ["composite-image", "blend", blendModes],
  ["extract-channel", "channel", channelNames],
  ["upscale-image", "method", resampleMethods],
])("%s offers what the engine knows", (type, name, known) => {
  const param = findDefinition(type)?.params.find((candidate) => candidate.name === name);
  expect(param?.kind === "choice" && param.options.map(({ value }) => value)).toEqual(known);
});

test.each([
  ["right", [3, 1, 4, 2]],
  ["half", [4, 3, 2, 1]],
  ["left", [2, 4, 1, 3]],
  ["horizontal", [2, 1, 4, 3]],
  ["vertical", [3, 4, 1, 2]],
])("rotate-image: %s", async (turn, expected) => {
  const quarters = { width: 2, height: 2, data: Uint8Array.from([1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]), seed: "7" };
  const { outputs } = await runNode("rotate-image", { image: batchOf(quarters) }, { turn });
  expect([...picturesAt(outputs)[0]!.data].filter((_, i) => i % 3 === 0)).toEqual(expected);
  expect(picturesAt(outputs)[0]!.seed).toBe("7");
});

test("rotate-image: a quarter turn swaps the sides", async () => {
  const { outputs } = await runNode("rotate-image", { image: batchOf(red) }, { turn: "left" });
  expect(picturesAt(outputs)[0]).toMatchObject({ width: 6, height: 8 });
});

test("blur-image, sharpen-image, adjust-colours and invert-image keep size and seed, and use their params", async () => {
  const half = { ...red, data: Uint8Array.from(red.data, (_, i) => (Math.floor(i / 3) % 8 < 4 ? 50 : 150)) };
  const image = batchOf(half);
  const first = async (type: string, params = {}) => picturesAt((await runNode(type, { image }, params)).outputs)[0]!;
  expect(await first("blur-image", { radius: 0 })).toEqual(half);
  expect(pixelAt(await first("blur-image", { radius: 3 }), 3, 3)[0]).toBeGreaterThan(60);
  expect(pixelAt(await first("sharpen-image", { radius: 1, amount: 1 }), 3, 3)[0]).toBeLessThan(45);
  expect(pixelAt(await first("adjust-colours", { brightness: 0.5 }), 0, 0)).toEqual([25, 25, 25]);
  expect(pixelAt(await first("invert-image"), 0, 0)).toEqual([205, 205, 205]);
  expect(await first("invert-image")).toMatchObject({ width: 8, height: 6, seed: "7" });
});

describe("channels", () => {
  test("split, then merged in another order", async () => {
    const mixed = evenPicture(3, 2, [10, 20, 30], "7");
    const { outputs } = await runNode("split-channels", { image: batchOf(mixed) });
    expect(pixelAt(picturesAt(outputs, "green")[0]!, 1, 1)).toEqual([20, 20, 20]);
    const swapped = { red: outputs.blue, green: outputs.green, blue: outputs.red };
    const merged = picturesAt((await runNode("merge-channels", swapped)).outputs)[0]!;
    expect(pixelAt(merged, 2, 1)).toEqual([30, 20, 10]);
    expect(merged.seed).toBe("7");
  });

  test("merging takes pictures of one size only", async () => {
    const inputs = { red: batchOf(red), green: batchOf(green), blue: batchOf(blue) };
    await expect(runNode("merge-channels", inputs)).rejects.toMatchObject({
      code: "image-sizes-differ",
      field: "blue",
      message: expect.stringContaining("4 × 4"),
    });
  });

  test("extract-channel gives a mask from 0 to 1", async () => {
    const { outputs } = await runNode("extract-channel", { image: batchOf(green, red) }, { channel: "green" });
    expect(picturesAt(outputs).map((picture) => pixelAt(picture, 0, 0)[0])).toEqual([200, 0]);
    expect(outputs.mask).toMatchObject({ kind: "mask", width: 8, height: 6 });
    expect((outputs.mask as { values: Float32Array }).values[0]).toBeCloseTo(200 / 255, 5);
  });
});

describe("preprocess-control", () => {
  const half = { ...evenPicture(16, 12, [0, 0, 0], "7") };
  half.data.forEach((_, i) => {
    half.data[i] = Math.floor(i / 3) % 16 < 8 ? 0 : 200;
  });
  const hint = async (params: Record<string, string | number>) =>
    picturesAt((await runNode("preprocess-control", { image: batchOf(half) }, params)).outputs)[0]!;
  const row = async (params: Record<string, string | number>) => {
    const result = await hint(params);
    expect(result).toMatchObject({ width: 16, height: 12, seed: "7" });
    return Array.from({ length: 16 }, (_, x) => pixelAt(result, x, 6)[0]!);
  };

  test("canny draws the edge and nothing else", async () => {
    expect(await row({ method: "canny" })).toEqual(Array.from({ length: 16 }, (_, x) => (x === 7 ? 255 : 0)));
    expect(Math.max(...(await row({ method: "canny", low: 900, high: 1000 })))).toBe(0);
  });

  test("line art is bright on the dark side of the edge only", async () => {
    const values = await row({ method: "line-art", radius: 2 });
    expect(values[7]).toBeGreaterThan(100);
    expect(values[8]).toBe(0);
    expect(values[15]).toBe(0);
  });

  test("blur and tile lose the edge, inverted turns it around", async () => {
    expect((await row({ method: "blur", radius: 3 }))[7]).toBeGreaterThan(50);
    expect((await row({ method: "tile", factor: 4 }))[7]).toBeGreaterThan(20);
    expect(await row({ method: "inverted" })).toEqual(Array.from({ length: 16 }, (_, x) => (x < 8 ? 255 : 55)));
    const grey = await runNode("preprocess-control", { image: batchOf(green) }, { method: "greyscale" });
    expect(pixelAt(picturesAt(grey.outputs)[0]!, 0, 0)).toEqual([117, 117, 117]);
  });

  test("thresholds in the wrong order are refused", async () => {
    await expect(row({ method: "canny", low: 300 })).rejects.toMatchObject({ code: "range-reversed", field: "low" });
  });
});

test("preprocess-with-model hands the picture to the model, and swaps light and dark where asked", async () => {
  const { services, engine } = createTestServices();
  const run = (params: Record<string, string | number | boolean>) =>
    runNode("preprocess-with-model", { image: batchOf(red) }, { preprocessor: "d.onnx", ...params }, services);
  const { outputs, info } = await run({ resolution: 256 });
  expect(pixelAt(picturesAt(outputs)[0]!, 0, 0)).toEqual([0, 255, 255]);
  expect(info).toEqual({ preprocessor: "fake" });
  expect(pixelAt(picturesAt((await run({ invert: true })).outputs)[0]!, 0, 0)).toEqual([255, 0, 0]);
  expect(engine.calls).toEqual(["preprocess /models/d.onnx 256", "preprocess /models/d.onnx 512"]);
});

describe("batches", () => {
  test("combine-images keeps the order, also with a gap", async () => {
    const { outputs, info } = await runNode("combine-images", { first: batchOf(red, green), third: batchOf(blue) });
    expect(picturesAt(outputs)).toEqual([red, green, blue]);
    expect(info).toEqual({ pictures: 3 });
  });

  test.each([
    [1, 1, [red]],
    [2, 5, [green, blue]],
    [-1, 1, [blue]],
    [-3, 2, [red, green]],
  ])("pick-image from %d, %d pictures", async (position, count, expected) => {
    const { outputs } = await runNode("pick-image", { image: batchOf(red, green, blue) }, { position, count });
    expect(picturesAt(outputs)).toEqual(expected);
  });

  test.each([0, 4, -4])("pick-image finds no picture %d of three", async (position) => {
    const inputs = { image: batchOf(red, green, blue) };
    await expect(runNode("pick-image", inputs, { position })).rejects.toMatchObject({ code: "picture-not-in-batch" });
  });
});

describe("image-grid", () => {
  test("is about square, and has room for labels only where there are any", async () => {
    const image = batchOf(red, green, red, green, red);
    const plain = picturesAt((await runNode("image-grid", { image }, { labels: "none", gap: 2 })).outputs)[0]!;
    expect(plain).toMatchObject({ width: 3 * 10 + 2, height: 2 * 8 + 2 });
    expect(pixelAt(plain, 12, 2)).toEqual([0, 200, 0]);
    const seeds = picturesAt((await runNode("image-grid", { image }, { gap: 2, fontSize: 10 })).outputs)[0]!;
    expect(seeds.height).toBe(plain.height + 2 * 16);
    const own = { gap: 2, labels: "text", labelText: "\n\n" };
    expect(picturesAt((await runNode("image-grid", { image }, own)).outputs)[0]).toEqual(plain);
    const linked = picturesAt((await runNode("image-grid", { image, labelText: "one" }, { gap: 2 })).outputs)[0]!;
    expect(linked.height).toBe(plain.height + 2 * 26);
  });

  test("refuses what is no colour, and sheets that nothing can open", async () => {
    const run = (params: Record<string, string | number>, width = 8) =>
      runNode("image-grid", { image: batchOf(red, evenPicture(width, 1, [0, 0, 0])) }, params);
    await expect(run({ background: "#12345g" })).rejects.toMatchObject({ code: "colour-invalid", field: "background" });
    await expect(run({ columns: 2 }, 9000)).rejects.toMatchObject({ code: "picture-too-large", field: "columns" });
  });
});

describe("compare-images", () => {
  test("shows both, joins them side by side and says how far apart they are", async () => {
    const { outputs, info, shown } = await runNode("compare-images", { first: batchOf(red), second: batchOf(green) });
    const [joined] = picturesAt(outputs);
    expect(joined).toMatchObject({ width: 8 + 8 + 8, height: 6 });
    expect(pixelAt(joined!, 0, 0)).toEqual([255, 0, 0]);
    expect(pixelAt(joined!, 16, 0)).toEqual([0, 200, 0]);
    const rmse = Math.sqrt((255 ** 2 + 200 ** 2) / 3);
    expect(info.rmse).toBeCloseTo(rmse, 2);
    expect(info.psnr).toBe(`${(20 * Math.log10(255 / rmse)).toFixed(2)} dB`);
    expect(shown).toMatchObject([
      { width: 8, height: 6 },
      { width: 8, height: 6 },
    ]);
  });

  test("says so when nothing differs, and nothing of sizes that differ", async () => {
    const same = await runNode("compare-images", { first: batchOf(red), second: batchOf(red) });
    expect(same.info.difference).toContain("identical");
    expect((await runNode("compare-images", { first: batchOf(red), second: batchOf(blue) })).info).toEqual({});
  });
});
