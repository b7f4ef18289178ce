import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { encodeSafetensors, pseudoRandom, randomTensor } from "../../test/support/encode-safetensors.ts";
import { canMountDisks, fillDisk, mountedDisk } from "../../test/support/small-disk.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { openWeightFile } from "../weights/weight-set.ts";
import { deriveWeights } from "./derive-weights.ts";

const canMount = canMountDisks();
const skipped = canMount ? "" : " (skipped: no file system of a given size can be mounted)";
const MODULE = "layers.0.attention.to_q";

async function derivation() {
  const folder = await temporaryFolder();
  const weight = randomTensor(pseudoRandom(1), 4, 64);
  const path = await folder.write("source.safetensors", encodeSafetensors({ [`${MODULE}.weight`]: weight }));
  const source = await openWeightFile(path);
  const needs = {
    tensors: [`${MODULE}.weight`],
    modules: [{ path: MODULE, inFeatures: 64, outFeatures: 4, hasBias: false }],
  };
  return (cacheFolder: string) => deriveWeights({ source, needs, plan: "int8", cacheFolder });
}

it.skipIf(!canMount)(`too small a disk is noticed before anything is written${skipped}`, async () => {
  const derive = await derivation();
  const disk = mountedDisk("size=1m");
  await expect(derive(disk)).rejects.toMatchObject({
    code: "disk-full",
    details: { neededBytes: expect.any(Number), freeBytes: expect.any(Number) },
  });
  expect(await readdir(join(disk, "derived"))).toEqual([]);
});

// What is counted here is files, not bytes: the disk has room, and says so, until the file is made.
it.skipIf(!canMount)(`a disk that fills up meanwhile is told apart; with room, it is made${skipped}`, async () => {
  const derive = await derivation();
  const disk = mountedDisk("size=300m,nr_inodes=3");
  await fillDisk(join(disk, "other-file"), 10);
  await expect(derive(disk)).rejects.toMatchObject({ code: "disk-full" });
  expect(await readdir(join(disk, "derived"))).toEqual([]);
  await rm(join(disk, "other-file"));
  expect((await derive(disk)).tensors.has(`${MODULE}.blocks`)).toBe(true);
});
