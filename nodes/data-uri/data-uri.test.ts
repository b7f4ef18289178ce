import sharp from "sharp";
import { expect, test } from "vitest";
import { batchOf, evenPicture, runNode } from "../testing/run-node.ts";

const image = batchOf(evenPicture(6, 4, [200, 100, 0], "7"), evenPicture(2, 2, [1, 2, 3]));
const decode = (line: string) => sharp(Buffer.from(line.slice(line.indexOf(",") + 1), "base64"));

test.each(["png", "jpeg", "webp"])("a line of %s for each picture, with nothing but the picture", async (format) => {
  const { outputs, info } = await runNode("data-uri", { image }, { format });
  const lines = String(outputs.text).split("\n");
  expect(lines.map((line) => line.slice(0, line.indexOf(",")))).toEqual(Array(2).fill(`data:image/${format};base64`));
  const metadata = await decode(lines[0]!).metadata();
  expect(metadata).toMatchObject({ width: 6, height: 4, format });
  expect(metadata.exif ?? metadata.xmp ?? metadata.comments).toBeUndefined();
  expect(info.pictures).toBe(2);
});

test("PNG is exact, and quality makes the others smaller", async () => {
  const { outputs } = await runNode("data-uri", { image });
  expect([...(await decode(String(outputs.text).split("\n")[1]!).raw().toBuffer())].slice(0, 3)).toEqual([1, 2, 3]);
  const data = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 256);
  const noisy = batchOf({ width: 64, height: 64, data });
  const sizeAt = async (quality: number) =>
    (await runNode("data-uri", { image: noisy }, { format: "jpeg", quality })).info.bytes as number;
  expect(await sizeAt(20)).toBeLessThan((await sizeAt(99)) / 2);
});
