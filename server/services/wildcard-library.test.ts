import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createWildcardLibrary, listWildcards } from "./wildcard-library.ts";

let root: string;
let folder: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "heddle-wildcards-"));
  folder = path.join(root, "wildcards");
  await mkdir(path.join(folder, "nature"), { recursive: true });
  await writeFile(path.join(root, "secret.txt"), "a secret");
  await writeFile(path.join(folder, "animals.txt"), "\ufeffa cat\r\n\r\n# not this\r\n  a dog  \r\n2::a bird");
  await writeFile(path.join(folder, "nature/flowers.txt"), "rose\n");
  await writeFile(path.join(folder, "empty.txt"), "\n# nothing\n");
});
afterEach(() => rm(root, { recursive: true }));

test("a line is an option; empty ones and comments are none", async () => {
  const library = createWildcardLibrary(folder);
  expect(await library.read("animals")).toEqual(["a cat", "a dog", "2::a bird"]);
  expect(await library.read("nature/flowers")).toEqual(["rose"]);
});

test.each(["../secret", "nature/../../secret", "/etc/hostname", "..", "a//b", "c:secret", "nature\\flowers", ""])(
  "the name %j reaches nothing",
  async (name) => {
    await expect(createWildcardLibrary(folder).read(name)).rejects.toMatchObject({ code: "wildcard-name-invalid" });
  },
);

test("a name that is not there is told, with those that are", async () => {
  await expect(createWildcardLibrary(folder).read("trees")).rejects.toMatchObject({
    code: "wildcard-not-found",
    help: expect.stringMatching(/animals, empty, nature\/flowers/),
  });
  const nowhere = createWildcardLibrary(path.join(root, "nowhere"));
  await expect(nowhere.read("trees")).rejects.toMatchObject({ help: expect.stringContaining("trees.txt") });
  await expect(createWildcardLibrary(folder).read("empty")).rejects.toMatchObject({ code: "wildcard-unusable" });
});

test("the identity changes with the files", async () => {
  const library = createWildcardLibrary(folder);
  const before = await library.identity();
  expect(await library.identity()).toBe(before);
  await writeFile(path.join(folder, "nature/flowers.txt"), "rose\nlily\n");
  expect(await library.identity()).not.toBe(before);
});

test("the names of all wildcard files are told, with / for folders", async () => {
  await mkdir(path.join(folder, "nature"), { recursive: true });
  await writeFile(path.join(folder, "nature", "flowers.txt"), "rose");
  await writeFile(path.join(folder, "animals.txt"), "cat");
  await writeFile(path.join(folder, "notes.md"), "none");
  expect(await listWildcards(folder)).toEqual(expect.arrayContaining(["animals", "nature/flowers"]));
  expect(await listWildcards(folder)).not.toContain("notes");
  expect(await listWildcards(path.join(folder, "absent"))).toEqual([]);
});
