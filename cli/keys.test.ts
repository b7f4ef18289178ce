import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openApiKeys, registerKeys } from "./keys.ts";
import { serveUntilStopped } from "./serve.ts";

let home: string;
let out: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "heddle-keys-"));
  vi.stubEnv("HEDDLE_HOME", home);
  out = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation(() => true);
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await rm(home, { recursive: true });
});

async function keys(...args: string[]): Promise<string> {
  out = "";
  const program = new Command("heddle");
  registerKeys(program);
  await program.parseAsync(["node", "heddle", "keys", ...args]);
  return out.trim();
}

test("a key is made, listed without itself, and revoked", async () => {
  const key = await keys("create", "web site");
  expect(key).toMatch(/^heddle_[0-9a-f]{8}_[\w-]{43}$/);
  const id = openApiKeys().identify(key)!;
  expect(await keys("list")).toMatch(new RegExp(`^${id}  \\d{4}-\\d\\d-\\d\\d  web site$`));
  expect(JSON.parse(await keys("list", "--json"))).toEqual([{ id, name: "web site", createdAt: expect.any(String) }]);
  await keys("revoke", id);
  expect(openApiKeys().identify(key)).toBeUndefined();
  await expect(keys("revoke", id)).rejects.toMatchObject({ code: "key-not-found" });
});

test("others on the network are let in only when there is a key for them", async () => {
  await expect(serveUntilStopped({ host: "0.0.0.0", port: 0, open: false })).rejects.toMatchObject({
    code: "api-key-needed",
  });
});
