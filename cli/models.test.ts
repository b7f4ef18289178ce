import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type LoopbackHub, REPOSITORY, startLoopbackHub } from "../server/models/testing/loopback-hub.ts";
import { packageFacts } from "../server/package-facts.ts";
import { encodeSafetensors, pseudoRandom, randomTensor } from "../test/support/encode-safetensors.ts";
import { temporaryFolder } from "../test/support/temporary-folder.ts";

const lora = encodeSafetensors({ "layers.0.attention.to_q.lora_A.weight": randomTensor(pseudoRandom(2), 8, 64) });
let hub: LoopbackHub;
let home: string;

beforeEach(async () => {
  hub = await startLoopbackHub({ "loras/ink.safetensors": { bytes: lora }, "other.safetensors": { bytes: lora } });
  home = (await temporaryFolder()).path;
});
afterEach(() => hub.close());

async function heddle(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const cli = join(packageFacts().folder, "cli", "heddle.ts");
  const env = { ...process.env, HEDDLE_HOME: home, HEDDLE_OUTPUT: home, HF_ENDPOINT: hub.url, HF_TOKEN: "" };
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, [cli, "models", ...args], { env })) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

test("fetch, list, verify", async () => {
  const ambiguous = await heddle("download", REPOSITORY);
  expect(ambiguous.code).toBe(2);
  expect(ambiguous.stderr).toContain("loras/ink.safetensors");
  const fetched = await heddle("download", REPOSITORY, "--file", "loras/ink.safetensors", "--json");
  expect(fetched).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(fetched.stdout)).toMatchObject([{ name: "loras/ink.safetensors", state: "done", error: null }]);
  expect(await readFile(join(home, "models/loras/ink.safetensors"))).toEqual(lora);
  const listed = JSON.parse((await heddle("list", "--kind", "lora", "--json")).stdout);
  expect(listed.find(({ name }: { name: string }) => name === "loras/ink.safetensors")).toMatchObject({
    family: "Z-Image",
  });
  expect((await heddle("verify", "loras/ink.safetensors")).stdout).toMatch(/^matches {2}[0-9a-f]{64} {2}loras/);
}, 60_000);

test("what fails says why, and exits with 1; what is wrongly asked with 2", async () => {
  hub.mischief = ["honest", "wrong-bytes"];
  const failed = await heddle("download", `${hub.url}/${REPOSITORY}/resolve/main/loras/ink.safetensors`);
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain("another hash");
  expect((await heddle("list", "--kind", "nonsense")).code).toBe(2);
  expect((await heddle("add-folder", join(home, "absent"))).code).toBe(2);
}, 60_000);
