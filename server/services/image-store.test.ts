import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createImageStore } from "./image-store.ts";
import { previewEncoder } from "./preview-encoder.ts";

let folder: string;
let store: ReturnType<typeof createImageStore>;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "heddle-images-"));
  store = createImageStore(path.join(folder, "store"));
});
afterEach(() => rm(folder, { recursive: true }));

const facts = { width: 300, height: 200, mimeType: "image/png" };
const png = (background = "red") =>
  sharp({ create: { width: 300, height: 200, channels: 3, background } })
    .png()
    .toBuffer();

describe("pictures by hash", () => {
  test("what is kept is found, once", async () => {
    const bytes = await png();
    const reference = await store.put(bytes, { ...facts, seed: "7" });
    expect(reference).toEqual({ ...facts, seed: "7", hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(await store.put(bytes, facts)).toMatchObject({ hash: reference.hash });
    const found = await store.find(reference.hash);
    expect(found?.mimeType).toBe("image/png");
    expect(await readFile(found!.path)).toEqual(bytes);
    expect(await readdir(path.dirname(found!.path))).toHaveLength(1);
  });

  test("a saved file is found where it lies, until it is changed or gone", async () => {
    const file = path.join(folder, "saved.png");
    const bytes = await png();
    await writeFile(file, bytes);
    const { hash, path: saved } = await store.register(file, bytes, facts);
    expect(saved).toBe(file);
    expect(await store.find(hash)).toEqual({ path: file, mimeType: "image/png" });
    await writeFile(file, await png("green"));
    expect(await store.find(hash)).toBeUndefined();
    await rm(file);
    expect(await store.has(hash)).toBe(false);
  });

  test.each(["", "../../etc/passwd", "0".repeat(64), "G".repeat(64)])("%j is not there", async (hash) => {
    expect(await store.find(hash)).toBeUndefined();
    expect(await store.thumbnail(hash, 128)).toBeUndefined();
  });
});

describe("pictures that somebody gave", () => {
  test("are kept for good, and read by their content", async () => {
    const bytes = await png();
    const { hash } = await store.keep(bytes, facts);
    await store.prune(0);
    expect(await store.read(hash)).toEqual(bytes);
    expect((await store.find(hash))?.path).toBe(path.join(folder, "store", "inputs", `${hash}.png`));
  });

  test("are found among those that come with the program", async () => {
    const bytes = await png();
    const { hash } = await store.put(bytes, facts);
    const bundled = path.join(folder, "bundled");
    await mkdir(bundled);
    await writeFile(path.join(bundled, `${hash}.png`), bytes);
    expect(await createImageStore(path.join(folder, "empty"), bundled).read(hash)).toEqual(bytes);
  });

  test("are not read when the file no longer has that content", async () => {
    const { hash } = await store.keep(await png(), facts);
    await writeFile((await store.find(hash))!.path, await png("green"));
    expect(await store.read(hash)).toBeUndefined();
  });
});

test("thumbnails come in a few sizes, keep the shape and are made once", async () => {
  const { hash } = await store.put(await png(), facts);
  const small = await store.thumbnail(hash, 100);
  expect(await sharp(small!.path).metadata()).toMatchObject({ format: "webp", width: 128, height: 85 });
  expect((await store.thumbnail(hash, 128))!.path).toBe(small!.path);
  const large = await store.thumbnail(hash, 100_000);
  expect(await sharp(large!.path).metadata()).toMatchObject({ width: 300, height: 200 });
});

test("a thumbnail of a photo that lies on its side is turned as its EXIF says", async () => {
  const photo = sharp({ create: { width: 60, height: 20, channels: 3, background: "red" } });
  const bytes = await photo.withMetadata({ orientation: 6 }).jpeg().toBuffer();
  const { hash } = await store.put(bytes, { ...facts, mimeType: "image/jpeg" });
  expect(await sharp((await store.thumbnail(hash, 128))!.path).metadata()).toMatchObject({ width: 20, height: 60 });
});

test("a damaged picture has no thumbnail", async () => {
  const { hash } = await store.put((await png()).subarray(0, 60), facts);
  expect(await store.thumbnail(hash, 128)).toBeUndefined();
});

test("pruning removes the oldest of its own files and no saved picture", async () => {
  const file = path.join(folder, "saved.png");
  await writeFile(file, await png("blue"));
  await store.register(file, await png("blue"), facts);
  const { hash: old } = await store.put(await png("red"), facts);
  await new Promise((resolve) => setTimeout(resolve, 20));
  const { hash: recent } = await store.put(await png("green"), facts);
  await store.prune((await png("green")).length + 10);
  expect(await store.has(old)).toBe(false);
  expect(await store.has(recent)).toBe(true);
  expect(await readFile(file)).toEqual(await png("blue"));
});

test("a preview is a small WebP of the same shape", async () => {
  const preview = await previewEncoder.encode({ width: 32, height: 16, data: new Uint8Array(32 * 16 * 3).fill(200) });
  expect(preview).toMatchObject({ width: 256, height: 128 });
  const bytes = Buffer.from(preview.dataUrl.replace("data:image/webp;base64,", ""), "base64");
  expect(await sharp(bytes).metadata()).toMatchObject({ format: "webp", width: 256, height: 128 });
});
