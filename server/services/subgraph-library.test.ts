import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { SubgraphFile } from "../../graph/subgraphs/file.ts";
import { createSubgraphLibrary } from "./subgraph-library.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "heddle-subgraphs-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const file = (id: string, title: string): SubgraphFile => ({
  format: "heddle-subgraph",
  version: 1,
  subgraphs: [{ id, title, inputs: [], outputs: [], params: [], nodes: [], links: [] }],
});

test("subgraphs are kept as files, listed by title, replaced under the same id, and removed", async () => {
  const library = createSubgraphLibrary(path.join(folder, "new"));
  expect(await library.list()).toEqual([]);
  expect(await library.save(file("b", "Zoom in"))).toEqual({ name: "zoom-in" });
  expect(await library.save(file("a", "Detail"))).toEqual({ name: "detail" });
  expect(await library.save(file("c", "detail!"))).toEqual({ name: "detail-2" });
  expect(await library.save(file("a", "Better detail"))).toEqual({ name: "detail" });
  expect((await library.list()).map(({ name, file: { subgraphs } }) => [name, subgraphs[0]?.title])).toEqual([
    ["detail", "Better detail"],
    ["detail-2", "detail!"],
    ["zoom-in", "Zoom in"],
  ]);
  expect(await library.remove("detail")).toBe(true);
  expect(await library.remove("detail")).toBe(false);
  expect((await readdir(path.join(folder, "new"))).sort()).toEqual(["detail-2.json", "zoom-in.json"]);
});

test("what is no subgraph is left out, and no name reaches outside", async () => {
  const outside = path.join(folder, "outside.json");
  await writeFile(outside, "{}");
  const library = createSubgraphLibrary(path.join(folder, "library"));
  await library.save(file("a", "../../outside"));
  await writeFile(path.join(folder, "library", "broken.json"), "no");
  expect((await library.list()).map(({ name }) => name)).toEqual(["outside"]);
  expect(await library.remove("../outside")).toBe(false);
  expect((await readdir(folder)).sort()).toEqual(["library", "outside.json"]);
});
