/**
 * Every solver and every sigma schedule: its name in workflows, its name for people, the names that other programs give
 * to the same thing, and the thing itself. Canonical names are ComfyUI's; what only diffusers has starts with `flow_`.
 */
import { HeddleError } from "../../common/errors.ts";
import { type ComfySchedule, comfySchedules } from "./schedules/comfy.ts";
import {
  bareSigmas,
  effectiveShift,
  pipelineSigmas,
  type Shift,
  type SigmaTable,
  type SigmaVariant,
} from "./schedules/flow-match.ts";
import { flowTable, TRAIN_TIMESTEPS } from "./schedules/flow-table.ts";
import { dpmSolverSigmas, uniPcSigmas } from "./schedules/multistep.ts";
import { ipndm, ipndmV, lms } from "./solvers/adams.ts";
import { deis } from "./solvers/deis.ts";
import { dpm2, dpm2Ancestral } from "./solvers/dpm-2.ts";
import { dpmpp2m, dpmpp2mCfgPp } from "./solvers/dpmpp-2m.ts";
import { dpmpp2sAncestral, dpmpp2sAncestralCfgPp } from "./solvers/dpmpp-2s-ancestral.ts";
import { dpmpp2mSde, dpmpp2mSdeHeun, dpmpp3mSde, flowMultistep } from "./solvers/dpmpp-multistep.ts";
import { dpmppSde } from "./solvers/dpmpp-sde.ts";
import { erSde } from "./solvers/er-sde.ts";
import { euler } from "./solvers/euler.ts";
import { eulerAncestral } from "./solvers/euler-ancestral.ts";
import { eulerAncestralCfgPp, eulerCfgPp } from "./solvers/euler-cfg-pp.ts";
import { gradientEstimation, gradientEstimationCfgPp } from "./solvers/gradient-estimation.ts";
import { heun, heunPlusPlus } from "./solvers/heun.ts";
import { lcm } from "./solvers/lcm.ts";
import {
  resMultistep,
  resMultistepAncestral,
  resMultistepAncestralCfgPp,
  resMultistepCfgPp,
} from "./solvers/res-multistep.ts";
import { saSolver, saSolverPece } from "./solvers/sa-solver.ts";
import { expHeun2, expHeun2Sde, seeds2, seeds3 } from "./solvers/seeds.ts";
import type { Solver } from "./solvers/solver.ts";
import { comfyUniPc, flowUniPc } from "./solvers/uni-pc.ts";

interface NamedEntry {
  readonly name: string;
  readonly label: string;
  /** Case does not matter. */
  readonly aliases: readonly string[];
}

export interface SolverEntry extends NamedEntry {
  readonly solve: Solver;
  /** Adds noise on the way, so that the seed matters beyond the starting noise. */
  readonly stochastic: boolean;
  /** Where that noise comes from in ComfyUI: a plain generator, or a Brownian path over the noise levels. */
  readonly brownian: boolean;
  /** In all steps but the last, which some solvers shorten. */
  readonly modelCallsPerStep: number;
  /** Uses CFG++, and so wants the velocity of the negative prompt beside the guided one. Usual CFG scales are 1 to 2. */
  readonly cfgPlusPlus: boolean;
  /** ComfyUI computes one noise level more for these solvers and leaves out the last before 0. */
  readonly dropsPenultimateSigma: boolean;
}

type Traits = Partial<Omit<SolverEntry, keyof NamedEntry | "solve">>;

function solver(
  name: string,
  label: string,
  solve: Solver,
  aliases: readonly string[],
  traits: Traits = {},
): SolverEntry {
  const plain = {
    stochastic: false,
    brownian: false,
    cfgPlusPlus: false,
    modelCallsPerStep: 1,
    dropsPenultimateSigma: false,
  };
  return { name, label, solve, aliases, ...plain, ...traits };
}

const stochastic: Traits = { stochastic: true };
const brownian: Traits = { stochastic: true, brownian: true };
const cfgPlusPlus: Traits = { cfgPlusPlus: true };
const dropping: Traits = { dropsPenultimateSigma: true };
const calls = (modelCallsPerStep: number): Traits => ({ modelCallsPerStep });

export const SOLVERS: readonly SolverEntry[] = [
  solver("euler", "Euler", euler, ["FlowMatchEulerDiscreteScheduler", "EulerDiscreteScheduler", "Default"]),
  solver(
    "euler_ancestral",
    "Euler ancestral",
    eulerAncestral,
    ["Euler a", "EulerAncestralDiscreteScheduler"],
    stochastic,
  ),
  solver("euler_cfg_pp", "Euler CFG++", eulerCfgPp, [], cfgPlusPlus),
  solver("euler_ancestral_cfg_pp", "Euler ancestral CFG++", eulerAncestralCfgPp, [], { ...stochastic, ...cfgPlusPlus }),
  solver("heun", "Heun", heun, ["FlowMatchHeunDiscreteScheduler", "HeunDiscreteScheduler"], calls(2)),
  solver("heunpp2", "Heun++", heunPlusPlus, ["Heun++ 2"], calls(3)),
  solver("dpm_2", "DPM2", dpm2, ["KDPM2DiscreteScheduler", "KDPM2"], { ...calls(2), ...dropping }),
  solver("dpm_2_ancestral", "DPM2 ancestral", dpm2Ancestral, ["KDPM2AncestralDiscreteScheduler", "KDPM2 a", "DPM2 a"], {
    ...stochastic,
    ...calls(2),
    ...dropping,
  }),
  solver("lms", "LMS", lms, ["LMSDiscreteScheduler"]),
  solver("dpmpp_2s_ancestral", "DPM++ 2S ancestral", dpmpp2sAncestral, ["DPM++ 2S a"], { ...stochastic, ...calls(2) }),
  solver("dpmpp_2s_ancestral_cfg_pp", "DPM++ 2S ancestral CFG++", dpmpp2sAncestralCfgPp, [], {
    ...stochastic,
    ...calls(2),
    ...cfgPlusPlus,
  }),
  solver("dpmpp_sde", "DPM++ SDE", dpmppSde, ["dpmpp_sde_gpu", "DPMSolverSDEScheduler"], { ...brownian, ...calls(2) }),
  solver("dpmpp_2m", "DPM++ 2M", dpmpp2m, []),
  solver("dpmpp_2m_cfg_pp", "DPM++ 2M CFG++", dpmpp2mCfgPp, [], cfgPlusPlus),
  solver("dpmpp_2m_sde", "DPM++ 2M SDE", dpmpp2mSde, ["dpmpp_2m_sde_gpu"], brownian),
  solver("dpmpp_2m_sde_heun", "DPM++ 2M SDE Heun", dpmpp2mSdeHeun, ["dpmpp_2m_sde_heun_gpu"], brownian),
  solver("dpmpp_3m_sde", "DPM++ 3M SDE", dpmpp3mSde, ["dpmpp_3m_sde_gpu"], brownian),
  solver("lcm", "LCM", lcm, ["LCMScheduler", "FlowMatchLCMScheduler"], stochastic),
  solver("ipndm", "iPNDM", ipndm, ["IPNDMScheduler"]),
  solver("ipndm_v", "iPNDM, variable steps", ipndmV, []),
  solver("deis", "DEIS", deis, ["DEISMultistepScheduler"]),
  solver("res_multistep", "RES multistep", resMultistep, []),
  solver("res_multistep_ancestral", "RES multistep ancestral", resMultistepAncestral, [], stochastic),
  solver("res_multistep_cfg_pp", "RES multistep CFG++", resMultistepCfgPp, [], cfgPlusPlus),
  solver("res_multistep_ancestral_cfg_pp", "RES multistep ancestral CFG++", resMultistepAncestralCfgPp, [], {
    ...stochastic,
    ...cfgPlusPlus,
  }),
  solver("gradient_estimation_cfg_pp", "Gradient estimation CFG++", gradientEstimationCfgPp, [], cfgPlusPlus),
  solver("gradient_estimation", "Gradient estimation", gradientEstimation, []),
  solver("er_sde", "ER-SDE", erSde, [], stochastic),
  solver("seeds_2", "SEEDS 2", seeds2, [], { ...stochastic, ...calls(2) }),
  solver("seeds_3", "SEEDS 3", seeds3, [], { ...stochastic, ...calls(3) }),
  solver("exp_heun_2_x0", "Exponential Heun", expHeun2, [], calls(2)),
  solver("exp_heun_2_x0_sde", "Exponential Heun SDE", expHeun2Sde, [], { ...stochastic, ...calls(2) }),
  solver("sa_solver", "SA-Solver", saSolver, [], stochastic),
  solver("sa_solver_pece", "SA-Solver PECE", saSolverPece, [], { ...stochastic, ...calls(2) }),
  solver("ddim", "DDIM", euler, ["DDIMScheduler"]),
  solver("uni_pc", "UniPC (ComfyUI)", comfyUniPc("bh1"), ["uni_pc_bh1"], dropping),
  solver("uni_pc_bh2", "UniPC bh2 (ComfyUI)", comfyUniPc("bh2"), [], dropping),
  solver("flow_unipc_1", "UniPC, order 1", flowUniPc(1), []),
  solver("flow_unipc_2", "UniPC, order 2", flowUniPc(2), ["UniPC", "UniPCMultistepScheduler", "UniPC 2M"]),
  solver("flow_unipc_3", "UniPC, order 3", flowUniPc(3), ["UniPC 3M"]),
  solver("flow_dpmpp_2m", "DPM++ 2M (diffusers)", flowMultistep(), [
    "DPM++",
    "DPM++ 2M",
    "DPMSolverMultistepScheduler",
  ]),
  solver("flow_dpmpp_2m_heun", "DPM++ 2M Heun (diffusers)", flowMultistep({ rule: "heun" }), ["DPM++ 2M Heun"]),
  solver("flow_dpmpp_3m", "DPM++ 3M (diffusers)", flowMultistep({ order: 3 }), ["DPM++ 3M"]),
  solver(
    "flow_dpmpp_2m_sde",
    "DPM++ 2M SDE (diffusers)",
    flowMultistep({ stochastic: true }),
    ["DPM++ 2M SDE"],
    stochastic,
  ),
];

export interface ScheduleEntry extends NamedEntry {
  compute(steps: number, shift: Shift): SigmaTable;
}

function comfy(name: string, label: string, schedule: ComfySchedule, aliases: readonly string[] = []): ScheduleEntry {
  return {
    name,
    label,
    aliases,
    compute(steps, shift) {
      const sigmas = schedule(flowTable(effectiveShift(shift)), steps);
      return { sigmas, timesteps: sigmas.slice(0, -1).map((sigma) => sigma * TRAIN_TIMESTEPS) };
    },
  };
}

function flowMatch(name: string, label: string, aliases: readonly string[], variant?: SigmaVariant): ScheduleEntry {
  return { name, label, aliases, compute: (steps, shift) => pipelineSigmas({ steps, shift, variant }) };
}

export const SCHEDULES: readonly ScheduleEntry[] = [
  comfy("simple", "Simple", comfySchedules.simple),
  comfy("sgm_uniform", "SGM uniform", comfySchedules.sgm_uniform),
  comfy("normal", "Normal", comfySchedules.normal),
  comfy("beta", "Beta", comfySchedules.beta),
  comfy("karras", "Karras", comfySchedules.karras),
  comfy("exponential", "Exponential", comfySchedules.exponential),
  comfy("ddim_uniform", "DDIM uniform", comfySchedules.ddim_uniform),
  comfy("linear_quadratic", "Linear-quadratic", comfySchedules.linear_quadratic),
  comfy("kl_optimal", "KL-optimal", comfySchedules.kl_optimal),
  flowMatch("flow_match", "FlowMatch (diffusers)", ["FlowMatchEulerDiscreteScheduler", "Default", "Uniform"]),
  flowMatch("flow_match_karras", "FlowMatch Karras (diffusers)", [], "karras"),
  flowMatch("flow_match_exponential", "FlowMatch exponential (diffusers)", [], "exponential"),
  flowMatch("flow_match_beta", "FlowMatch beta (diffusers)", [], "beta"),
  {
    name: "flow_match_bare",
    label: "FlowMatch, shifted twice (diffusers Heun)",
    aliases: ["FlowMatchHeunDiscreteScheduler"],
    compute: (steps, shift) => bareSigmas({ steps, shift }),
  },
  {
    name: "flow_unipc",
    label: "UniPC’s own (diffusers)",
    aliases: ["UniPCMultistepScheduler"],
    compute: uniPcSigmas,
  },
  {
    name: "flow_dpmpp",
    label: "DPM++’s own (diffusers)",
    aliases: ["DPMSolverMultistepScheduler"],
    compute: dpmSolverSigmas,
  },
];

const loose = (name: string) => name.toLowerCase().replaceAll(/[\s_-]/g, "");

/** By names as they are written, then without spaces, dashes and underscores ("UniPC" and "uni_pc" differ, "Euler-A" is found). */
function index<Entry extends NamedEntry>(entries: readonly Entry[]): (name: string) => Entry | undefined {
  const named = entries.flatMap((entry) => [entry.name, ...entry.aliases].map((name) => [name, entry] as const));
  const exact = new Map(named.map(([name, entry]) => [name.toLowerCase(), entry]));
  const loosely = new Map(named.toReversed().map(([name, entry]) => [loose(name), entry]));
  return (name) => exact.get(name.toLowerCase()) ?? loosely.get(loose(name));
}

const solverNamed = index(SOLVERS);
const scheduleNamed = index(SCHEDULES);

/** @throws HeddleError `unknown-solver`. */
export function findSolver(name: string): SolverEntry {
  return solverNamed(name) ?? unknownName("solver", name, SOLVERS);
}

/** @throws HeddleError `unknown-schedule`. */
export function findSchedule(name: string): ScheduleEntry {
  return scheduleNamed(name) ?? unknownName("schedule", name, SCHEDULES);
}

function unknownName(kind: "solver" | "schedule", name: string, entries: readonly NamedEntry[]): never {
  const known = entries.map((entry) => entry.name).join(", ");
  throw new HeddleError({
    code: kind === "solver" ? "unknown-solver" : "unknown-schedule",
    message: `There is no ${kind} called "${name}".`,
    help: `Choose one of: ${known}.`,
    field: kind,
    details: { name, known },
  });
}

/** Runware appends the spacing of the noise levels to the solver's name: "DPM++ 2M Karras". */
const SPACING_SUFFIXES: ReadonlyMap<string, string> = new Map([
  ["karras", "flow_match_karras"],
  ["exponential", "flow_match_exponential"],
  ["beta", "flow_match_beta"],
  ["uniform", "flow_match"],
]);

/**
 * Solver and schedule behind one combined name, as Runware's `scheduler` parameter and diffusers' class names give them;
 * the schedule is `flow_match` where the name says nothing of it.
 * @throws HeddleError `unknown-solver`.
 */
export function findCombined(name: string): { solver: SolverEntry; schedule: ScheduleEntry } {
  const words = name.trim().split(/\s+/);
  let schedule: string | undefined;
  while (words.length > 1) {
    const suffix = SPACING_SUFFIXES.get(words.at(-1)!.toLowerCase());
    if (suffix === undefined) break;
    schedule ??= suffix;
    words.pop();
  }
  const found = solverNamed(words.join(" ")) ?? unknownName("solver", name, SOLVERS);
  return { solver: found, schedule: findSchedule(schedule ?? "flow_match") };
}
