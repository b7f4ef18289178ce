import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { hashFile } from "./hash-file.ts";

const file = import.meta.filename;
const module = (source: string) => new URL(`data:text/javascript,${encodeURIComponent(source)}`);

test("a file is hashed, and what is not there is told", async () => {
  const { readFile } = await import("node:fs/promises");
  expect(await hashFile(file)).toBe(
    createHash("sha256")
      .update(await readFile(file))
      .digest("hex"),
  );
  await expect(hashFile(`${file}.none`)).rejects.toThrow("ENOENT");
});

test("nobody waits for ever when the thread ends without a word", async () => {
  await expect(hashFile(file, { worker: module("process.exit(3)") })).rejects.toMatchObject({
    code: "hash-failed",
    details: { code: 3 },
  });
  await expect(hashFile(file, { worker: module("throw new Error('broken')") })).rejects.toThrow("broken");
});

test("whoever asked can stop it", async () => {
  const stop = new AbortController();
  const hash = hashFile(file, { signal: stop.signal, worker: module("setInterval(() => {}, 1e6)") });
  stop.abort(new Error("stopped"));
  await expect(hash).rejects.toThrow("stopped");
});
