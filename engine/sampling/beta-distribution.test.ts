import { describe, expect, it } from "vitest";
import { betaCdf, betaQuantile } from "./beta-distribution.ts";

describe("betaQuantile", () => {
  it.each([
    // Closed forms: Beta(1, 1) is uniform, Beta(1/2, 1/2) is the arcsine law, Beta(2, 1) has the CDF x².
    [0.3, 1, 1, 0.3],
    [0.2, 0.5, 0.5, Math.sin((Math.PI / 2) * 0.2) ** 2],
    [0.81, 2, 1, 0.9],
    [0.5, 0.6, 0.6, 0.5],
  ])("inverts the CDF at %s for Beta(%s, %s)", (probability, a, b, expected) => {
    expect(betaQuantile(probability, a, b)).toBeCloseTo(expected, 12);
  });

  it("is the inverse of betaCdf and symmetric where the distribution is", () => {
    for (let p = 0.01; p < 1; p += 0.07) {
      const x = betaQuantile(p, 0.6, 0.6);
      expect(betaCdf(x, 0.6, 0.6)).toBeCloseTo(p, 12);
      expect(betaQuantile(1 - p, 0.6, 0.6)).toBeCloseTo(1 - x, 12);
    }
  });

  it("reaches the ends", () => {
    expect([betaQuantile(0, 0.6, 0.6), betaQuantile(1, 0.6, 0.6)]).toEqual([0, 1]);
  });
});
