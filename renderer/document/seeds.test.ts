import { describe, expect, test } from "vitest";
import type { WorkflowDocument } from "../../graph/document.ts";
import { parseWorkflow } from "../../graph/parse.ts";
import { findDefinition } from "../../nodes/definitions.ts";
import { applyPatches } from "./patch.ts";
import { rollSeeds, type SeedMode, seedModeOf, seedModes, setSeedMode, unlockedSeeds } from "./seeds.ts";

const LAST = "9223372036854775807";

function withSeed(seed: number | string, mode: SeedMode): WorkflowDocument {
  const nodes = [{ id: "sampler", type: "sampler", params: { seed } }];
  const { document } = parseWorkflow({ format: "heddle-workflow", version: 1, title: "", nodes, links: [] });
  return applyPatches(document, setSeedMode(document, "sampler", "seed", mode));
}

const rolled = (document: WorkflowDocument) =>
  applyPatches(
    document,
    rollSeeds(document, findDefinition, () => 0.5),
  ).nodes[0]!.params.seed;

describe("at every run a seed", () => {
  test.each<[SeedMode, number | string, number | string]>([
    ["fixed", 7, 7],
    ["random", 7, 2 ** 31 + 2 ** 20 * 2 ** 32],
    ["increment", 7, 8],
    ["decrement", 7, 6],
    ["increment", Number.MAX_SAFE_INTEGER, "9007199254740992"],
    ["decrement", "9007199254740992", Number.MAX_SAFE_INTEGER],
    ["increment", "9223372036854775806", LAST],
    ["increment", LAST, 0],
    ["decrement", 0, LAST],
  ])("that is %s goes from %s to %s, exactly", (mode, seed, next) => {
    expect(rolled(withSeed(seed, mode))).toBe(next);
  });

  test("that was never set counts from its default", () => {
    const document = withSeed(7, "increment");
    delete document.nodes[0]!.params.seed;
    expect(rolled(document)).toBe(1);
  });
});

test("modes follow each other without leaving anything behind", () => {
  let document = withSeed(7, "fixed");
  for (const mode of [...seedModes, ...seedModes.toReversed()]) {
    document = applyPatches(document, setSeedMode(document, "sampler", "seed", mode));
    expect(seedModeOf(document.nodes[0]!, "seed")).toBe(mode);
    expect(unlockedSeeds(document.nodes[0]!)).toEqual(mode === "fixed" ? [] : ["seed"]);
  }
  expect(document).toEqual(withSeed(7, "fixed"));
});

test("a document from before, with unlocked seeds only, draws them anew", () => {
  const document = withSeed(7, "random");
  expect(document.nodes[0]).toMatchObject({ unlockedSeeds: ["seed"] });
  expect(document.nodes[0]).not.toHaveProperty("seedSteps");
});
