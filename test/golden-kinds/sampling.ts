/** The kinds of golden cases that need no network: sigma tables, image-to-image steps, solvers with an analytic model. */
import { z } from "zod";
import { linspace64 } from "../../engine/sampling/float32.ts";
import { findSolver } from "../../engine/sampling/names.ts";
import type { NoiseSource } from "../../engine/sampling/noise-source.ts";
import {
  bareSigmas,
  calculateShift,
  pipelineSigmas,
  type Shift,
  type SigmaTable,
} from "../../engine/sampling/schedules/flow-match.ts";
import { dpmSolverSigmas, uniPcKarrasSigmas, uniPcSigmas } from "../../engine/sampling/schedules/multistep.ts";
import { firstStepForStrength, imageToImageSteps } from "../../engine/sampling/schedules/steps.ts";
import { planSigmas } from "../../engine/sampling/sigmas.ts";
import { flowMultistep } from "../../engine/sampling/solvers/dpmpp-multistep.ts";
import { euler } from "../../engine/sampling/solvers/euler.ts";
import { heun } from "../../engine/sampling/solvers/heun.ts";
import { lcm } from "../../engine/sampling/solvers/lcm.ts";
import type { Solver, SolverRequest, SolverStep } from "../../engine/sampling/solvers/solver.ts";
import { flowUniPc } from "../../engine/sampling/solvers/uni-pc.ts";
import type { GoldenContext, GoldenKind, GoldenTensor } from "./types.ts";

const variant = z.enum(["karras", "exponential", "beta"]);
const order = z.union([z.literal(1), z.literal(2), z.literal(3)]);

/** The part of a tensor's name after `prefix.`: "sigmas.8" has "8". */
function suffixes({ case: { expected } }: GoldenContext, prefix: string): string[] {
  return Object.keys(expected).flatMap((name) =>
    name.startsWith(`${prefix}.`) ? [name.slice(prefix.length + 1)] : [],
  );
}

const schedulerParams = z.object({
  shift: z.number().optional(),
  mu: z.number().optional(),
  time_shift_type: z.enum(["exponential", "linear"]).default("exponential"),
  variant: variant.optional(),
});

const calculateShiftParams = z.object({
  image_seq_len: z.array(z.number()),
  base_seq_len: z.number(),
  max_seq_len: z.number(),
  base_shift: z.number(),
  max_shift: z.number(),
});

const scheduler: GoldenKind = async (context) => {
  if ("mu" in context.case.expected) {
    const params = calculateShiftParams.parse(context.case.params);
    const range = {
      baseTokens: params.base_seq_len,
      maxTokens: params.max_seq_len,
      baseShift: params.base_shift,
      maxShift: params.max_shift,
    };
    return { mu: Float32Array.from(params.image_seq_len, (tokens) => calculateShift(tokens, range)) };
  }
  const params = schedulerParams.parse(context.case.params);
  const shift: Shift =
    params.mu === undefined
      ? { kind: "static", shift: params.shift ?? 1 }
      : { kind: params.time_shift_type, mu: params.mu };
  // Only the case's name tells a bare `set_timesteps(N)` from the pipelines' call.
  const compute = context.case.id.includes("bare") ? bareSigmas : pipelineSigmas;
  const results: Record<string, Float32Array> = {};
  for (const steps of suffixes(context, "sigmas")) {
    const table = compute({ steps: Number(steps), shift, variant: params.variant });
    results[`sigmas.${steps}`] = table.sigmas;
    results[`timesteps.${steps}`] = table.timesteps;
  }
  return results;
};

const imageToImageTimesteps: GoldenKind = async (context) => {
  const { steps, shift } = z.object({ steps: z.number(), shift: z.number() }).parse(context.case.params);
  const table = pipelineSigmas({ steps, shift: { kind: "static", shift } });
  const results: Record<string, Float32Array | BigInt64Array> = {};
  for (const strength of suffixes(context, "timesteps")) {
    const begin = firstStepForStrength(steps, Number(strength));
    results[`begin_index.${strength}`] = BigInt64Array.of(BigInt(begin));
    results[`timesteps.${strength}`] =
      begin < steps ? imageToImageSteps(table, Number(strength)).timesteps : new Float32Array(0);
  }
  return results;
};

const comfyParams = z.object({ shift: z.number(), scheduler: z.string().optional() });

const comfySchedule: GoldenKind = async (context) => {
  const { shift, scheduler: name } = comfyParams.parse(context.case.params);
  const results: Record<string, Float32Array> = {};
  for (const key of suffixes(context, "sigmas")) {
    if (name !== undefined) {
      results[`sigmas.${key}`] = planSigmas({ schedule: name, steps: Number(key), shift, solver: "euler" }).sigmas;
      continue;
    }
    // "<scheduler>.<steps>.<denoise>" or "<scheduler>.<steps>.<sampler>"
    const [schedule, steps, ...rest] = key.split(".") as [string, string, ...string[]];
    const last = rest.join(".");
    const denoise = Number(last);
    const table = planSigmas({
      schedule,
      steps: Number(steps),
      shift,
      solver: Number.isNaN(denoise) ? last : "euler",
      denoise: Number.isNaN(denoise) ? 1 : denoise,
    });
    results[`sigmas.${key}`] = table.sigmas;
  }
  return results;
};

function floats(inputs: Record<string, GoldenTensor>, name: string): Float32Array {
  const tensor = inputs[name];
  if (!(tensor?.data instanceof Float32Array)) throw new Error(`the case has no float32 input ${name}`);
  return tensor.data;
}

/** The noise that the reference drew, in its order. */
function recordedNoise(inputs: Record<string, GoldenTensor>, name: string): NoiseSource {
  let used = 0;
  return {
    draw(count) {
      const noise = floats(inputs, name).subarray(used, used + count);
      if (noise.length < count) throw new Error("the solver draws more noise than its reference");
      used += count;
      return noise;
    },
  };
}

interface Recording {
  readonly result: Float32Array;
  /** Where the model was called. */
  readonly calls: readonly Float32Array[];
  readonly steps: readonly SolverStep[];
}

/** Runs a solver on the velocity `A x + b`. */
async function record(
  solve: Solver,
  inputs: Record<string, GoldenTensor>,
  request: Pick<SolverRequest, "x" | "sigmas" | "timesteps" | "noise" | "shift">,
): Promise<Recording> {
  const slope = floats(inputs, "A");
  const offset = floats(inputs, "b");
  const calls: Float32Array[] = [];
  const steps: SolverStep[] = [];
  const result = await solve({
    ...request,
    signal: new AbortController().signal,
    async velocity(x) {
      calls.push(x);
      return x.map((value, i) => Math.fround(slope[i]! * value) + offset[i]!);
    },
    onStep: (step) => steps.push(step),
  });
  return { result, calls, steps };
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

const trajectoryParams = z.discriminatedUnion("sampler", [
  z.object({
    sampler: z.literal("flow_match_euler"),
    steps: z.number(),
    shift: z.number(),
    variant: variant.optional(),
    stochastic_sampling: z.boolean().default(false),
  }),
  z.object({ sampler: z.literal("flow_match_heun"), steps: z.number(), shift: z.number() }),
  z.object({
    sampler: z.literal("unipc"),
    steps: z.number(),
    solver_order: order,
    solver_type: z.enum(["bh1", "bh2"]).default("bh2"),
    flow_shift: z.number(),
    sigmas: z.string().default("default"),
    variant: z.literal("karras").optional(),
    /** "linear 0.0001..0.02" */
    beta_schedule: z.string().optional(),
  }),
  z.object({
    sampler: z.literal("dpmpp_multistep"),
    steps: z.number(),
    solver_order: order,
    algorithm_type: z.enum(["dpmsolver++", "sde-dpmsolver++"]),
    solver_type: z.enum(["midpoint", "heun"]),
    flow_shift: z.number(),
  }),
]);

function diffusersSampler(params: z.infer<typeof trajectoryParams>): { solve: Solver; table: SigmaTable } {
  const { steps } = params;
  switch (params.sampler) {
    case "flow_match_euler": {
      const table = pipelineSigmas({ steps, shift: { kind: "static", shift: params.shift }, variant: params.variant });
      return { solve: params.stochastic_sampling ? lcm : euler, table };
    }
    case "flow_match_heun":
      return { solve: heun, table: bareSigmas({ steps, shift: { kind: "static", shift: params.shift } }) };
    case "unipc": {
      const solve = flowUniPc(params.solver_order, params.solver_type);
      if (params.variant === "karras") {
        const betas = params.beta_schedule?.match(/^linear ([\d.e-]+)\.\.([\d.e-]+)$/);
        return { solve, table: uniPcKarrasSigmas(steps, Number(betas?.[1] ?? 0.0001), Number(betas?.[2] ?? 0.02)) };
      }
      const times = params.sigmas === "default" ? undefined : linspace64(1, 1 / steps, steps);
      return { solve, table: uniPcSigmas(steps, { kind: "static", shift: params.flow_shift }, times) };
    }
    case "dpmpp_multistep": {
      const stochastic = params.algorithm_type === "sde-dpmsolver++";
      return {
        solve: flowMultistep({ order: params.solver_order, rule: params.solver_type, stochastic }),
        table: dpmSolverSigmas(steps, { kind: "static", shift: params.flow_shift }),
      };
    }
  }
}

/** Heun's table in the reference lists every noise level but the ends twice, once per model call. */
function perModelCall({ sigmas, timesteps }: SigmaTable): SigmaTable {
  const twice = (values: Float32Array) => Float32Array.from([...values].flatMap((value) => [value, value]));
  return {
    sigmas: Float32Array.from([sigmas[0]!, ...twice(sigmas.subarray(1, -1)), sigmas.at(-1)!]),
    timesteps: Float32Array.from([timesteps[0]!, ...twice(timesteps.subarray(1))]),
  };
}

const samplerTrajectory: GoldenKind = async ({ case: { params: untyped }, inputs }) => {
  const params = trajectoryParams.parse(untyped);
  const { solve, table } = diffusersSampler(params);
  const { calls, result } = await record(solve, inputs, {
    x: floats(inputs, "x0"),
    ...table,
    noise: recordedNoise(inputs, "noise"),
  });
  // Each call of the reference's `step` ends at the sample that the model sees next.
  const x_steps = concatenate([...calls.slice(1), result]);
  return { x_steps, ...(params.sampler === "flow_match_heun" ? perModelCall(table) : table) };
};

/** Solvers whose reference reports the starting sample at every step. */
const REPORTING_THE_START = new Set(["ipndm", "ipndm_v", "deis"]);

const comfySampler: GoldenKind = async ({ case: { params: untyped }, inputs }) => {
  const { sampler, shift } = z.object({ sampler: z.string(), shift: z.number() }).parse(untyped);
  const sigmas = floats(inputs, "sigmas");
  const x = floats(inputs, "noise").map((value) => value * sigmas[0]!);
  const { result, steps } = await record(findSolver(sampler).solve, inputs, {
    x,
    sigmas,
    shift,
    noise: recordedNoise(inputs, "step_noise"),
  });
  return {
    x_init: x,
    x_at_step: concatenate(steps.map((step) => (REPORTING_THE_START.has(sampler) ? x : step.x))),
    denoised_at_step: concatenate(steps.map((step) => step.denoised)),
    x_final: result,
  };
};

export const samplingKinds: Record<string, GoldenKind> = {
  scheduler,
  img2img_timesteps: imageToImageTimesteps,
  comfy_schedule: comfySchedule,
  sampler_trajectory: samplerTrajectory,
  comfy_sampler: comfySampler,
};
