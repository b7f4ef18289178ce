import { describe, expect, test } from "vitest";
import type { RgbImage } from "../types.ts";
import { adjustColours } from "./adjust-colours.ts";
import { extractChannel, invertPicture, mergeChannels } from "./channels.ts";
import { compositePictures } from "./composite.ts";
import { contactSheet, sideBySide } from "./contact-sheet.ts";
import { greyPicture, greyPlane } from "./grey.ts";
import { escapeXml } from "./label.ts";
import { lineArt } from "./line-art.ts";
import { blurPicture, sharpenPicture } from "./sharpen.ts";

const unchanged = { brightness: 1, contrast: 1, saturation: 1, hue: 0, gamma: 1 };
const over = { x: 0, y: 0, blend: "over", opacity: 1 } as const;

function even(width: number, height: number, ...rgb: [number, number, number]): RgbImage {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => rgb[i % 3]!);
  return { width, height, data, seed: "7" };
}

function pixel({ data, width }: RgbImage, x: number, y: number): number[] {
  return [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
}

/** Every value from 0 to 255 somewhere. */
const varied: RgbImage = { width: 16, height: 16, data: Uint8Array.from({ length: 768 }, (_, i) => (i * 37) % 256) };

describe("adjustColours", () => {
  test("changes nothing when everything is left alone", () => {
    expect(adjustColours(varied, unchanged)).toEqual(varied);
  });

  test.each<[string, number, [number, number, number], number[]]>([
    ["brightness", 0.5, [50, 100, 26], [25, 50, 13]],
    ["contrast", 0, [50, 100, 25], [128, 128, 128]],
    ["contrast", 2, [50, 100, 150], [0, 73, 173]],
    ["saturation", 0, [255, 0, 0], [54, 54, 54]],
    ["hue", 180, [255, 0, 0], [0, 109, 109]],
    ["hue", 360, [12, 200, 99], [12, 200, 99]],
    ["gamma", 2, [64, 0, 255], [128, 0, 255]],
  ])("%s %d", (name, value, from, to) => {
    expect(pixel(adjustColours(even(1, 1, ...from), { ...unchanged, [name]: value }), 0, 0)).toEqual(to);
  });
});

describe("channels", () => {
  test("what is split comes together again", () => {
    const [red, green, blue] = (["red", "green", "blue"] as const).map((name) => extractChannel(varied, name));
    expect(mergeChannels(red!, green!, blue!)).toEqual(varied);
  });

  test("saturation and value are those of HSV, luminance that of BT.601", () => {
    const one = even(1, 1, 200, 100, 50);
    expect(extractChannel(one, "saturation").values[0]).toBeCloseTo(255 * 0.75, 3);
    expect(extractChannel(one, "value").values[0]).toBe(200);
    expect(extractChannel(one, "luminance").values[0]).toBeCloseTo(0.299 * 200 + 0.587 * 100 + 0.114 * 50, 3);
    expect(pixel(greyPicture(greyPlane(one), one), 0, 0)).toEqual([124, 124, 124]);
  });

  test("inverting twice gives the picture back", () => {
    expect(pixel(invertPicture(even(1, 1, 0, 10, 255)), 0, 0)).toEqual([255, 245, 0]);
    expect(invertPicture(invertPicture(varied))).toEqual(varied);
  });
});

describe("compositePictures", () => {
  const base = { ...varied, seed: "7" };
  const red = even(4, 4, 255, 0, 0);

  test("lies where it is put, and the rest stays as it is", async () => {
    const result = await compositePictures(base, red, { ...over, x: 3, y: 5 });
    for (let y = 0; y < 16; y++) {
      for (let x = 0; x < 16; x++) {
        const covered = x >= 3 && x < 7 && y >= 5 && y < 9;
        expect(pixel(result, x, y)).toEqual(covered ? [255, 0, 0] : pixel(base, x, y));
      }
    }
    expect(result.seed).toBe("7");
  });

  test("what sticks out is cut off, what lies outside changes nothing", async () => {
    const result = await compositePictures(base, red, { ...over, x: -2, y: 14 });
    expect(pixel(result, 1, 15)).toEqual([255, 0, 0]);
    expect(pixel(result, 2, 15)).toEqual(pixel(base, 2, 15));
    expect(await compositePictures(base, red, { ...over, x: 16, y: 0 })).toEqual(base);
  });

  test("a mask and the opacity say how much of it shows", async () => {
    const mask = { kind: "mask" as const, width: 4, height: 4, values: new Float32Array(16) };
    mask.values[0] = 1;
    mask.values[1] = 0.5;
    const grey = even(16, 16, 100, 100, 100);
    const result = await compositePictures(grey, red, { ...over, mask });
    expect(pixel(result, 0, 0)).toEqual([255, 0, 0]);
    expect(pixel(result, 1, 0)[0]).toBeGreaterThan(170);
    expect(pixel(result, 1, 0)[0]).toBeLessThan(185);
    expect(pixel(result, 2, 0)).toEqual([100, 100, 100]);
    expect(pixel(await compositePictures(grey, red, { ...over, opacity: 0 }), 0, 0)).toEqual([100, 100, 100]);
  });

  test.each([
    ["multiply", [20, 0, 51]],
    ["screen", [131, 200, 255]],
    ["darken", [51, 0, 51]],
    ["lighten", [100, 200, 255]],
    ["difference", [49, 200, 204]],
    ["add", [151, 200, 255]],
  ] as const)("blends by %s", async (blend, expected) => {
    const [bottom, top] = [even(2, 2, 100, 200, 51), even(2, 2, 51, 0, 255)];
    const blended = pixel(await compositePictures(bottom, top, { ...over, blend }), 0, 0);
    for (const [i, value] of expected.entries()) expect(Math.abs(blended[i]! - value)).toBeLessThanOrEqual(1);
  });
});

describe("blur and sharpen", () => {
  const step: RgbImage = {
    width: 16,
    height: 4,
    data: Uint8Array.from({ length: 192 }, (_, i) => (Math.floor(i / 3) % 16 < 8 ? 100 : 150)),
  };

  test("a blur makes the step gradual, and no blur leaves it alone", async () => {
    const blurred = await blurPicture(step, 2);
    expect(pixel(blurred, 7, 2)[0]).toBeGreaterThan(108);
    expect(pixel(blurred, 8, 2)[0]).toBeLessThan(142);
    expect(await blurPicture(step, 0)).toBe(step);
  });

  test("sharpening adds what the blur took away", async () => {
    const blurred = await blurPicture(step, 2);
    const sharp = await sharpenPicture(step, 2, 1.5);
    for (const x of [0, 6, 7, 8, 9, 15]) {
      const [before, soft] = [pixel(step, x, 1)[0]!, pixel(blurred, x, 1)[0]!];
      expect(pixel(sharp, x, 1)[0]).toBe(Math.round(before + 1.5 * (before - soft)));
    }
    expect(await sharpenPicture(step, 2, 0)).toEqual(step);
  });
});

test("line art is bright on dark lines, and dark on bright ones and even areas", () => {
  const page = even(40, 40, 200, 200, 200);
  for (let y = 0; y < 40; y++) {
    page.data.fill(20, (y * 40 + 10) * 3, (y * 40 + 12) * 3);
    page.data.fill(255, (y * 40 + 30) * 3, (y * 40 + 32) * 3);
  }
  const { values } = lineArt(page, 6);
  expect(values[20 * 40 + 10]).toBeGreaterThan(100);
  expect(values[20 * 40 + 31]).toBe(0);
  expect(values[20 * 40 + 38]).toBeLessThan(40);
  expect(lineArt(even(8, 8, 90, 90, 90), 3).values.every((value) => value < 1)).toBe(true);
});

describe("contactSheet", () => {
  const options = { columns: 2, gap: 3, background: "#102030", labels: [], fontSize: 14 };
  const red = even(10, 8, 255, 0, 0);
  const green = even(10, 8, 0, 255, 0);
  const small = even(4, 4, 0, 0, 255);

  test("rows and columns with gaps, smaller pictures in the middle", async () => {
    const sheet = await contactSheet([red, green, small], options);
    expect([sheet.width, sheet.height]).toEqual([3 + 13 * 2, 3 + 11 * 2]);
    expect(pixel(sheet, 0, 0)).toEqual([16, 32, 48]);
    expect(pixel(sheet, 3, 3)).toEqual([255, 0, 0]);
    expect(pixel(sheet, 16, 3)).toEqual([0, 255, 0]);
    expect(pixel(sheet, 3 + 3, 14 + 2)).toEqual([0, 0, 255]);
    expect(pixel(sheet, 3 + 2, 14 + 2)).toEqual([16, 32, 48]);
    expect(pixel(sheet, 20, 18)).toEqual([16, 32, 48]);
  });

  test("a label is drawn below its picture, also one with markup in it", async () => {
    const wide = even(120, 8, 255, 0, 0);
    const plain = await contactSheet([wide, wide], options);
    const sheet = await contactSheet([wide, wide], { ...options, labels: ["<b>&\"'</text>", ""] });
    expect(sheet.height).toBe(plain.height + 23);
    const bright = (from: number, to: number) => {
      let count = 0;
      for (let y = 11; y < sheet.height; y++) {
        for (let x = from; x < to; x++) if (pixel(sheet, x, y).every((value) => value > 150)) count++;
      }
      return count;
    };
    expect(bright(3, 123)).toBeGreaterThan(20);
    expect(bright(126, 246)).toBe(0);
  });

  test("text that XML forbids is escaped or left out", () => {
    expect(escapeXml('a<b>&"\u0000\u0008é漢😀')).toBe("a&lt;b&gt;&amp;&quot;é漢😀");
    expect(escapeXml("lone \ud800 surrogate")).toBe("lone  surrogate");
  });

  test("two pictures of different heights stand side by side", async () => {
    const both = await sideBySide(red, small, 2);
    expect([both.width, both.height]).toEqual([16, 8]);
    expect(pixel(both, 9, 7)).toEqual([255, 0, 0]);
    expect(pixel(both, 12, 3)).toEqual([0, 0, 255]);
    expect(pixel(both, 12, 4)).toEqual([0, 0, 0]);
  });
});
