import { describe, expect, test } from "vitest";
import { sampleToken, type TokenSampling } from "./sample-token.ts";

const plain: TokenSampling = { temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1 };
/** Probabilities 0.5, 0.3, 0.15, 0.05 of the tokens 3, 1, 0, 2. */
const logits = Float32Array.of(Math.log(0.15), Math.log(0.3), Math.log(0.05), Math.log(0.5));
const none = new Set<number>();

/** Shares of the tokens over evenly spread random numbers. */
function shares(sampling: Partial<TokenSampling>, seen: ReadonlySet<number> = none): number[] {
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < 1000; i++) counts[sampleToken(logits, seen, { ...plain, ...sampling }, (i + 0.5) / 1000)]!++;
  return counts.map((count) => count / 1000);
}

describe("sampleToken", () => {
  test("draws by probability", () => {
    expect(shares({})).toEqual([0.15, 0.3, 0.05, 0.5].map((share) => expect.closeTo(share, 2)));
  });

  test("temperature sharpens or flattens; 0 takes the most likely", () => {
    const powers = [0.15, 0.3, 0.05, 0.5].map((share) => share ** 2);
    const sum = powers.reduce((total, power) => total + power, 0);
    expect(shares({ temperature: 0.5 })).toEqual(powers.map((power) => expect.closeTo(power / sum, 2)));
    expect(shares({ temperature: 0 })).toEqual([0, 0, 0, 1]);
    expect(shares({ temperature: 100 }).every((share) => Math.abs(share - 0.25) < 0.02)).toBe(true);
  });

  test("top-k keeps so many, top-p as many as have that probability together, and at least one", () => {
    expect(shares({ topK: 2 })).toEqual([0, expect.closeTo(0.375, 2), 0, expect.closeTo(0.625, 2)]);
    expect(shares({ topP: 0.7 })).toEqual([0, expect.closeTo(0.375, 2), 0, expect.closeTo(0.625, 2)]);
    expect(shares({ topP: 0.81 })[0]).toBeGreaterThan(0.1);
    expect(shares({ topP: 0 })).toEqual([0, 0, 0, 1]);
    expect(shares({ topK: 3, topP: 0.5 })).toEqual([0, 0, 0, 1]);
  });

  test("the penalty divides what speaks for a seen token, and multiplies what speaks against it", () => {
    expect(
      sampleToken(Float32Array.of(2, 1.5, -1), new Set([0]), { ...plain, temperature: 0, repetitionPenalty: 1.5 }, 0),
    ).toBe(1);
    const against = Float32Array.of(-1, -1.2);
    expect(sampleToken(against, none, { ...plain, temperature: 0 }, 0)).toBe(0);
    expect(sampleToken(against, new Set([0]), { ...plain, temperature: 0, repetitionPenalty: 1.5 }, 0)).toBe(1);
    expect(logits[3]).toBeCloseTo(Math.log(0.5), 6);
  });

  test("the ends of the range are the first and the last token that count", () => {
    expect(sampleToken(logits, none, plain, 0)).toBe(3);
    expect(sampleToken(logits, none, plain, 1 - 1e-12)).toBe(2);
  });
});
