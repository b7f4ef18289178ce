import { describe, expect, test } from "vitest";
import { TorchGenerator } from "../../engine/sampling/noise.ts";
import type { Conditioning } from "../../engine/types.ts";
import { runNode } from "../testing/run-node.ts";
import { addEmbeddingNoise } from "./add-noise.ts";

/** Normal values with standard deviation 3, and a few that are hundreds of times as large. */
const embeddings = new TorchGenerator(1n).randn(20_000).map((value, i) => (i % 5000 === 0 ? 4000 : 3 * value));

function differences(noised: Float32Array): number[] {
  return [...noised].map((value, i) => value - embeddings[i]!).filter((difference) => difference !== 0);
}

describe("addEmbeddingNoise", () => {
  test("changes the share that is asked for, by noise in the embedding's own measure", () => {
    const { embeddings: noised, changed } = addEmbeddingNoise(embeddings, { seed: 7n, strength: 0.5, share: 0.3 });
    const changes = differences(noised);
    expect(changes.length).toBe(changed);
    expect(changed / embeddings.length).toBeCloseTo(0.3, 1);
    const mean = changes.reduce((sum, value) => sum + value, 0) / changed;
    const deviation = Math.sqrt(changes.reduce((sum, value) => sum + (value - mean) ** 2, 0) / changed);
    expect(Math.abs(mean)).toBeLessThan(0.1);
    expect(deviation).toBeCloseTo(0.5 * 3, 1);
  });

  test("is the same for the same seed, and another for another", () => {
    const options = { seed: 7n, strength: 1, share: 0.5 };
    const first = addEmbeddingNoise(embeddings, options).embeddings;
    expect(addEmbeddingNoise(embeddings, options).embeddings).toEqual(first);
    expect(addEmbeddingNoise(embeddings, { ...options, seed: 8n }).embeddings).not.toEqual(first);
  });

  test.each([
    [0, 1],
    [1, 0],
  ])("a strength of %d with a share of %d changes nothing", (strength, share) => {
    expect(addEmbeddingNoise(embeddings, { seed: 7n, strength, share })).toEqual({ embeddings, changed: 0 });
  });
});

test("the node keeps everything but the values, and takes a linked seed", async () => {
  const conditioning = { kind: "conditioning", embeddings, tokens: 200, width: 100, text: "a cat" } as Conditioning;
  const run = async (inputs: Record<string, unknown>, params = {}) =>
    (await runNode("conditioning-noise", { conditioning, ...inputs }, params)).outputs.conditioning as Conditioning;
  const noised = await run({}, { seed: 5 });
  expect({ ...noised, embeddings }).toEqual(conditioning);
  expect(noised.embeddings).not.toEqual(embeddings);
  expect((await run({ seed: 5 })).embeddings).toEqual(noised.embeddings);
});
