import { mkdir, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { encodeSafetensors, pseudoRandom, randomTensor } from "../../test/support/encode-safetensors.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { openWeightFile } from "../weights/weight-set.ts";
import { deriveWeights } from "./derive-weights.ts";
import { DerivedStore } from "./derived-store.ts";

const MODULE = "layers.0.attention.to_q";

async function derived() {
  const folder = await temporaryFolder();
  const weight = randomTensor(pseudoRandom(1), 4, 64);
  const source = await folder.write("source.safetensors", encodeSafetensors({ [`${MODULE}.weight`]: weight }));
  const needs = {
    tensors: [`${MODULE}.weight`],
    modules: [{ path: MODULE, inFeatures: 64, outFeatures: 4, hasBias: false }],
  };
  const cacheFolder = join(folder.path, "cache");
  await deriveWeights({ source: await openWeightFile(source), needs, plan: "h8", cacheFolder });
  return { source, cacheFolder, store: new DerivedStore(cacheFolder) };
}

it("lists what was made of what, and removes it", async () => {
  const { source, store } = await derived();
  const [file, ...others] = await store.list();
  expect(others).toEqual([]);
  expect(file).toMatchObject({ plan: "h8", source, isStale: false });
  expect(file!.bytes).toBeGreaterThan(4 * 64);
  await store.remove(file!.key);
  expect(await store.list()).toEqual([]);
  await expect(store.remove(file!.key)).rejects.toMatchObject({ code: "derived-unknown" });
  await expect(store.remove("../../source")).rejects.toMatchObject({ code: "derived-unknown" });
});

it("removes what nothing will use: changed or missing sources, damage, and what dead processes left", async () => {
  const { source, cacheFolder, store } = await derived();
  expect(await store.removeStale()).toBe(0);
  const folder = join(cacheFolder, "derived");
  await writeFile(join(folder, `${"0".repeat(32)}.safetensors`), "damaged");
  await writeFile(join(folder, `${"1".repeat(32)}.safetensors.999999999-0a1b2c3d.part`), "unfinished");
  await writeFile(join(folder, `${"1".repeat(32)}.safetensors.${process.pid}.part`), "under way");
  await mkdir(join(folder, "other"));
  expect(await store.removeStale()).toBe("damaged".length + "unfinished".length);
  expect(await readdir(folder)).toHaveLength(3);
  const later = Date.now() / 1e3 + 60;
  await utimes(source, later, later);
  expect((await store.list())[0]!.isStale).toBe(true);
  await rm(source);
  expect(await store.removeStale()).toBeGreaterThan(0);
  expect(await store.list()).toEqual([]);
});

it("is empty where nothing was derived", async () => {
  const { path } = await temporaryFolder();
  const store = new DerivedStore(path);
  expect(await store.list()).toEqual([]);
  expect(await store.removeStale()).toBe(0);
});
