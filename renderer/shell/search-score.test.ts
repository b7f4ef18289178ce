import { describe, expect, it } from "vitest";
import { nodeDefinitions } from "../../nodes/definitions.ts";
import { searchScore } from "./search-score.ts";

const best = (query: string) =>
  nodeDefinitions
    .map((definition) => ({
      type: definition.type,
      score: searchScore(definition.type, query, [definition.title, definition.category, ...definition.aliases]),
    }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ type }) => type);

describe("searching nodes", () => {
  it.each([
    ["ksam", "sampler"],
    ["KSampler", "sampler"],
    ["clip text", "prompt"],
    ["CLIP Text Encode", "prompt"],
    ["checkpoint", "load-model"],
    ["save", "save-image"],
    ["empty latent", "image-size"],
    ["vae dec", "vae-decode"],
    ["smplr", "sampler"],
    ["ＫＳａｍｐｌｅｒ", "sampler"],
  ])("finds for %s first the %s", (query, type) => {
    expect(best(query)[0]).toBe(type);
  });

  it("finds nothing for nonsense", () => {
    expect(best("qqqq")).toEqual([]);
  });
});
