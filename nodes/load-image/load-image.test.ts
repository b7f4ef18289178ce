import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import sharp, { type Colour } from "sharp";
import { describe, expect, test } from "vitest";
import type { ImageBatch, PictureMask } from "../../engine/types.ts";
import { checkPictureFile, decodePictureFile } from "../picture-file.ts";
import { runNode } from "../testing/run-node.ts";
import { createTestServices } from "../testing/test-services.ts";

const red = { r: 200, g: 10, b: 30 };
const create = (background: Colour, channels: 3 | 4 = 3) =>
  sharp({ create: { width: 6, height: 4, channels, background } });
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("Load Image", () => {
  test("gives the pixels, an empty mask and the size", async () => {
    const { outputs, info } = await load(await create(red).png().toBuffer());
    const { items } = outputs.image as ImageBatch;
    expect(items).toMatchObject([{ width: 6, height: 4 }]);
    expect([...items[0]!.data.subarray(0, 6)]).toEqual([200, 10, 30, 200, 10, 30]);
    expect(new Set((outputs.mask as PictureMask).values)).toEqual(new Set([0]));
    expect(outputs).toMatchObject({ width: 6, height: 4 });
    expect(info).toEqual({ width: 6, height: 4 });
  });

  test("what is transparent is to be repainted", async () => {
    const { outputs } = await load(
      await create({ ...red, alpha: 0.25 }, 4)
        .png()
        .toBuffer(),
    );
    expect((outputs.mask as PictureMask).values[0]).toBeCloseTo(0.75, 2);
    expect([...(outputs.image as ImageBatch).items[0]!.data.subarray(0, 3)]).toEqual([200, 10, 30]);
  });

  test("a photo stands the way up that the camera noted", async () => {
    const bytes = await create(red).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect((await load(bytes)).outputs).toMatchObject({ width: 4, height: 6 });
  });

  test("a picture that is not on this machine is told", async () => {
    const image = `sha256:${"0".repeat(64)}`;
    await expect(runNode("load-image", {}, { image })).rejects.toMatchObject({ code: "picture-not-found" });
  });
});

describe("picture files", () => {
  test.each(["png", "jpeg", "webp"] as const)("%s is kept as it is", async (format) => {
    const bytes = await create(red).toFormat(format).toBuffer();
    const checked = await checkPictureFile(bytes);
    expect(sha256(checked.bytes)).toBe(sha256(bytes));
    expect(checked.facts).toEqual({ width: 6, height: 4, mimeType: `image/${format}` });
  });

  test.each(["gif", "tiff", "avif"] as const)("%s becomes PNG", async (format) => {
    const { bytes, facts } = await checkPictureFile(await create(red).toFormat(format).toBuffer());
    expect(facts).toEqual({ width: 6, height: 4, mimeType: "image/png" });
    expect(await sharp(bytes).metadata()).toMatchObject({ format: "png", width: 6 });
  });

  test("16 bits and one channel become 8 bits and three", async () => {
    const grey = await create(red).toColourspace("grey16").png().toBuffer();
    expect((await decodePictureFile(grey)).rgb).toHaveLength(6 * 4 * 3);
  });

  test.each([
    ["nothing", Buffer.alloc(0)],
    ["text", Buffer.from("#!/bin/sh\necho hello")],
    ["SVG", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
    ["a JSON workflow", Buffer.from("{}")],
  ])("%s is refused", async (_name, bytes) => {
    await expect(checkPictureFile(bytes)).rejects.toMatchObject({ code: "picture-unreadable" });
  });

  test("a picture that was cut short is refused", async () => {
    const bytes = await sharp({
      create: {
        width: 200,
        height: 200,
        channels: 3,
        background: red,
        noise: { type: "gaussian", mean: 90, sigma: 40 },
      },
    })
      .png()
      .toBuffer();
    await expect(checkPictureFile(bytes.subarray(0, bytes.length / 2))).rejects.toMatchObject({
      code: "picture-unreadable",
    });
  });

  test("a small file that would fill the memory is refused before it is decoded", async () => {
    // What a PNG says of its size stands in bytes 16 to 24, with a checksum at 29.
    const bomb = await create(red).png().toBuffer();
    bomb.writeUInt32BE(50_000, 16);
    bomb.writeUInt32BE(50_000, 20);
    bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29);
    await expect(checkPictureFile(bomb)).rejects.toMatchObject({ code: "picture-too-large" });
  });
});

async function load(bytes: Uint8Array) {
  const { services, stored } = createTestServices();
  stored.set(sha256(bytes), bytes);
  return runNode("load-image", {}, { image: `sha256:${sha256(bytes)}` }, services);
}
