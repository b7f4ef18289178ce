import { mkdir, mkdtemp, readdir, rm, stat, unlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { WorkflowDocument } from "../../graph/document.ts";
import { embeddedEntries } from "../../graph/embedding/embedded.ts";
import { addPngText } from "../../graph/embedding/png-text.ts";
import type { GalleryQuery } from "../../protocol/gallery.ts";
import { createImageStore } from "../services/image-store.ts";
import { Gallery } from "./gallery.ts";
import { GalleryIndex } from "./gallery-index.ts";

let folder: string;
let output: string;
let gallery: Gallery;

const open = () =>
  new Gallery(output, createImageStore(path.join(folder, "images")), new GalleryIndex(path.join(folder, "home")));

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "heddle-gallery-"));
  output = path.join(folder, "output");
  gallery = open();
});
afterEach(async () => {
  gallery.close();
  await rm(folder, { recursive: true });
});

const everything: GalleryQuery = {
  words: "",
  favourites: false,
  rating: 0,
  order: "newest",
  trash: false,
  limit: 100,
};
const find = (query: Partial<GalleryQuery> = {}) =>
  gallery.search({ ...everything, ...query }).pictures.map((picture) => path.basename(picture.path!));
const hashOf = (name: string, trash = false) =>
  gallery.search({ ...everything, trash }).pictures.find((picture) => picture.path!.endsWith(name))!.hash;

const workflow = (checkpoint: string, lora: string): WorkflowDocument => ({
  format: "heddle-workflow",
  version: 1,
  title: "",
  nodes: [
    node("model", "load-model", { checkpoint }),
    node("lora", "lora-stack", {
      loras: [
        { name: lora, weight: 1, enabled: true },
        { name: "off.safetensors", weight: 1, enabled: false },
      ],
    }),
  ],
  links: [],
});
const node = (id: string, type: string, params: WorkflowDocument["nodes"][number]["params"]) => ({
  ...{ id, type, params, typeVersion: 1, position: { x: 0, y: 0 }, mode: "active" as const },
});

/** A picture that Heddle saved: of one colour, so that pictures of two colours are two pictures. */
async function save(name: string, color: string, options: { at?: Date; text?: string; document?: WorkflowDocument }) {
  const png = await sharp({ create: { width: 30, height: 20, channels: 3, background: color } })
    .png()
    .toBuffer();
  const file = path.join(output, name);
  await mkdir(path.dirname(file), { recursive: true });
  const { document, text = "" } = options;
  await writeFile(file, addPngText(png, document ? embeddedEntries(document, text) : { parameters: text }));
  if (options.at) await utimes(file, options.at, options.at);
}

async function saveThree() {
  await save("2026-01-01/cat.png", "red", {
    at: new Date(2026, 0, 1, 12),
    text: "a CAT in Öl\nNegative prompt: dog\nSteps: 8, Seed: 42, Size: 30x20",
    document: workflow("z-image-turbo", "styles/ink.safetensors"),
  });
  await save("2026-02-01/dog.png", "green", {
    at: new Date(2026, 1, 1, 12),
    text: "a dog <lora:grain:0.5>\nSteps: 8, Seed: 9223372036854775807, Model: other",
  });
  await save("plain.png", "blue", { at: new Date(2026, 2, 1, 12) });
  await writeFile(path.join(output, "broken.png"), "no picture");
  await writeFile(path.join(output, "notes.txt"), "none");
  expect(await gallery.refresh()).toEqual({ remaining: 0, changed: true });
}

test("pictures are found by prompt, file, seed, model, LoRA and day, newest first", async () => {
  await saveThree();
  expect(find()).toEqual(["plain.png", "dog.png", "cat.png"]);
  expect(find({ order: "oldest" })).toEqual(["cat.png", "dog.png", "plain.png"]);
  expect(find({ words: "cat ÖL" })).toEqual(["cat.png"]);
  expect(find({ words: "9223372036854775807" })).toEqual(["dog.png"]);
  expect(find({ words: "2026-02" })).toEqual(["dog.png"]);
  expect(find({ words: "cat 9223372036854775807" })).toEqual([]);
  expect(find({ model: "z-image-turbo" })).toEqual(["cat.png"]);
  expect(find({ model: "other" })).toEqual(["dog.png"]);
  expect(find({ lora: "grain" })).toEqual(["dog.png"]);
  expect(find({ from: "2026-01-01", to: "2026-01-01" })).toEqual(["cat.png"]);
  expect(find({ from: "2026-01-02" })).toEqual(["plain.png", "dog.png"]);
  expect(gallery.search({ ...everything, limit: 1 })).toMatchObject({
    total: 3,
    pictures: [{ width: 30, height: 20 }],
  });
  expect(gallery.facets()).toEqual({
    models: [
      { name: "other", count: 1 },
      { name: "z-image-turbo", count: 1 },
    ],
    loras: [
      { name: "grain", count: 1 },
      { name: "styles/ink.safetensors", count: 1 },
    ],
  });
  expect(gallery.details(hashOf("cat.png"))).toMatchObject({
    prompt: "a CAT in Öl",
    negativePrompt: "dog",
    models: ["z-image-turbo"],
    loras: ["styles/ink.safetensors"],
  });
  expect(gallery.details("0".repeat(64))).toBeUndefined();
});

test("what stands in quotes is found as a whole, accents however they are written, and no folder above the pictures", async () => {
  await saveThree();
  await save("cafe\u0301 terrace.png", "white", { text: "a sign that says “OPEN” under a red lamp\nSteps: 8" });
  await gallery.refresh();
  expect(find({ words: '"a cat in"' })).toEqual(["cat.png"]);
  expect(find({ words: '"in cat"' })).toEqual([]);
  expect(find({ words: "“red lamp” sign" })).toEqual(["cafe\u0301 terrace.png"]);
  expect(find({ words: '"red la' })).toEqual(["cafe\u0301 terrace.png"]);
  expect(find({ words: 'says "open"' })).toEqual(["cafe\u0301 terrace.png"]);
  expect(find({ words: 'lamp"' })).toEqual([]);
  expect(find({ words: '"' })).toHaveLength(4);
  expect(find({ words: "CAF\u00c9" })).toEqual(["cafe\u0301 terrace.png"]);
  expect(find({ words: "heddle-gallery" })).toEqual([]);
  expect(find({ words: "output" })).toEqual([]);
  await gallery.trash([hashOf("cat.png")]);
  expect(find({ words: "2026-01-01 cat", trash: true })).toEqual(["cat.png"]);
  expect(find({ words: "trash", trash: true })).toEqual([]);
});

test("a photo that lies on its side is as wide and high as it is seen", async () => {
  const photo = sharp({ create: { width: 60, height: 20, channels: 3, background: "red" } });
  await mkdir(output, { recursive: true });
  await photo.withMetadata({ orientation: 6 }).jpeg().toFile(path.join(output, "photo.jpg"));
  await gallery.refresh();
  expect(gallery.search(everything).pictures).toMatchObject([{ width: 20, height: 60 }]);
});

test("stars and favourites belong to the content: they outlive a move and the index", async () => {
  await saveThree();
  gallery.mark([hashOf("cat.png"), hashOf("dog.png")], { rating: 2 });
  gallery.mark([hashOf("dog.png")], { favourite: true, rating: 4 });
  expect(find({ rating: 3 })).toEqual(["dog.png"]);
  expect(find({ favourites: true })).toEqual(["dog.png"]);
  expect(find({ order: "rating" })).toEqual(["dog.png", "cat.png", "plain.png"]);
  gallery.mark([hashOf("dog.png")], { favourite: false });
  gallery.close();
  for (const name of await readdir(path.join(folder, "home"))) {
    if (name.startsWith("gallery-index")) await unlink(path.join(folder, "home", name));
  }
  gallery = open();
  expect(find()).toEqual([]);
  await gallery.refresh();
  expect(gallery.search(everything).pictures.map(({ rating, favourite }) => [rating, favourite])).toEqual([
    [0, false],
    [4, false],
    [2, false],
  ]);
});

test("a damaged index is made anew", async () => {
  await saveThree();
  gallery.close();
  await writeFile(path.join(folder, "home", "gallery-index.db"), "no database at all, but long enough to look at");
  await rm(path.join(folder, "home", "gallery-index.db-wal"), { force: true });
  gallery = open();
  await gallery.refresh();
  expect(find()).toHaveLength(3);
});

test("an index that can neither be read nor made anew says so", async () => {
  const home = path.join(folder, "other-home");
  // A folder in the place of the database's journal: every attempt to open it fails.
  await mkdir(path.join(home, "gallery-index.db-journal"), { recursive: true });
  await writeFile(path.join(home, "gallery-index.db"), "x".repeat(4096));
  expect(() => new GalleryIndex(home)).toThrow(expect.objectContaining({ code: "ERR_SQLITE_ERROR" }));
});

test("the index follows the folder, and reads only what changed", async () => {
  await saveThree();
  expect(await gallery.refresh()).toEqual({ remaining: 0, changed: false });
  await rm(path.join(output, "plain.png"));
  await save("2026-02-01/dog.png", "yellow", { text: "another\nSteps: 1, Seed: 5" });
  await save("copy-of-cat.png", "red", { text: "same\nSteps: 1" });
  expect(await gallery.refresh()).toEqual({ remaining: 0, changed: true });
  expect(find().sort()).toEqual(["cat.png", "copy-of-cat.png", "dog.png"]);
  expect(find({ words: "another" })).toEqual(["dog.png"]);
});

test("two files with the same content are one picture", async () => {
  await save("one.png", "red", {});
  await save("two.png", "red", {});
  await gallery.refresh();
  expect(gallery.search(everything).total).toBe(1);
  expect(await gallery.trash([hashOf("")])).toBe(2);
  expect(await readdir(output)).toEqual([".trash"]);
});

test("what is deleted lies in the trash, can be seen there, and goes back to where it was", async () => {
  await saveThree();
  const hash = hashOf("cat.png");
  const before = await stat(path.join(output, "2026-01-01/cat.png"));
  gallery.mark([hash], { rating: 5 });
  expect(await gallery.trash([hash])).toBe(1);
  await expect(stat(path.join(output, "2026-01-01/cat.png"))).rejects.toThrow();
  expect(find()).toEqual(["plain.png", "dog.png"]);
  expect(find({ trash: true })).toEqual(["cat.png"]);
  const [inTrash] = gallery.search({ ...everything, trash: true }).pictures;
  expect(inTrash?.path).toBe(path.join(output, "2026-01-01/cat.png"));
  const store = createImageStore(path.join(folder, "images"));
  expect(await store.find(hash)).toMatchObject({ mimeType: "image/png" });
  expect(gallery.facets().models).toEqual([{ name: "other", count: 1 }]);

  expect(await gallery.restore([hash])).toBe(1);
  expect(find()).toEqual(["plain.png", "dog.png", "cat.png"]);
  expect((await stat(path.join(output, "2026-01-01/cat.png"))).mtimeMs).toBe(before.mtimeMs);
  expect(gallery.search(everything).pictures.at(-1)).toMatchObject({ rating: 5 });
  expect(await readdir(path.join(output, ".trash")).catch(() => [])).toEqual([]);
});

test("a picture that is deleted while it is being read is in the trash only", async () => {
  await saveThree();
  const hash = hashOf("cat.png");
  gallery.close();
  const store = createImageStore(path.join(folder, "images"));
  const reading = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const slow: typeof store = {
    ...store,
    async register(...args) {
      const registered = await store.register(...args);
      reading.resolve();
      await goOn.promise;
      return registered;
    },
  };
  gallery = new Gallery(output, slow, new GalleryIndex(path.join(folder, "home")));
  // It is looked at again.
  await utimes(path.join(output, "2026-01-01/cat.png"), new Date(), new Date());
  const refreshed = gallery.refresh();
  await reading.promise;
  const trashed = gallery.trash([hash]);
  // Time enough to move the file, if nothing held that up.
  await sleep(50);
  goOn.resolve();
  await Promise.all([refreshed, trashed]);
  expect(find()).toEqual(["plain.png", "dog.png"]);
  expect(find({ trash: true })).toEqual(["cat.png"]);
  expect((await store.find(hash))?.path).toContain(".trash");
});

test("the trash is told by the files alone, nothing in the place of a picture is replaced, and purging is for good", async () => {
  await saveThree();
  await gallery.trash([hashOf("cat.png")]);
  await save("2026-01-01/cat.png", "white", {});
  gallery.close();
  await rm(path.join(folder, "home"), { recursive: true });
  gallery = open();
  await gallery.refresh();
  expect(find({ trash: true })).toEqual(["cat.png"]);
  await gallery.restore([hashOf("cat.png", true)]);
  expect(find().sort()).toEqual(["cat-2.png", "cat.png", "dog.png", "plain.png"]);

  await gallery.trash([hashOf("cat-2.png"), hashOf("plain.png")]);
  expect(await gallery.purge([hashOf("plain.png", true)])).toBe(1);
  expect(await gallery.purge()).toBe(1);
  expect(find({ trash: true })).toEqual([]);
  expect(await readdir(path.join(output))).not.toContain("plain.png");
  expect(await gallery.purge([hashOf("dog.png")])).toBe(0);
  expect(find()).toContain("dog.png");
});

test("what the disk refuses is told with the picture’s name and why", async () => {
  await saveThree();
  const hash = hashOf("plain.png");
  await writeFile(path.join(output, ".trash"), "in the way");
  await expect(gallery.trash([hash])).rejects.toMatchObject({
    code: "picture-not-movable",
    details: { name: "plain.png", cause: "not-a-folder" },
  });
  await rm(path.join(output, ".trash"));
  await gallery.trash([hash]);
  const [id = ""] = await readdir(path.join(output, ".trash"));
  const file = path.join(output, ".trash", id, "plain.png");
  await rm(file);
  await mkdir(file);
  await expect(gallery.purge()).rejects.toMatchObject({
    code: "picture-not-deletable",
    message: expect.stringMatching(/^plain\.png could not be deleted, because .+/),
  });
});

test("what somebody else put into the trash comes back into the folder under its name", async () => {
  await mkdir(path.join(output, ".trash"), { recursive: true });
  await sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } })
    .png()
    .toFile(path.join(output, ".trash", "stray.png"));
  await gallery.refresh();
  expect(await gallery.restore([hashOf("stray.png", true)])).toBe(1);
  expect(find()).toEqual(["stray.png"]);
  expect(await readdir(output)).toContain("stray.png");
});

test("a folder that is not there has no pictures", async () => {
  expect(await gallery.refresh()).toEqual({ remaining: 0, changed: false });
  expect(find()).toEqual([]);
});
