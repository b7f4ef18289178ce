import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { writeFileAtomically } from "./atomic-file.ts";

test("one backup: what was there before, and nothing else is left", async () => {
  const { path } = await temporaryFolder();
  const file = join(path, "w.json");
  for (const text of ["one", "two", "three"]) writeFileAtomically(file, text, { backup: true });
  expect(await readFile(file, "utf8")).toBe("three");
  expect(await readFile(`${file}.bak`, "utf8")).toBe("two");
  expect((await readdir(path)).sort()).toEqual(["w.json", "w.json.bak"]);
});

test("what cannot be written leaves the old file as it is, and no rest", async () => {
  const { path } = await temporaryFolder();
  await mkdir(join(path, "target"));
  await writeFile(join(path, "target", "inside"), "x");
  expect(() => writeFileAtomically(join(path, "target"), "new")).toThrow();
  expect(await readdir(path)).toEqual(["target"]);
  expect(await readdir(join(path, "target"))).toEqual(["inside"]);
});

test("secrets are for their owner only", async () => {
  const { path } = await temporaryFolder();
  const file = join(path, "token");
  writeFileAtomically(file, "secret", { mode: 0o600 });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await chmod(file, 0o600);
});
