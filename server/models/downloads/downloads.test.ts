import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { encodeSafetensors, pseudoRandom, randomTensor } from "../../../test/support/encode-safetensors.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { createGuardedFetch, createGuardedRequest } from "../../http/guarded-fetch.ts";
import { type LoopbackHub, type Mischief, REPOSITORY, REVISION, startLoopbackHub } from "../testing/loopback-hub.ts";
import { DownloadManager, type DownloadManagerOptions, readToken } from "./download-manager.ts";
import { Hub } from "./hub.ts";

const FILE = "split_files/loras/style.safetensors";
const content = encodeSafetensors({ "layers.0.attention.to_q.lora_A.weight": randomTensor(pseudoRandom(7), 300, 512) });
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

/** As in earnest, with short pauses; a slow machine must not look like a silent hub. */
const retries = { attempts: 12, baseDelayMs: 2, maxDelayMs: 10, idleTimeoutMs: 10_000 };
vi.setConfig({ testTimeout: 60_000 });

let hub: LoopbackHub;
let home: string;
const managers: DownloadManager[] = [];

beforeEach(async () => {
  hub = await startLoopbackHub({ [FILE]: { bytes: content } });
  home = (await temporaryFolder()).path;
});
afterEach(async () => {
  await Promise.all(managers.splice(0).map((manager) => manager.close()));
  await hub.close();
});

function open(options: Partial<DownloadManagerOptions> = {}): DownloadManager {
  const policy = { allowedHosts: new Set(["127.0.0.1"]) };
  const tokenFile = join(home, "token");
  const client = new Hub({ endpoint: hub.url, fetch: createGuardedFetch(policy), token: () => readToken(tokenFile) });
  const manager = new DownloadManager({
    folder: join(home, "downloads"),
    tokenFile,
    modelsFolder: join(home, "models"),
    hub: client,
    request: createGuardedRequest(policy),
    retries,
    pieceBytes: 1024 * 1024,
    freeBytes: async () => 1e12,
    onFinished: () => {},
    onChange: () => {},
    ...options,
  });
  managers.push(manager);
  return manager;
}

const source = { repository: REPOSITORY, file: FILE };
const target = () => join(home, "models", "loras", "style.safetensors");
const stateOf = (manager: DownloadManager) => manager.snapshot().downloads[0];

/** Everything in the models folder, and that what has its final name is the published file. */
async function checkFolder(): Promise<string[]> {
  const names = (await readdir(join(home, "models"), { recursive: true }).catch(() => [])).filter((n) =>
    n.includes("."),
  );
  if (existsSync(target())) expect(sha256(await readFile(target()))).toBe(sha256(content));
  return names;
}

async function fetchAll(mischief: Mischief[]): Promise<ReturnType<typeof stateOf>> {
  hub.mischief = mischief;
  const isSilent = mischief.includes("stall");
  const manager = open(isSilent ? { retries: { ...retries, idleTimeoutMs: 300 } } : {});
  await manager.add("lora", source);
  await manager.idle();
  await checkFolder();
  return stateOf(manager);
}

describe("a hub that behaves badly", () => {
  test.each<[string, Mischief[]]>([
    ["behaves well", ["honest"]],
    ["drops the connection again and again", ["honest", "drop", "drop", "drop", "honest"]],
    ["drops the very first answer", ["drop", "honest"]],
    ["falls silent", ["honest", "stall", "honest"]],
    ["is slow", ["slow"]],
    ["sends a wrong range once", ["honest", "wrong-range", "honest"]],
    [
      "always sends wrong ranges, so that it is asked for the whole file",
      [...["honest", "wrong-range", "wrong-range", "wrong-range"], ...["honest"]] as Mischief[],
    ],
    ["sends more than the range has", ["honest", "too-much", "honest"]],
    ["knows no ranges", ["no-ranges"]],
    ["knows no ranges and drops", ["no-ranges", "drop", "no-ranges"]],
    ["forgets ranges midway", ["honest", "no-ranges", "no-ranges"]],
    ["ends early in good order", ["honest", "short", "honest"]],
    ["has no length to tell", ["no-length"]],
    ["asks for patience in seconds", [{ status: 429, retryAfter: "0" }, "honest"]],
    ["asks for patience with a date", [{ status: 503, retryAfter: new Date(0).toUTCString() }, "honest"]],
    ["is overloaded", [{ status: 503 }, { status: 500 }, { status: 502 }, "honest"]],
    ["is overloaded midway", ["honest", { status: 429 }, { status: 503 }, "honest"]],
    ["sends the client to its store", [{ redirect: `/cdn/${FILE}` }, "honest"]],
    ["compresses", ["honest", "gzip", "honest"]],
  ])("%s: the file is there, and right", async (_what, mischief) => {
    const { state, error } = (await fetchAll(mischief))!;
    expect(error).toBeNull();
    expect(state).toBe("done");
    expect(await checkFolder()).toEqual(["loras/style.safetensors"]);
    expect(await readdir(join(home, "downloads"))).toEqual([]);
  });

  test.each<[string, Mischief[], string]>([
    ["sends other bytes", ["honest", "wrong-bytes"], "download-wrong-hash"],
    ["sends other bytes without ranges", ["no-ranges", "wrong-bytes"], "download-wrong-hash"],
    ["replaces the file midway", ["honest", "changed"], "download-wrong-hash"],
    ["sends a page", ["page"], "download-not-a-model"],
    ["never answers in full", ["honest", "drop", { status: 503 }], "download-interrupted"],
    ["is overloaded for good", [{ status: 503 }], "download-interrupted"],
    ["has lost the file", [{ status: 404 }], "download-not-found"],
    ["wants an agreement", [{ status: 403, errorCode: "GatedRepo" }], "download-needs-token"],
    ["forbids it", [{ status: 403 }], "download-refused-by-server"],
    ["redirects in a circle", [{ redirect: `/files/${FILE}` }], "fetch-refused"],
    ["redirects into this network", [{ redirect: "http://127.0.0.2:9/x.safetensors" }], "fetch-refused"],
    ["redirects to a file", [{ redirect: "file:///etc/passwd" }], "fetch-refused"],
  ])("%s: the file is absent, and the reason is told", async (_what, mischief, code) => {
    const download = (await fetchAll(mischief))!;
    expect(download).toMatchObject({ state: "failed", error: { code } });
    expect(existsSync(target())).toBe(false);
    expect(download.error?.message).toMatch(/\.$/);
    expect(download.error?.help).toMatch(/\.$/);
  });

  test("chance decides: whatever happens, the file is right or absent", async () => {
    const random = pseudoRandom(41);
    const kinds: Mischief[] = [
      ...(["honest", "honest", "honest", "drop", "wrong-range", "too-much", "no-ranges", "short", "gzip"] as const),
      ...[{ status: 503 }, { status: 429, retryAfter: "0" }, { redirect: `/cdn/${FILE}` }],
      ...(["wrong-bytes", "changed"] as const),
    ];
    const outcomes: Record<string, number> = {};
    for (let round = 0; round < 10; round++) {
      hub.mischief = Array.from({ length: 12 }, () => kinds[Math.floor(Math.abs(random()) * kinds.length)]!);
      home = (await temporaryFolder()).path;
      const manager = open({ connections: 1 + (round % 4) });
      await manager.add("lora", source);
      await manager.idle();
      const names = await checkFolder();
      const { state } = stateOf(manager)!;
      expect(names.includes("loras/style.safetensors")).toBe(state === "done");
      outcomes[state] = (outcomes[state] ?? 0) + 1;
      await manager.close();
      (hub as LoopbackHub & { isChanged: boolean }).isChanged = false;
    }
    expect(outcomes.done).toBeGreaterThan(2);
  });
});

describe("going on", () => {
  const large = encodeSafetensors({
    x: { shape: [8 * 1024 * 1024], dtype: "U8", data: randomBytes(8 * 1024 * 1024) },
  });

  test("after a restart of Heddle only what is missing is fetched", async () => {
    hub.files[FILE] = { bytes: large };
    const first = open({ connections: 1 });
    first.setBandwidthLimit(8e6);
    await first.add("lora", source);
    await until(() => stateOf(first)!.bytes > 3e6);
    await first.close();
    expect(existsSync(target())).toBe(false);

    hub.requests.length = 0;
    const second = open();
    const kept = stateOf(second)!.bytes;
    expect(kept).toBeGreaterThan(1e6);
    second.setBandwidthLimit(null);
    second.start();
    await second.idle();
    expect(stateOf(second)).toMatchObject({ state: "done", error: null });
    expect(sha256(await readFile(target()))).toBe(sha256(large));
    // One connection fetched from the beginning on; besides the question for one byte, nothing of that comes again.
    const starts = hub.requests.flatMap(({ range }) => {
      const from = range === "bytes=0-0" ? undefined : /^bytes=(\d+)-/.exec(range ?? "")?.[1];
      return from === undefined ? [] : [Number(from)];
    });
    expect(Math.min(...starts)).toBeGreaterThanOrEqual(kept);
  });

  test("pause stops the traffic, resume goes on, several connections share the work", async () => {
    hub.files[FILE] = { bytes: large };
    const manager = open();
    manager.setBandwidthLimit(8e6);
    const id = await manager.add("lora", source);
    await until(() => stateOf(manager)!.bytes > 1e6);
    manager.pause(id);
    await manager.idle();
    expect(stateOf(manager)!.state).toBe("paused");
    const requests = hub.requests.length;
    manager.setBandwidthLimit(null);
    expect(open().snapshot().downloads[0]).toMatchObject({ id, state: "paused" });
    manager.resume(id);
    await manager.idle();
    expect(sha256(await readFile(target()))).toBe(sha256(large));
    expect(hub.requests.length).toBeGreaterThan(requests + 1);
  });

  test("paused at once, it is paused, and goes on when it is told to", async () => {
    const manager = open();
    const id = await manager.add("lora", source);
    manager.pause(id);
    await manager.idle();
    expect(stateOf(manager)!.state).toBe("paused");
    manager.resume(id);
    await manager.idle();
    expect(stateOf(manager)!.state).toBe("done");
  });

  test("asked for twice in the same moment, it is fetched once", async () => {
    const manager = open();
    const address = { url: `http://127.0.0.1:${hub.port}/files/${FILE}` };
    const [first, second] = await Promise.all([manager.add("lora", address), manager.add("lora", address)]);
    expect(second).toBe(first);
    expect(manager.snapshot().downloads).toHaveLength(1);
    await manager.idle();
    await checkFolder();
  });

  test("where nothing can be written down any more, the failure is still told", async () => {
    const manager = open({
      freeBytes: async () => {
        // What lies in the place of the journals keeps them from being written.
        await rm(join(home, "downloads"), { recursive: true });
        await writeFile(join(home, "downloads"), "");
        return 0;
      },
    });
    await manager.add("lora", source);
    await manager.idle();
    expect(stateOf(manager)).toMatchObject({ state: "failed", error: { code: expect.any(String) } });
  });

  test("a journal that says more than the partial file holds is not believed", async () => {
    hub.mischief = ["honest", "drop", { status: 404 }];
    const first = open();
    await first.add("lora", source);
    await first.idle();
    await first.close();
    const [journal] = (await readdir(join(home, "downloads"))).filter((name) => name.endsWith(".json"));
    const file = join(home, "downloads", journal!);
    const written = JSON.parse(await readFile(file, "utf8"));
    await writeFile(file, JSON.stringify({ ...written, done: [[0, content.length]], state: "active" }));
    hub.mischief = ["honest"];
    const second = open();
    second.start();
    await second.idle();
    expect(stateOf(second)).toMatchObject({ state: "done" });
    await checkFolder();
  });

  test("cancelling leaves nothing behind", async () => {
    hub.mischief = ["honest", "stall"];
    const manager = open();
    const id = await manager.add("lora", source);
    await until(() => stateOf(manager)!.bytes > 0);
    await manager.cancel(id);
    expect(manager.snapshot().downloads).toEqual([]);
    expect(await checkFolder()).toEqual([]);
    expect(await readdir(join(home, "downloads"))).toEqual([]);
  });

  test("two Heddles do not write the same file", async () => {
    hub.mischief = ["honest", "stall"];
    const first = open();
    await first.add("lora", source);
    await until(() => stateOf(first)!.bytes > 0);
    const second = open();
    second.start();
    await second.idle();
    expect(stateOf(second)).toMatchObject({ state: "failed", error: { code: "download-held-elsewhere" } });
  });
});

describe("the disk", () => {
  test("is looked at before anything is written", async () => {
    const manager = open({ freeBytes: async () => 1000 });
    await manager.add("lora", source);
    await manager.idle();
    expect(stateOf(manager)).toMatchObject({ state: "failed", bytes: 0, error: { code: "disk-full" } });
    expect(stateOf(manager)!.error?.message).toContain("only 0.00 GB are free");
  });

  test("a name that is taken stays what it is", async () => {
    const mine = join(home, "models", "loras", "style.safetensors");
    await mkdir(dirname(mine), { recursive: true });
    await writeFile(mine, "mine");
    await expect(open().add("lora", source)).rejects.toMatchObject({ code: "download-name-taken" });
    expect(await readFile(mine, "utf8")).toBe("mine");
    const other = open();
    await other.add("lora", source, "style-2.safetensors");
    await other.idle();
    expect(existsSync(join(home, "models/loras/style-2.safetensors"))).toBe(true);
  });

  test("a file that appears meanwhile is not replaced", async () => {
    hub.mischief = ["slow"];
    const manager = open();
    await manager.add("lora", source);
    await until(() => stateOf(manager)!.state === "downloading");
    await writeFile(target(), "mine");
    await manager.idle();
    expect(stateOf(manager)).toMatchObject({ state: "failed", error: { code: "download-name-taken" } });
    expect(await readFile(target(), "utf8")).toBe("mine");
  });

  test.each([
    "../x.safetensors",
    "a/b.safetensors",
    "con.safetensors",
    "x.ckpt",
    "x.safetensors ",
    ".safetensors",
    "x\0.gguf",
  ])("%j is no name for a model", async (name) => {
    await expect(open().add("lora", source, name)).rejects.toMatchObject({ code: "bad-file-name" });
  });
});

describe("sources", () => {
  test("an address of the hub is the file behind it, at the commit that it has now", async () => {
    const manager = open();
    await manager.add("lora", { url: `${hub.url}/${REPOSITORY}/blob/main/${FILE}` });
    await manager.idle();
    expect(stateOf(manager)).toMatchObject({
      state: "done",
      origin: { repository: REPOSITORY, file: FILE, revision: REVISION },
    });
  });

  test("any other address works too, without a hash to compare", async () => {
    const found: string[] = [];
    const manager = open({ onFinished: (file) => void found.push(file.sha256) });
    await manager.add("lora", { url: `http://127.0.0.1:${hub.port}/files/${FILE}` });
    await manager.idle();
    expect(stateOf(manager)).toMatchObject({ state: "done", name: "loras/style.safetensors" });
    expect(found).toEqual([sha256(content)]);
  });

  test("a page at such an address is no model", async () => {
    hub.mischief = ["page"];
    const manager = open();
    await manager.add("lora", { url: `http://127.0.0.1:${hub.port}/files/${FILE}` });
    await manager.idle();
    expect(stateOf(manager)).toMatchObject({ state: "failed", error: { code: "download-not-a-model" } });
    expect(await checkFolder()).toEqual([]);
  });

  test("a hash that the hub does not confirm is refused before a byte is fetched", async () => {
    await expect(open().add("lora", { ...source, sha256: "0".repeat(64) })).rejects.toMatchObject({
      code: "download-wrong-hash",
    });
  });

  test("a token opens gated files, and goes to the hub alone", async () => {
    hub.gatedBy = "hf_secret";
    const other = await startLoopbackHub({ [FILE]: { bytes: content } });
    hub.mischief = [{ redirect: `${other.url}/cdn/${FILE}` }];
    const manager = open();
    const id = await manager.add("lora", source);
    await manager.idle();
    expect(stateOf(manager)).toMatchObject({ state: "failed", error: { code: "download-needs-token" } });
    manager.setToken("hf_secret");
    expect(manager.snapshot().hasToken).toBe(true);
    manager.resume(id);
    await manager.idle();
    expect(stateOf(manager)).toMatchObject({ state: "done" });
    expect(hub.requests.some(({ authorization }) => authorization === "Bearer hf_secret")).toBe(true);
    expect(other.requests.map(({ authorization }) => authorization).filter(Boolean)).toEqual([]);
    manager.setToken(null);
    expect(manager.snapshot().hasToken).toBe(false);
    await other.close();
  });

  test("nothing on this machine is reached that nobody allowed", async () => {
    const manager = open({
      request: createGuardedRequest(),
      hub: new Hub({ endpoint: hub.url, fetch: createGuardedFetch(), token: () => undefined }),
    });
    await expect(manager.add("lora", source)).rejects.toMatchObject({ code: "fetch-refused" });
    const url = `http://127.0.0.1:${hub.port}/files/${FILE}`;
    const direct = open({ request: createGuardedRequest() });
    await direct.add("lora", { url: url.replace("127.0.0.1", "localhost") });
    await direct.idle();
    expect(stateOf(direct)).toMatchObject({ state: "failed", error: { code: "fetch-refused" } });
    expect(hub.requests).toEqual([]);
  });
});

test("the bandwidth limit holds for all together", async () => {
  const bytes = encodeSafetensors({ x: { shape: [3_000_000], dtype: "U8", data: randomBytes(3_000_000) } });
  hub.files = { "a.safetensors": { bytes }, "b.safetensors": { bytes } };
  const manager = open();
  manager.setBandwidthLimit(10e6);
  const begun = performance.now();
  for (const file of ["a.safetensors", "b.safetensors"]) await manager.add("lora", { repository: REPOSITORY, file });
  await manager.idle();
  expect(manager.snapshot().downloads.map(({ state }) => state)).toEqual(["done", "done"]);
  expect(performance.now() - begun).toBeGreaterThan(450);
  expect(open().snapshot().bandwidthLimit).toBe(10e6);
});

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 5) {
    if (waited > 45_000) throw new Error("it never came to that");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
