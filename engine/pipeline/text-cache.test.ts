import { readdir, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { type EncodedText, TextCache } from "./text-cache.ts";

const text: EncodedText = { fingerprint: "encoder", plan: "h8", loras: [], ids: [1, 2, 3] };
const values = Float32Array.of(0.1, -2, 3);

it("encodes each distinct prompt once, also over restarts", async () => {
  const { path } = await temporaryFolder();
  const encode = vi.fn(async () => values);
  expect(await new TextCache(path).remember(text, encode)).toEqual(values);
  expect(await new TextCache(path).remember(text, encode)).toEqual(values);
  expect(encode).toHaveBeenCalledTimes(1);
  const others = [{ ids: [1, 2] }, { plan: "reference" }, { fingerprint: "other" }, { loras: ["lora*0.5"] }];
  for (const other of others) await new TextCache(path).remember({ ...text, ...other }, encode);
  expect(encode).toHaveBeenCalledTimes(5);
});

it("makes a damaged entry again", async () => {
  const { path } = await temporaryFolder();
  const cache = new TextCache(path);
  const encode = vi.fn(async () => values);
  await cache.remember(text, encode);
  const [name] = await readdir(join(path, "text"));
  await truncate(join(path, "text", name!), 36);
  expect(await cache.remember(text, encode)).toEqual(values);
  expect(await cache.remember(text, encode)).toEqual(values);
  expect(encode).toHaveBeenCalledTimes(2);
});

it("stays within its budget, the least recently used first", async () => {
  const { path } = await temporaryFolder();
  const entryBytes = 32 + values.byteLength;
  const cache = new TextCache(path, 2 * entryBytes);
  const names: string[] = [];
  for (const id of [1, 2, 3]) {
    await cache.remember({ ...text, ids: [id] }, async () => values);
    for (const name of await readdir(join(path, "text"))) {
      if (names.includes(name)) continue;
      names.push(name);
      await utimes(join(path, "text", name), id, id);
    }
  }
  expect((await readdir(join(path, "text"))).sort()).toEqual(names.slice(1).sort());
  expect((await stat(join(path, "text", names[1]!))).size).toBe(entryBytes);
});

it("gives the embeddings also where nothing can be written", async () => {
  const { path } = await temporaryFolder();
  await writeFile(join(path, "text"), "a file");
  expect(await new TextCache(path).remember(text, async () => values)).toEqual(values);
});
