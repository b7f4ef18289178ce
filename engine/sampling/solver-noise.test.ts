import { describe, expect, it } from "vitest";
import { brownianNoise } from "./brownian.ts";
import { findSolver } from "./names.ts";
import { TorchGenerator } from "./noise.ts";
import { solverNoise } from "./solver-noise.ts";

const sigmas = Float32Array.of(1, 0.5, 0);

describe("solverNoise", () => {
  it("is a generator with the next seed for ancestral solvers", () => {
    const noise = solverNoise({ solver: findSolver("euler_ancestral"), seed: 3n, sigmas });
    expect(noise.draw(40, 1, 0.5)).toEqual(new TorchGenerator(4n).randn(40));
  });

  it("is a Brownian path with the seed itself for SDE solvers", () => {
    const noise = solverNoise({ solver: findSolver("dpmpp_2m_sde"), seed: 3n, sigmas });
    expect(noise.draw(40, 1, 0.5)).toEqual(brownianNoise(3n, sigmas).draw(40, 1, 0.5));
  });

  it.each(["euler_ancestral", "dpmpp_sde"])("gives every item of a batch its part of one tensor (%s)", (name) => {
    const solver = findSolver(name);
    const whole = solverNoise({ solver, seed: 8n, sigmas }).draw(63, 1, 0.5);
    const items = [0, 1, 2].map((item) => solverNoise({ solver, seed: 8n, sigmas, batch: { size: 3, item } }));
    expect(items.flatMap((noise) => [...noise.draw(21, 1, 0.5)])).toEqual([...whole]);
  });
});
