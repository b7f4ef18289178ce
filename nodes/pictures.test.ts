import { describe, expect, test } from "vitest";
import type { ImageBatch, PictureMask } from "../engine/types.ts";
import type { ParamValues } from "../graph/execution/runner.ts";
import { runNode as run } from "./testing/run-node.ts";

/** A picture whose pixels tell where they are: red is x, green is y. */
function picture(width: number, height: number, blue = 0): ImageBatch {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set([x, y, blue], (y * width + x) * 3);
  }
  return { kind: "image", items: [{ width, height, data, seed: "7" }] };
}

function pixel(image: unknown, x: number, y: number): number[] {
  const { width, data } = (image as ImageBatch).items[0]!;
  return [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
}

/** A mask drawn with characters: `.` is 0, `#` is 1, `+` is 0.5. */
function mask(...rows: string[]): PictureMask {
  const values = Float32Array.from(rows.join(""), (character) => ({ "#": 1, "+": 0.5 })[character] ?? 0);
  return { kind: "mask", width: rows[0]!.length, height: rows.length, values };
}

function drawn(value: unknown): string[] {
  const { width, height, values } = value as PictureMask;
  const characters = [...values].map((share) => (share > 0.75 ? "#" : share > 0.25 ? "+" : "."));
  return Array.from({ length: height }, (_, y) => characters.slice(y * width, (y + 1) * width).join(""));
}

const size = (image: unknown) => {
  const { width, height } = (image as ImageBatch).items[0]!;
  return [width, height];
};

describe("Pad Image", () => {
  test("adds to the sides, draws the edges out, and marks what is new", async () => {
    const { outputs } = await run("pad-image", { image: picture(32, 16) }, { left: 16, top: 0, right: 0, bottom: 16 });
    expect(outputs).toMatchObject({ width: 48, height: 32 });
    expect(pixel(outputs.image, 16, 0)).toEqual([0, 0, 0]);
    expect(pixel(outputs.image, 16 + 31, 15)).toEqual([31, 15, 0]);
    expect(pixel(outputs.image, 3, 9)).toEqual([0, 9, 0]);
    expect(pixel(outputs.image, 20, 30)).toEqual([4, 15, 0]);
    const { values } = outputs.mask as PictureMask;
    expect(values.reduce((sum, value) => sum + value, 0)).toBe(48 * 32 - 32 * 16);
    expect([values[15], values[16], values[15 * 48 + 20], values[16 * 48 + 20]]).toEqual([1, 0, 0, 1]);
    expect((outputs.image as ImageBatch).items[0]!.seed).toBe("7");
  });

  test("feathers into the picture, from padded sides only", async () => {
    const { outputs } = await run("pad-image", { image: picture(32, 16) }, { left: 16, right: 0, feather: 8 });
    const row = [...(outputs.mask as PictureMask).values.subarray(0, 48)];
    expect(row.slice(14, 18)).toEqual([1, 1, 1, expect.closeTo((7 / 8) ** 2)]);
    expect(row[16 + 4]).toBeCloseTo(0.25);
    expect(row.slice(24)).toEqual(new Array(24).fill(0));
  });

  test("mirrors, or stays grey", async () => {
    const inputs = { image: picture(32, 16) };
    const mirrored = await run("pad-image", inputs, { right: 16, fill: "mirror" });
    expect(pixel(mirrored.outputs.image, 32, 5)).toEqual([31, 5, 0]);
    expect(pixel(mirrored.outputs.image, 34, 5)).toEqual([29, 5, 0]);
    const grey = await run("pad-image", inputs, { right: 16, fill: "grey" });
    expect(pixel(grey.outputs.image, 40, 5)).toEqual([128, 128, 128]);
  });

  test("refuses sizes that no machine has memory for", async () => {
    const image = picture(8000, 16);
    await expect(run("pad-image", { image }, { right: 2048 })).rejects.toMatchObject({ code: "picture-too-large" });
  });
});

describe("Resize Image", () => {
  const inputs = { image: picture(200, 100) };
  const target = { width: 64, height: 64 };

  test("fill crops around the part to keep", async () => {
    const { outputs } = await run("resize-image", inputs, target);
    expect(size(outputs.image)).toEqual([64, 64]);
    expect(pixel(outputs.image, 32, 32)[0]).toBeCloseTo(101, -1);
    const left = await run("resize-image", inputs, { ...target, position: "left" });
    expect(pixel(left.outputs.image, 32, 32)[0]).toBeCloseTo(51, -1);
    expect(drawn(outputs.mask).join("")).not.toContain("#");
  });

  test("fit adds bars, and marks them", async () => {
    const { outputs } = await run("resize-image", inputs, { ...target, mode: "fit", bars: "white" });
    expect(pixel(outputs.image, 32, 2)).toEqual([255, 255, 255]);
    expect(pixel(outputs.image, 32, 32)[0]).toBeCloseTo(101, -1);
    const rows = drawn(outputs.mask);
    expect(rows.filter((row) => row === "#".repeat(64))).toHaveLength(32);
    expect(rows[32]).toBe(".".repeat(64));
  });

  test("stretch keeps every edge", async () => {
    const { outputs } = await run("resize-image", inputs, { ...target, mode: "stretch" });
    expect(size(outputs.image)).toEqual([64, 64]);
    expect(pixel(outputs.image, 0, 32)[0]).toBeLessThan(5);
    expect(pixel(outputs.image, 63, 32)[0]).toBeGreaterThan(194);
  });

  test("keep shape comes near the size, in multiples of 16", async () => {
    const { outputs, info } = await run("resize-image", { image: picture(300, 200) }, { ...target, mode: "inside" });
    expect(outputs).toMatchObject({ width: 64, height: 48 });
    expect(info).toEqual({ width: 64, height: 48 });
  });

  test("a mask goes the same way", async () => {
    const half = { kind: "mask", width: 200, height: 100, values: new Float32Array(20_000).fill(1, 0, 10_000) };
    const { outputs } = await run("resize-image", { ...inputs, mask: half }, target);
    const rows = drawn(outputs.mask);
    expect(rows).toHaveLength(64);
    expect([rows[0], rows[63]]).toEqual(["#".repeat(64), ".".repeat(64)]);
  });
});

describe("Crop Image", () => {
  test("cuts out picture and mask", async () => {
    const cut = { left: 8, top: 4, width: 16, height: 8 };
    const given = mask("........####", "............");
    const { outputs, warnings } = await run("crop-image", { image: picture(24, 16), mask: given }, cut);
    expect(size(outputs.image)).toEqual([16, 8]);
    expect(pixel(outputs.image, 0, 0)).toEqual([8, 4, 0]);
    expect(drawn(outputs.mask)).toHaveLength(8);
    expect(warnings).toEqual([]);
  });

  test("says when the rectangle is larger than what is there, or all outside", async () => {
    const { outputs, warnings } = await run("crop-image", { image: picture(24, 16) }, { left: 16, height: 16 });
    expect(size(outputs.image)).toEqual([8, 16]);
    expect(warnings).toMatchObject([{ code: "crop-clipped", field: "width" }]);
    await expect(run("crop-image", { image: picture(24, 16) }, { top: 16 })).rejects.toMatchObject({
      code: "crop-outside",
    });
  });
});

describe("Crop to Mask", () => {
  const marked = (x: number, y: number, width: number, height: number): PictureMask => ({
    ...{ kind: "mask", width: 200, height: 100 },
    values: Float32Array.from({ length: 20_000 }, (_, i) => {
      const [column, row] = [i % 200, Math.floor(i / 200)];
      return column >= x && column < x + width && row >= y && row < y + height ? 1 : 0;
    }),
  });
  const crop = async (mask: PictureMask, margin: number) =>
    (await run("crop-to-mask", { image: picture(200, 100), mask }, { margin })).outputs;

  test("cuts the masked part out with its margin, in multiples of 16, and says where it lay", async () => {
    const outputs = await crop(marked(100, 40, 20, 8), 10);
    expect(outputs).toMatchObject({ left: 86, top: 28, width: 48, height: 32 });
    expect(size(outputs.image)).toEqual([48, 32]);
    expect(pixel(outputs.image, 0, 0)).toEqual([86, 28, 0]);
    expect(drawn(outputs.mask)[12]).toBe(".".repeat(14) + "#".repeat(20) + ".".repeat(14));
  });

  test("stays within the picture", async () => {
    expect(await crop(marked(190, 0, 10, 10), 30)).toMatchObject({ left: 152, top: 0, width: 48, height: 48 });
    expect(await crop(marked(0, 0, 200, 100), 0)).toMatchObject({ left: 0, top: 0, width: 200, height: 100 });
  });

  test("refuses a mask that marks nothing", async () => {
    await expect(crop(marked(0, 0, 0, 0), 32)).rejects.toMatchObject({ code: "mask-empty" });
  });
});

describe("masks", () => {
  test("Shape Mask draws a rectangle or an ellipse", async () => {
    const place = { left: 1, top: 1, width: 4, height: 3, maskWidth: 16, maskHeight: 16 };
    const rectangle = await run("shape-mask", {}, place);
    expect(
      drawn(rectangle.outputs.mask)
        .slice(0, 5)
        .map((row) => row.slice(0, 6)),
    ).toEqual(["......", ".####.", ".####.", ".####.", "......"]);
    const ellipse = await run("shape-mask", { image: picture(6, 5) }, { ...place, shape: "ellipse" });
    expect(drawn(ellipse.outputs.mask)).toEqual(["......", "..##..", ".####.", "..##..", "......"]);
  });

  test("Image to Mask by brightness, channel and colour", async () => {
    const image: ImageBatch = {
      kind: "image",
      items: [{ width: 4, height: 1, data: Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0, 255, 250, 8, 3) }],
    };
    const of = async (params: ParamValues) => drawn((await run("image-to-mask", { image }, params)).outputs.mask)[0];
    expect(await of({})).toBe("#...");
    expect(await of({ threshold: 1 })).toBe("#...");
    expect(await of({ source: "red" })).toBe("##.#");
    expect(await of({ source: "blue" })).toBe("#.#.");
    expect(await of({ source: "color", color: "#ff0000", tolerance: 0.05 })).toBe(".#.#");
    expect(await of({ source: "color", color: "#ff0000", tolerance: 0 })).toBe(".#..");
    const grey = (await run("image-to-mask", { image }, { cut: false })).outputs.mask as PictureMask;
    expect(grey.values[1]).toBeCloseTo(0.2126);
    await expect(of({ source: "color", color: "crimson" })).rejects.toMatchObject({ code: "color-unreadable" });
  });

  test("Adjust Mask inverts, grows in a disc, shrinks, and softens", async () => {
    const dot = mask(
      ".........",
      ".........",
      ".........",
      ".........",
      "....#....",
      ".........",
      ".........",
      ".........",
      ".........",
    );
    const of = async (params: ParamValues) => (await run("adjust-mask", { mask: dot }, params)).outputs.mask;
    const grown = await of({ grow: 3 });
    expect(drawn(grown)).toEqual([
      ".........",
      "....#....",
      "..#####..",
      "..#####..",
      ".#######.",
      "..#####..",
      "..#####..",
      "....#....",
      ".........",
    ]);
    const back = await run("adjust-mask", { mask: grown }, { grow: -3 });
    expect(drawn(back.outputs.mask)).toEqual(drawn(dot));
    expect(drawn(await of({ invert: true }))[4]).toBe("####.####");
    const soft = (await of({ grow: 2, blur: 2 })) as PictureMask;
    const row = [...soft.values.subarray(36, 45)];
    expect(row[4]).toBeGreaterThan(0.7);
    expect(row[2]).toBeGreaterThan(row[1]!);
    expect(row[1]).toBeGreaterThan(0.02);
    expect(row[2]).toBeLessThan(0.9);
  });

  test("Combine Masks", async () => {
    const [first, second] = [mask("##..", "##.."), mask(".##.", ".##.")];
    const of = async (operation: string) =>
      drawn((await run("combine-masks", { first, second }, { operation })).outputs.mask)[0];
    expect(await of("either")).toBe("###.");
    expect(await of("both")).toBe(".#..");
    expect(await of("difference")).toBe("#...");
    const small = await run("combine-masks", { first, second: mask("#") }, { operation: "both" });
    expect(drawn(small.outputs.mask)[0]).toBe("##..");
  });

  test("Mask to Image", async () => {
    const { outputs } = await run("mask-to-image", { mask: mask("#.+") });
    expect([...(outputs.image as ImageBatch).items[0]!.data]).toEqual([255, 255, 255, 0, 0, 0, 128, 128, 128]);
  });
});
