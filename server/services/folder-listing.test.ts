import { mkdir, symlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { type TemporaryFolder, temporaryFolder } from "../../test/support/temporary-folder.ts";
import { crumbsOf, folderError, listFolders } from "./folder-listing.ts";

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});

const make = (...names: string[]) =>
  Promise.all(names.map((name) => mkdir(path.join(folder.path, name), { recursive: true })));

test("lists folders as people count, hidden ones marked, and no file", async () => {
  await make("lora 10", "lora 2", ".cache", "Models");
  await writeFile(path.join(folder.path, "secret.txt"), "secret");
  await writeFile(path.join(folder.path, "a.safetensors"), "");
  await writeFile(path.join(folder.path, "b.GGUF"), "");
  const listing = await listFolders({ path: folder.path });
  expect(listing.folders.map(({ name, isHidden }) => [name, isHidden])).toEqual([
    [".cache", true],
    ["lora 2", false],
    ["lora 10", false],
    ["Models", false],
  ]);
  expect(listing).toMatchObject({ path: folder.path, parent: path.dirname(folder.path), weights: 2, isCut: false });
  expect(JSON.stringify(listing)).not.toContain("secret");
});

test("follows links to folders, and leaves out those that lead to files, nowhere or to themselves", async () => {
  await make("real");
  await writeFile(path.join(folder.path, "file"), "");
  const link = (to: string, name: string) => symlink(to, path.join(folder.path, name));
  await Promise.all([link("real", "linked"), link("file", "to-file"), link("gone", "broken"), link("loop", "loop")]);
  const { folders } = await listFolders({ path: folder.path });
  expect(folders.map(({ name, isLink }) => [name, isLink])).toEqual([
    ["linked", true],
    ["real", false],
  ]);
  // What is chosen is the path that was gone, not where the link leads.
  const inside = await listFolders({ path: path.join(folder.path, "linked") });
  expect(inside.parent).toBe(folder.path);
});

test("says what the names look like", async () => {
  await make("comfy", "models/checkpoints", "models/loras");
  expect(await listFolders({ path: folder.path })).toMatchObject({ looksLike: "comfyui" });
  expect(await listFolders({ path: path.join(folder.path, "models") })).toMatchObject({ looksLike: "models" });
  expect(await listFolders({ path: path.join(folder.path, "comfy") })).toMatchObject({ looksLike: null });
});

test("ends with very many folders or files, and says so", async () => {
  await make(...Array.from({ length: 20 }, (_, at) => `f${at}`));
  const most = (folders: number, entries: number) => listFolders({ path: folder.path }, { folders, entries });
  const [few, short, all] = [await most(12, 100), await most(100, 15), await most(100, 100)];
  expect([few.folders.length, few.isCut]).toEqual([12, true]);
  expect([short.folders.length, short.isCut]).toEqual([15, true]);
  expect([all.folders.length, all.isCut]).toEqual([20, false]);
});

test("begins at home, and understands ~ and quoted paths", async () => {
  expect((await listFolders({})).path).toBe(homedir());
  expect((await listFolders({ path: " ~ " })).path).toBe(homedir());
  expect((await listFolders({ path: `"${folder.path}"` })).path).toBe(folder.path);
});

test("a folder that cannot be opened is told, or the nearest above it is shown", async () => {
  await make("there");
  const there = path.join(folder.path, "there");
  const gone = path.join(there, "gone", "deeper");
  const file = path.join(there, "file.yaml");
  await writeFile(file, "");
  await expect(listFolders({ path: gone })).rejects.toMatchObject({ code: "folder-gone", details: { path: gone } });
  await expect(listFolders({ path: file })).rejects.toMatchObject({ code: "folder-is-file" });
  await expect(listFolders({ path: "models" })).rejects.toMatchObject({ code: "folder-not-absolute" });
  expect(await listFolders({ path: gone, nearest: true })).toMatchObject({ path: there, insteadOf: gone });
  expect(await listFolders({ path: there, nearest: true })).toMatchObject({ path: there, insteadOf: null });
  expect((await listFolders({ path: file, nearest: true })).path).toBe(there);
  expect((await listFolders({ path: "models", nearest: true })).path).toBe(homedir());
});

test("one without permission, and one on a broken disk, are told apart", () => {
  const failed = (code: string) => folderError("/closed", Object.assign(new Error(`${code}: opendir`), { code }));
  expect(failed("EACCES")).toMatchObject({ code: "folder-forbidden", field: "path" });
  expect(failed("EPERM").message).toBe('"/closed" cannot be opened, because permission was denied.');
  expect(failed("EIO")).toMatchObject({ code: "folder-unreadable", details: { path: "/closed" } });
});

test("knows the way to a folder on every system", () => {
  expect(crumbsOf("/home/ada", path.posix)).toEqual([
    { name: "/", path: "/" },
    { name: "home", path: "/home" },
    { name: "ada", path: "/home/ada" },
  ]);
  expect(crumbsOf("D:\\AI\\ComfyUI", path.win32)).toEqual([
    { name: "D:", path: "D:\\" },
    { name: "AI", path: "D:\\AI" },
    { name: "ComfyUI", path: "D:\\AI\\ComfyUI" },
  ]);
  expect(crumbsOf("\\\\nas\\models\\lora", path.win32)).toEqual([
    { name: "\\\\nas\\models", path: "\\\\nas\\models\\" },
    { name: "lora", path: "\\\\nas\\models\\lora" },
  ]);
  expect(crumbsOf("/", path.posix)).toEqual([{ name: "/", path: "/" }]);
});
