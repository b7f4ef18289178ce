import { mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { createInputFolder } from "./input-folder.ts";

async function setUp() {
  const { path: home } = await temporaryFolder();
  const root = path.join(home, "inputs");
  await mkdir(path.join(root, "day", "night"), { recursive: true });
  const files = ["day/10.png", "day/9.JPG", "day/notes.txt", "day/.hidden.png", "day/night/1.webp", "../secret.png"];
  for (const name of files) await writeFile(path.join(root, name), name);
  await symlink(home, path.join(root, "link"));
  await symlink(path.join(home, "secret.png"), path.join(root, "day", "linked.png"));
  return { inputs: createInputFolder(root), root };
}

const names = (files: readonly { name: string }[]) => files.map(({ name }) => name);

test("lists pictures by their names, as people count", async () => {
  const { inputs } = await setUp();
  expect(names(await inputs.list("day", false))).toEqual(["day/9.JPG", "day/10.png"]);
  expect(names(await inputs.list("", true))).toEqual(["day/9.JPG", "day/10.png", "day/night/1.webp"]);
  expect(names(await inputs.list("", false))).toEqual([]);
  expect(Buffer.from(await inputs.read("day/10.png")).toString()).toBe("day/10.png");
});

test("a file that changed has another version", async () => {
  const { inputs, root } = await setUp();
  const [before] = await inputs.list("day", false);
  await writeFile(path.join(root, "day/9.JPG"), "longer than before");
  expect((await inputs.list("day", false))[0]!.version).not.toBe(before!.version);
});

test.each(["..", "day/../..", "/etc", "link", ".", "day\\..", "C:", "day/linked.png"])(
  "%s leads nowhere",
  async (name) => {
    const { inputs } = await setUp();
    await expect(inputs.list(name, true)).rejects.toMatchObject({ code: "input-folder-outside" });
    await expect(inputs.read(name)).rejects.toMatchObject({ code: "input-folder-outside" });
  },
);

test("what is not there is told, with the place where it is looked for", async () => {
  const { inputs, root } = await setUp();
  await expect(inputs.list("night", false)).rejects.toMatchObject({
    code: "input-folder-not-found",
    help: expect.stringContaining(path.join(root, "night")),
  });
  await expect(inputs.list("day/10.png", false)).rejects.toMatchObject({ code: "input-folder-not-found" });
});
