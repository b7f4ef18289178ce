import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BrownianTree, brownianNoise } from "./brownian.ts";
import { seedFromSequence } from "./seed-sequence.ts";

interface RecordedNoise {
  seed: string;
  sigmas: number[];
  pairs: [number, number][];
  draws: number[][];
}

const { cases }: { cases: RecordedNoise[] } = JSON.parse(
  readFileSync(new URL("./testdata/brownian.json", import.meta.url), "utf8"),
);
const RECORDED_COUNT = 24;

describe("seedFromSequence", () => {
  it.each([
    [0n, [], 4, 2968811710],
    [0n, [1000000, 20], 24, 3773869570],
    [1n, [1000000, 20], 4, 1100633387],
    [7n, [3, 2], 24, 136233753],
    [4294967296n, [3, 2], 4, 294162288],
    [1099511627779n, [0, 0], 24, 2818185428],
    [18446744073709551615n, [0, 0], 4, 3268532259],
  ])("gives what numpy.random.SeedSequence(%s, %j, %i) gives", (entropy, spawnKey, poolSize, expected) => {
    expect(seedFromSequence(entropy, spawnKey, poolSize)).toBe(expected);
  });
});

describe("brownianNoise", () => {
  it.each(cases)("draws what ComfyUI draws for seed $seed over $sigmas", ({ seed, sigmas, pairs, draws }) => {
    const noise = brownianNoise(BigInt(seed), Float32Array.from(sigmas));
    pairs.forEach(([sigma, next], i) => {
      const drawn = noise.draw(RECORDED_COUNT, sigma, next);
      for (const [k, value] of draws[i]!.entries()) expect(Math.abs(drawn[k]! - value)).toBeLessThan(1e-6);
    });
  });

  it("is standard normal", () => {
    const values = brownianNoise(5n, Float32Array.of(1, 0.6, 0.2, 0)).draw(20_000, 0.6, 0.2);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.05);
  });
});

describe("BrownianTree", () => {
  it("does not depend on how the way is divided or in which order it is asked for", () => {
    const whole = new BrownianTree(9n, 0.003, 1, 32).increment(0.1, 0.9);
    const tree = new BrownianTree(9n, 0.003, 1, 32);
    const upper = tree.increment(0.37, 0.9);
    const lower = tree.increment(0.1, 0.37);
    for (const [i, value] of whole.entries()) expect(value).toBeCloseTo(lower[i]! + upper[i]!, 5);
  });

  it("stands still outside of its interval and over no distance", () => {
    const tree = new BrownianTree(9n, 0.2, 0.8, 4);
    expect([...tree.increment(0, 0.1), ...tree.increment(0.5, 0.5)]).toEqual(new Array(8).fill(0));
  });
});
