import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { claim } from "./claim.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-claims-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** No process has such a number. */
const DEAD = 2 ** 30;

test("a claim is one's own until it is given up, also in the same process", async () => {
  const release = claim(folder, "a");
  expect(release).toBeDefined();
  expect(claim(folder, "a")).toBeUndefined();
  const other = claim(folder, "b");
  expect(other).toBeDefined();
  release?.();
  other?.();
  expect(await readdir(folder)).toEqual([]);
  claim(folder, "a")?.();
});

test("claims of processes that are gone count for nothing, those of living ones do", async () => {
  // The second is left from an earlier process of this number, the third from an earlier version.
  for (const name of [`a.${DEAD}-0.claim`, `a.${process.pid}-0.claim`, "a.claim"])
    await writeFile(join(folder, name), "");
  const release = claim(folder, "a");
  expect(release).toBeDefined();
  expect(await readdir(folder)).toHaveLength(1);
  release?.();
  await writeFile(join(folder, `a.${process.ppid}-0.claim`), "");
  expect(claim(folder, "a")).toBeUndefined();
});

/** Takes a claim again and again with a dead one in its way, and fails when somebody else has it at the same time. */
const contender = `
  import { closeSync, openSync, rmSync, writeFileSync } from "node:fs";
  import { claim } from ${JSON.stringify(new URL("./claim.ts", import.meta.url).href)};
  const folder = process.argv[1];
  let taken = 0;
  for (let round = 0; round < 300; round++) {
    writeFileSync(folder + "/a.${DEAD}-" + process.pid + "-" + round + ".claim", "");
    const release = claim(folder, "a");
    if (!release) continue;
    closeSync(openSync(folder + "/inside", "wx"));
    rmSync(folder + "/inside");
    release();
    taken += 1;
  }
  process.stdout.write(String(taken));
`;

test("of several processes that find a dead claim, one at a time takes its place", { timeout: 60_000 }, async () => {
  const args = ["--input-type=module", "--eval", contender, folder];
  const runs = await Promise.all([1, 2, 3].map(() => promisify(execFile)(process.execPath, args)));
  const taken = runs.map(({ stdout }) => Number(stdout));
  expect(taken.reduce((sum, count) => sum + count)).toBeGreaterThan(100);
});
