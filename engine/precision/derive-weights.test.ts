import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, stat, statfs, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, vi } from "vitest";
import { encodeSafetensors, pseudoRandom, randomTensor } from "../../test/support/encode-safetensors.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { readFloats, readTensorBytes } from "../weights/read-tensor.ts";
import { openWeightFile } from "../weights/weight-set.ts";
import { type DerivationProgress, deriveWeights } from "./derive-weights.ts";
import type { GraphNeeds } from "./derived-layout.ts";
import { quantiseRows, rotate } from "./quantise.ts";

vi.mock("node:fs/promises", async (original) => {
  const actual = await original<typeof import("node:fs/promises")>();
  return { ...actual, statfs: vi.fn(actual.statfs) };
});

const MODULE = "layers.0.attention.to_q";
const script = fileURLToPath(new URL("./testing/derive-when-told.ts", import.meta.url));
const OUT = 3;
const IN = 64;
const needs: GraphNeeds = {
  tensors: [`${MODULE}.weight`, "norm.weight"],
  modules: [{ path: MODULE, inFeatures: IN, outFeatures: OUT, hasBias: false }],
};

async function prepared() {
  const folder = await temporaryFolder();
  const random = pseudoRandom(1);
  const weight = randomTensor(random, OUT, IN);
  const path = await folder.write(
    "source.safetensors",
    encodeSafetensors({
      [`${MODULE}.weight`]: weight,
      "norm.weight": { shape: [4], data: Uint16Array.of(0x3f80, 0x4000, 0xbf80, 0), dtype: "BF16" },
      "unused.weight": randomTensor(random, 8),
    }),
  );
  const cacheFolder = join(folder.path, "cache");
  const progress: DerivationProgress[] = [];
  const derive = async (options: { signal?: AbortSignal } = {}) =>
    deriveWeights({
      ...{ source: await openWeightFile(path), needs, plan: "h8", cacheFolder, ...options },
      onProgress: (step) => progress.push(step),
    });
  const derived = () => readdir(join(cacheFolder, "derived"));
  return { path, weight: weight.data, cacheFolder, progress, derive, derived };
}

describe("deriveWeights", () => {
  it("writes rotated integers, input by output, with their scales, and copies the rest as stored", async () => {
    const { derive, weight } = await prepared();
    const { tensors } = await derive();
    rotate(weight, IN);
    const { integers, scales } = quantiseRows(weight, IN);
    const matrix = new Int8Array((await readTensorBytes(tensors.get(`${MODULE}.rotated`)!)).buffer);
    for (let out = 0; out < OUT; out++) {
      for (let i = 0; i < IN; i++) expect(matrix[i * OUT + out]).toBe(integers[out * IN + i]);
    }
    expect(await readFloats(tensors.get(`${MODULE}.rotated_scales`)!)).toEqual(scales);
    expect(tensors.get("norm.weight")).toMatchObject({ dtype: "BF16", shape: [4] });
    expect(await readFloats(tensors.get("norm.weight")!)).toEqual(Float32Array.of(1, 2, -1, 0));
    expect(tensors.size).toBe(3);
    for (const { offset } of tensors.values()) expect(offset % 64).toBe(0);
  });

  it("takes from the cache what is there, and makes it again when the source has changed", async () => {
    const { derive, derived, path, progress } = await prepared();
    const first = await derive();
    const { done, total } = progress.at(-1)!;
    expect(done).toBeLessThanOrEqual(total);
    progress.length = 0;
    expect((await derive()).fingerprint).toBe(first.fingerprint);
    expect(progress).toEqual([]);
    await utimes(path, 1, 1);
    await derive();
    expect(progress).not.toEqual([]);
    expect(await derived()).toHaveLength(2);
  });

  it("makes a damaged file again", async () => {
    const { derive, progress } = await prepared();
    const { path } = await derive();
    const { size } = await stat(path);
    await truncate(path, size - 64);
    progress.length = 0;
    await derive();
    expect(progress).not.toEqual([]);
    expect((await stat(path)).size).toBe(size);
  });

  it("is done once for two models that ask at the same time; one that is cancelled leaves it to the other", async () => {
    const { derive, derived, progress } = await prepared();
    const [first, second] = await Promise.all([derive(), derive()]);
    expect(second.fingerprint).toBe(first.fingerprint);
    // One step for the linear layer, one for what is copied.
    expect(progress).toHaveLength(2);
    const other = await prepared();
    const controller = new AbortController();
    const ends = Promise.allSettled([
      other.derive({ signal: controller.signal }),
      other.derive(),
      other.derive({ signal: AbortSignal.abort() }),
    ]);
    controller.abort();
    expect(await ends).toMatchObject([
      { reason: { code: "cancelled" } },
      { value: { tensors: { size: 3 } } },
      { reason: { code: "cancelled" } },
    ]);
    expect(await derived()).toHaveLength(1);
    expect(await other.derived()).toHaveLength(1);
  });

  it("may be done by two processes at the same time: both get the same, and one file is left", {
    timeout: 60_000,
  }, async () => {
    const folder = await temporaryFolder();
    const weight = randomTensor(pseudoRandom(2), 1024, 1024);
    const source = await folder.write("source.safetensors", encodeSafetensors({ [`${MODULE}.weight`]: weight }));
    const cacheFolder = join(folder.path, "cache");
    const children = [0, 1].map(() => fork(script, [source, cacheFolder]));
    await Promise.all(children.map((child) => once(child, "message")));
    const answers = children.map((child) => once(child, "message"));
    for (const child of children) child.send("go");
    const [[first], [second]] = (await Promise.all(answers)) as [unknown[], unknown[]];
    expect(first).toEqual({ digest: expect.stringMatching(/^[0-9a-f]{64}$/), hasWritten: true });
    expect(second).toMatchObject({ digest: (first as { digest: string }).digest });
    expect(await readdir(join(cacheFolder, "derived"))).toEqual([expect.stringMatching(/^[0-9a-f]{32}\.safetensors$/)]);
  });

  it("leaves nothing behind when it is cancelled", async () => {
    const { derive, derived } = await prepared();
    const controller = new AbortController();
    const deriving = derive({ signal: controller.signal });
    setTimeout(() => controller.abort());
    await expect(deriving).rejects.toMatchObject({ code: "cancelled" });
    expect(await derived()).toEqual([]);
  });

  it("tells a full disk before it starts", async () => {
    const { derive, derived } = await prepared();
    const free = { bavail: 10, bsize: 4096 } as Awaited<ReturnType<typeof statfs>>;
    vi.mocked(statfs).mockResolvedValueOnce(free);
    await expect(derive()).rejects.toMatchObject({ code: "disk-full", details: { freeBytes: 40960 } });
    expect(await derived()).toEqual([]);
  });

  it("says when the cache folder cannot be used", async () => {
    const { derive, cacheFolder } = await prepared();
    await mkdir(cacheFolder);
    await writeFile(join(cacheFolder, "derived"), "a file");
    await expect(derive()).rejects.toMatchObject({ code: "cache-unwritable" });
  });

  it("passes on that the source has gone", async () => {
    const { path, cacheFolder, derived } = await prepared();
    const source = await openWeightFile(path);
    await truncate(path, 100);
    await expect(deriveWeights({ source, needs, plan: "h8", cacheFolder })).rejects.toMatchObject({
      code: "file-unreadable",
    });
    expect(await derived()).toEqual([]);
  });
});
