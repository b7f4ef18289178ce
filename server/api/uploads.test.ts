import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Uploads } from "./uploads.ts";

let folder: string;
let uploads: Uploads;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-uploads-"));
  uploads = new Uploads(folder, { maxBytes: 1_000, totalBytes: 2_500 });
});
afterEach(async () => {
  uploads.close();
  await rm(folder, { recursive: true });
});

const place = () => uploads.create({ contentType: "image/png", name: "a.png" });
const body = (size: number, fill = "a") => new Blob([fill.repeat(size)]).stream();
const left = async () => (await readdir(folder)).filter((name) => !name.endsWith(".json"));

test("uploads that come at the same time have room together, not each", async () => {
  const ids = await Promise.all([1, 2, 3, 4, 5, 6].map(place));
  const answers = await Promise.allSettled(ids.map((id) => uploads.write(id, body(900))));
  const refused = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason] : []));
  expect(refused.length).toBeGreaterThanOrEqual(4);
  expect(refused.every(({ code }) => code === "upload-space")).toBe(true);
  expect(await left()).toHaveLength(6 - refused.length);
  await expect(uploads.write(await place(), body(1_001))).rejects.toMatchObject({ code: "upload-too-large" });
});

test("of two that write to a place in the same moment, one has it", async () => {
  const id = await place();
  const answers = await Promise.allSettled(["a", "b"].map((fill) => uploads.write(id, body(500, fill))));
  expect(answers.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  const found = await uploads.find(id);
  expect(new Set(await readFile(found!.path, "utf8")).size).toBe(1);
  expect(await left()).toHaveLength(1);
});

test("parts are put together once, however often they are sent and put together", async () => {
  const id = await place();
  await uploads.writePart(id, 1, body(300, "x"));
  await uploads.writePart(id, 1, body(300, "a"));
  await uploads.writePart(id, 2, body(300, "b"));
  await Promise.allSettled([uploads.complete(id, 2), uploads.complete(id, 2)]);
  const found = await uploads.find(id);
  expect(await readFile(found!.path, "utf8")).toBe("a".repeat(300) + "b".repeat(300));
  expect(await left()).toHaveLength(1);
});
