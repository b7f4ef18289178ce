import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { encodePicture } from "./encode.ts";

/** A picture with fine detail, which low qualities lose. */
const picture = {
  width: 64,
  height: 64,
  data: Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (128 + 120 * Math.sin(Math.floor(i / 3) * 0.9)) | 0),
};

async function errorAt(format: "png" | "jpeg" | "webp", quality: number) {
  const { bytes } = await encodePicture(picture, format, quality, {});
  const decoded = await sharp(bytes).removeAlpha().raw().toBuffer();
  return picture.data.reduce((sum, value, i) => sum + Math.abs(value - decoded[i]!), 0) / picture.data.length;
}

describe.each(["jpeg", "webp"] as const)("%s", (format) => {
  test.each([20, 60, 99])("a quality of %d is written as asked", async (quality) => {
    const { bytes } = await encodePicture(picture, format, quality, {});
    const expected = sharp(picture.data, { raw: { width: 64, height: 64, channels: 3 } });
    const byLibrary = format === "jpeg" ? expected.jpeg({ quality, mozjpeg: true }) : expected.webp({ quality });
    expect(Buffer.compare(Buffer.from(bytes), await byLibrary.toBuffer())).toBe(0);
  });

  test("a higher quality is nearer to the picture", async () => {
    expect(await errorAt(format, 99)).toBeLessThan((await errorAt(format, 20)) / 2);
  });
});

test("PNG is exact at any quality", async () => {
  expect(await errorAt("png", 20)).toBe(0);
});

test("what is too large for a JPEG's segment is left out, and said", async () => {
  const entries = { workflow: "x".repeat(70_000) };
  expect((await encodePicture(picture, "jpeg", 90, entries)).entriesFit).toBe(false);
  expect((await encodePicture(picture, "webp", 90, entries)).entriesFit).toBe(true);
});
