import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ApiKeys } from "./api-keys.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-keys-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("a key is known until it is revoked, by every process, and its file does not hold it", async () => {
  const file = join(folder, "home", "keys.json");
  const [terminal, host] = [new ApiKeys(file), new ApiKeys(file)];
  expect(host.identify("heddle_x_y")).toBeUndefined();
  const { key, id } = terminal.create("web site");
  const other = terminal.create("pipeline");
  expect(host.identify(key)).toBe(id);
  expect(host.identify(`${key}x`)).toBeUndefined();
  expect(host.list()).toEqual([
    { id, name: "web site", createdAt: expect.any(String) },
    { id: other.id, name: "pipeline", createdAt: expect.any(String) },
  ]);
  expect(await readFile(file, "utf8")).not.toContain(key.slice(`heddle_${id}_`.length));
  expect((await stat(file)).mode & 0o077).toBe(0);
  terminal.revoke(id);
  expect(host.identify(key)).toBeUndefined();
  expect(host.identify(other.key)).toBe(other.id);
  expect(() => terminal.revoke(id)).toThrow(expect.objectContaining({ code: "key-not-found" }));
});

test("a damaged file lets nobody in", async () => {
  const file = join(folder, "keys.json");
  await writeFile(file, "{");
  expect(() => new ApiKeys(file).identify("heddle_a_b")).toThrow(expect.objectContaining({ code: "keys-damaged" }));
});
