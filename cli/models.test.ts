import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type LoopbackHub, REPOSITORY, startLoopbackHub } from "../server/models/testing/loopback-hub.ts";
import { packageFacts } from "../server/package-facts.ts";
import { encodeSafetensors, pseudoRandom, randomTensor } from "../test/support/encode-safetensors.ts";
import { temporaryFolder } from "../test/support/temporary-folder.ts";

const lora = encodeSafetensors({ "layers.0.attention.to_q.lora_A.weight": randomTensor(pseudoRandom(2), 8, 64) });
const cli = join(packageFacts().folder, "cli", "heddle.ts");
let hub: LoopbackHub;
let home: string;

beforeEach(async () => {
  hub = await startLoopbackHub({ "loras/ink.safetensors": { bytes: lora }, "other.safetensors": { bytes: lora } });
  home = (await temporaryFolder()).path;
});
afterEach(() => hub.close());

async function heddle(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
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
}, 120_000);

test("a download that is killed leaves no half file under its name, and goes on when it is asked for again", async () => {
  const bytes = encodeSafetensors({ x: { shape: [12_000_000], dtype: "U8", data: randomBytes(12_000_000) } });
  hub.files["big.safetensors"] = { bytes };
  const target = join(home, "models/loras/big.safetensors");
  const args = ["download", REPOSITORY, "--file", "big.safetensors", "--kind", "lora"];
  const env = { ...process.env, HEDDLE_HOME: home, HEDDLE_OUTPUT: home, HF_ENDPOINT: hub.url, HF_TOKEN: "" };
  const child = spawn(process.execPath, [cli, "models", ...args, "--limit", "1"], { env, stdio: "ignore" });
  const saved = async () => {
    const names = (await readdir(join(home, "downloads")).catch(() => [])).filter((name) =>
      /^[0-9a-f-]{36}\.json$/.test(name),
    );
    const [journal] = await Promise.all(names.map((name) => readFile(join(home, "downloads", name), "utf8")));
    return journal === undefined ? 0 : (JSON.parse(journal).done[0]?.[1] ?? 0);
  };
  await vi.waitFor(async () => expect(await saved()).toBeGreaterThan(1_000_000), { timeout: 40_000, interval: 100 });
  const killed = once(child, "exit");
  child.kill("SIGKILL");
  await killed;
  expect(existsSync(target)).toBe(false);
  expect(existsSync(`${target}.part`)).toBe(true);
  const kept = await saved();
  hub.requests.length = 0;
  expect(await heddle(...args, "--limit", "100")).toMatchObject({ code: 0 });
  expect(await readFile(target)).toEqual(bytes);
  expect(existsSync(`${target}.part`)).toBe(false);
  const starts = hub.requests.flatMap(({ range }) =>
    range && range !== "bytes=0-0" ? [Number(range.slice(6).split("-")[0])] : [],
  );
  expect(Math.min(...starts)).toBeGreaterThanOrEqual(kept);
}, 120_000);

test("what fails says why, and exits with 1; what is wrongly asked with 2", async () => {
  hub.mischief = ["honest", "wrong-bytes"];
  const failed = await heddle("download", `${hub.url}/${REPOSITORY}/resolve/main/loras/ink.safetensors`);
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain("another hash");
  expect((await heddle("list", "--kind", "nonsense")).code).toBe(2);
  expect((await heddle("add-folder", join(home, "absent"))).code).toBe(2);
}, 120_000);
