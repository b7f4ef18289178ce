import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CancelledError } from "../../../common/errors.ts";
import { findSolver, SOLVERS, type SolverEntry } from "../names.ts";
import type { NoiseSource } from "../noise-source.ts";
import { planSigmas } from "../sigmas.ts";
import { solverNoise } from "../solver-noise.ts";
import type { SolverRequest, SolverStep, VelocityModel } from "./solver.ts";

const SHIFT = 3;
const START = Float32Array.of(-1.5, -0.2, 0.4, 2);
const SLOPE = [0.7, -0.5, 0.3, -0.9];
const OFFSET = [0.3, 0.1, -0.6, 0.2];

/** A flow whose velocity grows with the sample, so that its end is known. */
const linearVelocity: VelocityModel = async (x) => x.map((value, i) => SLOPE[i]! * value + OFFSET[i]!);

/** Where `dx/dsigma = A x + b` ends when it starts from START at sigma = 1. */
const linearEnd = START.map((start, i) => {
  const rest = OFFSET[i]! / SLOPE[i]!;
  return (start + rest) * Math.exp(-SLOPE[i]!) - rest;
});

function requestFor(entry: SolverEntry, steps: number, changes: Partial<SolverRequest> = {}): SolverRequest {
  const table = planSigmas({ schedule: "simple", solver: entry.name, steps, shift: SHIFT });
  return {
    velocity: linearVelocity,
    x: START,
    ...table,
    shift: SHIFT,
    noise: solverNoise({ solver: entry, seed: 11n, sigmas: table.sigmas }),
    signal: new AbortController().signal,
    ...changes,
  };
}

const largestDifference = (a: Float32Array, b: Float32Array) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
const deterministic = SOLVERS.filter((entry) => !entry.stochastic);
const stochastic = SOLVERS.filter((entry) => entry.stochastic);
const everySolver = SOLVERS.map((entry) => [entry.name, entry] as const);

interface RecordedRun {
  solver: string;
  table: string;
  sigmas: number[];
  A: number[];
  b: number[];
  /** For solvers with CFG++. */
  bNegative?: number[];
  x: number[];
  draws: number[][];
  final: number[];
}

const recorded: { shift: number; cases: RecordedRun[] } = JSON.parse(
  readFileSync(new URL("../testdata/comfy-solvers.json", import.meta.url), "utf8"),
);

describe("solvers that the golden cases leave out", () => {
  it.each(recorded.cases)("$solver ends where ComfyUI's does ($table table)", async (run) => {
    let drawn = 0;
    const noise: NoiseSource = { draw: () => Float32Array.from(run.draws[drawn++]!) };
    const result = await findSolver(run.solver).solve({
      velocity: async (x) => {
        const along = (offset: number[]) => x.map((value, i) => Math.fround(run.A[i]! * value) + offset[i]!);
        return run.bNegative === undefined ? along(run.b) : { guided: along(run.b), negative: along(run.bNegative) };
      },
      x: Float32Array.from(run.x),
      sigmas: Float32Array.from(run.sigmas),
      shift: recorded.shift,
      noise,
      signal: new AbortController().signal,
    });
    // Some deterministic samplers of the reference draw noise that they multiply by 0.
    if (findSolver(run.solver).stochastic) expect(drawn).toBe(run.draws.length);
    expect(largestDifference(result, Float32Array.from(run.final))).toBeLessThan(1e-4);
  });
});

describe.each(everySolver)("%s", (_name, entry) => {
  it("gives the same result again and leaves its input alone", async () => {
    const before = Float32Array.from(START);
    const first = await entry.solve(requestFor(entry, 8));
    expect(await entry.solve(requestFor(entry, 8))).toEqual(first);
    expect(START).toEqual(before);
    expect(first.every(Number.isFinite)).toBe(true);
  });

  it("finds the picture in any number of steps when the model always predicts the same one", async () => {
    const picture = Float32Array.of(0.5, -1, 0.25, 2);
    for (const steps of [1, 2, 3, 12]) {
      const result = await entry.solve(
        requestFor(entry, steps, { velocity: async (x, sigma) => x.map((value, i) => (value - picture[i]!) / sigma) }),
      );
      // uni_pc stops at sigma = 0.001.
      expect(largestDifference(result, picture)).toBeLessThan(5e-3);
    }
  });

  it("starts from pure noise in every schedule", async () => {
    for (const schedule of ["simple", "flow_match"]) {
      for (const shift of [1, 1.9270904660224917, 3]) {
        const table = planSigmas({ schedule, solver: entry.name, steps: 6, shift });
        const result = await entry.solve(requestFor(entry, 6, { ...table, shift }));
        expect(result.every(Number.isFinite)).toBe(true);
      }
    }
  });

  it("calls the model as often as its table entry says and reports every step once", async () => {
    const callsFor = async (steps: number) => {
      let calls = 0;
      const reported: SolverStep[] = [];
      const request = requestFor(entry, steps, {
        velocity: async (x, sigma, timestep) => {
          calls++;
          return linearVelocity(x, sigma, timestep);
        },
        onStep: (step) => reported.push(step),
      });
      await entry.solve(request);
      expect(reported.map(({ index }) => index)).toEqual(Array.from({ length: steps }, (_, i) => i));
      return calls;
    };
    expect((await callsFor(10)) - (await callsFor(9))).toBe(entry.modelCallsPerStep);
  });

  it("stops with CancelledError within the model call during which it is cancelled", async () => {
    const controller = new AbortController();
    let calls = 0;
    const request = requestFor(entry, 8, {
      signal: controller.signal,
      velocity: async (x, sigma, timestep) => {
        if (++calls === 3) controller.abort();
        return linearVelocity(x, sigma, timestep);
      },
    });
    await expect(entry.solve(request)).rejects.toBeInstanceOf(CancelledError);
    expect(calls).toBe(3);
  });

  it("returns the sample as it is when there is nothing to run", async () => {
    expect(await entry.solve(requestFor(entry, 8, { sigmas: new Float32Array(0) }))).toEqual(START);
  });

  it("continues from what afterStep returns", async () => {
    const seen: Float32Array[] = [];
    const replacement = Float32Array.of(9, 9, 9, 9);
    await entry.solve(
      requestFor(entry, 4, {
        afterStep: (x, index) => (index === 1 ? replacement : x),
        onStep: ({ x }) => seen.push(x),
      }),
    );
    expect(seen[2]).toEqual(replacement);
  });
});

it.each(deterministic.map((entry) => [entry.name, entry] as const))(
  "%s comes closer to the flow's end with more steps",
  async (_name, entry) => {
    const errorAfter = async (steps: number) =>
      largestDifference(await entry.solve(requestFor(entry, steps)), linearEnd);
    const coarse = await errorAfter(8);
    const fine = await errorAfter(64);
    expect(fine).toBeLessThan(0.05);
    expect(fine).toBeLessThan(Math.max(coarse, 2e-3));
  },
);

it.each(stochastic.map((entry) => [entry.name, entry] as const))(
  "%s takes another path with another seed",
  async (_name, entry) => {
    const request = requestFor(entry, 8);
    const other = { ...requestFor(entry, 8), noise: solverNoise({ solver: entry, seed: 12n, sigmas: request.sigmas }) };
    expect(largestDifference(await entry.solve(request), await entry.solve(other))).toBeGreaterThan(1e-3);
  },
);

it.each(deterministic.map((entry) => [entry.name, entry] as const))("%s asks for no noise", async (_name, entry) => {
  const noise: NoiseSource = {
    draw() {
      throw new Error("noise was drawn");
    },
  };
  await expect(entry.solve(requestFor(entry, 6, { noise }))).resolves.toBeInstanceOf(Float32Array);
});

describe("what the network is told", () => {
  const timestepsOf = async (name: string, schedule: string) => {
    const entry = findSolver(name);
    const told: number[] = [];
    const table = planSigmas({ schedule, solver: name, steps: 4, shift: SHIFT });
    await entry.solve(
      requestFor(entry, 4, {
        ...table,
        velocity: async (x, _sigma, timestep) => {
          told.push(timestep);
          return x;
        },
      }),
    );
    return told;
  };

  it("is the table's timestep, even where that is cut off", async () => {
    expect(await timestepsOf("flow_unipc_2", "flow_unipc")).toEqual([999, 900, 750, 500]);
    expect(await timestepsOf("euler", "simple")).toEqual(
      [1000, 900, 750, 500].map((value) => expect.closeTo(value, 3)),
    );
  });

  it("is the moved first noise level for solvers that cannot start at pure noise", async () => {
    const [first] = await timestepsOf("er_sde", "simple");
    expect(first).toBeCloseTo(999.9667, 3);
  });
});
