import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { RunResults } from "./run-results.ts";

const image = (n: number) => ({
  ...{ hash: n.toString(16).padStart(64, "0"), width: 8, height: 8, mimeType: "image/png" },
  seed: String(n),
});
const made = (nodeId: string, runId: string, ...numbers: number[]) => ({ nodeId, runId, images: numbers.map(image) });
const seeds = (results: RunResults, workflow: string, limit = 100) =>
  results.latest(workflow, limit).map((result) => `${result.nodeId} ${result.image.seed}`);

test("each workflow has its own pictures, the latest first, also after a restart", async () => {
  const file = join((await temporaryFolder()).path, "results.db");
  const first = new RunResults(file);
  first.add("cat", made("save", "r1", 1, 2));
  first.add("dog", made("save", "r2", 3));
  first.add("cat", made("preview", "r3", 4));
  first.close();
  const again = new RunResults(file);
  expect(seeds(again, "cat")).toEqual(["preview 4", "save 1", "save 2"]);
  expect(again.latest("dog", 1)).toEqual([{ image: image(3), nodeId: "save", runId: "r2" }]);
  expect(seeds(again, "cat", 1)).toEqual(["preview 4"]);
  expect(again.latest("bird", 9)).toEqual([]);
  // What is shown again is the latest again, and there once.
  again.add("cat", made("save", "r4", 2));
  expect(seeds(again, "cat")).toEqual(["save 2", "preview 4", "save 1"]);
  again.close();
});

test("the oldest pictures of a workflow are forgotten, those of others are not", () => {
  const results = new RunResults();
  results.add("other", made("save", "r0", 9_999));
  for (let n = 0; n < 520; n += 10)
    results.add("large", made("save", `r${n}`, ...Array.from({ length: 10 }, (_, i) => n + i)));
  const kept = seeds(results, "large", 1_000);
  expect(kept).toHaveLength(500);
  expect(kept[0]).toBe("save 510");
  expect(seeds(results, "other")).toEqual(["save 9999"]);
  results.close();
});
