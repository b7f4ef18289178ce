import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SCHEDULES } from "./names.ts";
import { calculateShift, pipelineSigmas } from "./schedules/flow-match.ts";
import { imageToImageSteps, sliceSteps } from "./schedules/steps.ts";
import { planSigmas } from "./sigmas.ts";

const plain = { solver: "euler", schedule: "simple", steps: 8, shift: 3 };

describe.each(SCHEDULES.map((entry) => entry.name))("schedule %s", (schedule) => {
  it("falls from at most 1 to 0, with one timestep a step", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.double({ min: 0.5, max: 9, noNaN: true }), (steps, shift) => {
        const { sigmas, timesteps } = planSigmas({ solver: "euler", schedule, steps, shift });
        expect(sigmas.at(-1)).toBe(0);
        // In float32 the shift may take 1 to a number a little above it.
        expect(sigmas[0]).toBeLessThanOrEqual(1 + 1e-6);
        expect(timesteps).toHaveLength(sigmas.length - 1);
        for (let i = 1; i < sigmas.length; i++) expect(sigmas[i]).toBeLessThan(sigmas[i - 1]!);
        for (const [i, timestep] of timesteps.entries()) {
          expect(Math.abs(timestep - 1000 * sigmas[i]!)).toBeLessThanOrEqual(1.01);
        }
      }),
      { numRuns: 60, seed: 1 },
    );
  });
});

describe("planSigmas", () => {
  it("keeps the last steps of a longer table for a denoise strength below 1", () => {
    const { sigmas } = planSigmas({ ...plain, steps: 8, denoise: 0.6 });
    const whole = planSigmas({ ...plain, steps: 13 });
    expect(sigmas).toEqual(whole.sigmas.slice(-9));
  });

  it("has nothing to run at denoise 0", () => {
    expect(planSigmas({ ...plain, denoise: 0 }).sigmas).toHaveLength(0);
  });

  it("has no step that goes nowhere where the table is finer than the model's", () => {
    const { sigmas, timesteps } = planSigmas({ ...plain, steps: 400, denoise: 0.1 });
    expect(new Set(sigmas).size).toBe(sigmas.length);
    expect(timesteps).toHaveLength(sigmas.length - 1);
    expect(timesteps.every((timestep, i) => Math.abs(timestep - 1000 * sigmas[i]!) < 1e-3)).toBe(true);
  });

  it("leaves the last noise level before 0 out for dpm_2", () => {
    const { sigmas, timesteps } = planSigmas({ ...plain, solver: "dpm_2" });
    const whole = planSigmas({ ...plain, steps: 9 }).sigmas;
    expect([...sigmas]).toEqual([...whole.slice(0, 8), 0]);
    expect(timesteps).toHaveLength(8);
  });

  it("cuts a run in two that together walk the whole table", () => {
    const whole = planSigmas(plain).sigmas;
    const first = planSigmas({ ...plain, end: 3 }).sigmas;
    const second = planSigmas({ ...plain, start: 3 }).sigmas;
    expect([...first, ...second.slice(1)]).toEqual([...whole]);
    expect(planSigmas({ ...plain, end: 3, finish: true }).sigmas.at(-1)).toBe(0);
    expect(planSigmas({ ...plain, start: 8 }).sigmas).toHaveLength(0);
  });

  it("takes a size-dependent shift for every schedule", () => {
    const mu = calculateShift(1024);
    for (const schedule of ["simple", "flow_match"]) {
      const dynamic = planSigmas({ ...plain, schedule, shift: { kind: "exponential", mu } }).sigmas;
      const fixed = planSigmas({ ...plain, schedule, shift: Math.exp(mu) }).sigmas;
      for (const [i, sigma] of dynamic.entries()) expect(sigma).toBeCloseTo(fixed[i]!, 5);
    }
  });

  it.each([
    [{ steps: 0 }, "steps-out-of-range"],
    [{ steps: 1001 }, "steps-out-of-range"],
    [{ shift: Number.POSITIVE_INFINITY }, "shift-out-of-range"],
    [{ shift: { kind: "linear", mu: -1 } as const }, "shift-out-of-range"],
    [{ steps: 2.5 }, "steps-out-of-range"],
    [{ shift: 0 }, "shift-out-of-range"],
    [{ shift: Number.NaN }, "shift-out-of-range"],
    [{ denoise: -0.1 }, "denoise-out-of-range"],
    [{ denoise: Number.NaN }, "denoise-out-of-range"],
    [{ denoise: 1e-9 }, "denoise-out-of-range"],
    [{ schedule: "nothing" }, "unknown-schedule"],
    [{ solver: "nothing" }, "unknown-solver"],
  ])("refuses %j", (change, code) => {
    expect(() => planSigmas({ ...plain, ...change })).toThrow(expect.objectContaining({ code }));
  });
});

describe("sliceSteps", () => {
  const table = pipelineSigmas({ steps: 4, shift: { kind: "static", shift: 3 } });

  it("takes bounds beyond the table as its ends", () => {
    expect(sliceSteps(table, { start: -2, end: 99 })).toEqual(table);
  });
});

describe("imageToImageSteps", () => {
  const table = pipelineSigmas({ steps: 8, shift: { kind: "static", shift: 3 } });

  it.each([
    [1, 8],
    [0.6, 5],
    [0.5, 4],
    [0.1, 1],
  ])("runs at strength %s the last %s steps", (strength, steps) => {
    const { sigmas, timesteps } = imageToImageSteps(table, strength);
    expect(timesteps).toEqual(table.timesteps.slice(8 - steps));
    expect(sigmas).toEqual(table.sigmas.slice(8 - steps));
  });

  it("refuses a strength at which no step would run", () => {
    expect(() => imageToImageSteps(table, 0)).toThrow(expect.objectContaining({ code: "strength-too-low" }));
  });
});
