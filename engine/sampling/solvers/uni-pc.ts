/**
 * UniPC (arXiv 2302.04867): predicts the next sample from the clean latents predicted so far, and corrects it once the
 * model has been called there. diffusers solves in the half log-SNR of the flow, ComfyUI in `-log sigma`.
 */
import { combine, type Term } from "../float32.ts";
import { halfLogSnr, startAt } from "./half-log-snr.ts";
import { solveLinearSystem } from "./linear-system.ts";
import { type Solver, type SolverRequest, type StepRule, stepwise } from "./solver.ts";

/** The paper's two choices of B(h). */
export type UniPcVariant = "bh1" | "bh2";

interface NoiseSpace {
  /** Factor of the clean latent in a sample at `sigma`. */
  alpha(sigma: number): number;
  /** Factor of the noise. */
  noise(sigma: number): number;
  /** log(alpha / sigma). */
  lambda(sigma: number): number;
}

const flowSpace: NoiseSpace = { alpha: (sigma) => 1 - sigma, noise: (sigma) => sigma, lambda: halfLogSnr };

/**
 * ComfyUI's space: sigma as such, with the clean latent as it is. The reference gets there through the variance-preserving
 * form in float32, which moves the smallest noise levels by some per cent, and so does this.
 */
const explodingSpace: NoiseSpace = {
  alpha: () => 1,
  noise: (sigma) => variancePreserving(sigma).noise / variancePreserving(sigma).signal,
  lambda: (sigma) => variancePreserving(sigma).lambda,
};

function variancePreserving(sigma: number): { signal: number; noise: number; lambda: number } {
  const round = Math.fround;
  const logSignal = round(0.5 * round(Math.log(round(1 / round(round(sigma * sigma) + 1)))));
  const noiseVariance = round(1 - round(Math.exp(2 * logSignal)));
  return {
    signal: round(Math.exp(logSignal)),
    noise: round(Math.sqrt(noiseVariance)),
    lambda: round(logSignal - round(0.5 * round(Math.log(noiseVariance)))),
  };
}

interface Known {
  readonly sigma: number;
  readonly denoised: Float32Array;
}

/** Everything that the predictor and the corrector of one interval share. `known` has the newest first. */
interface Interval {
  readonly from: Float32Array;
  readonly next: number;
  readonly known: readonly Known[];
}

function uniPc(
  maxOrder: (steps: number) => number,
  variant: UniPcVariant,
  space: NoiseSpace,
): (request: SolverRequest) => StepRule {
  const advance = ({ from, next, known }: Interval, reached?: Float32Array): Float32Array => {
    const [newest, ...older] = known as [Known, ...Known[]];
    const stride = space.lambda(next) - space.lambda(newest.sigma);
    const backwards = -stride;
    const toDenoised = Math.expm1(backwards);
    const scale = variant === "bh1" ? backwards : toDenoised;
    const alpha = space.alpha(next);

    const ratios = older.map(({ sigma }) => (space.lambda(sigma) - space.lambda(newest.sigma)) / stride);
    const differences = older.map(({ denoised }) => denoised);
    if (reached !== undefined) {
      ratios.push(1);
      differences.push(reached);
    }

    const weights = differenceWeights(ratios, backwards, scale);
    const terms: Term[] = [
      [space.noise(next) / space.noise(newest.sigma), from],
      [-alpha * toDenoised, newest.denoised],
    ];
    weights.forEach((weight, k) => {
      const factor = (-alpha * scale * weight) / ratios[k]!;
      terms.push([factor, differences[k]!], [-factor, newest.denoised]);
    });
    return combine(...terms);
  };

  return (request) => {
    const steps = request.sigmas.length - 1;
    const order = Math.max(1, maxOrder(steps));
    let known: Known[] = [];
    let interval: Interval | null = null;
    return ({ x, denoised, sigma, next, index }) => {
      const from = interval === null ? x : advance(interval, denoised);
      known = [{ sigma, denoised }, ...known].slice(0, order);
      const stepOrder = Math.min(order, steps - index, index + 1);
      interval = { from, next, known: known.slice(0, stepOrder) };
      return advance(interval);
    };
  };
}

/**
 * Weights of the divided differences at `ratios` (places in the interval's own unit). One difference gets the weight
 * 1/2, as in the reference, more of them solve the paper's order conditions.
 */
function differenceWeights(ratios: readonly number[], h: number, scale: number): number[] {
  if (ratios.length === 0) return [];
  if (ratios.length === 1) return [0.5];
  const conditions: number[] = [];
  let factorial = 1;
  let phi = Math.expm1(h) / h - 1;
  for (let i = 1; i <= ratios.length; i++) {
    conditions.push((phi * factorial) / scale);
    factorial *= i + 1;
    phi = phi / h - 1 / factorial;
  }
  const powers = conditions.map((_, i) => ratios.map((ratio) => ratio ** i));
  return solveLinearSystem(powers, conditions);
}

/** Half log-SNR is infinite at sigma = 1. */
const PURE_NOISE_MARGIN = 1e-6;

function startBelowOne(request: SolverRequest): SolverRequest {
  if (request.sigmas.length === 0 || Math.abs(request.sigmas[0]! - 1) >= PURE_NOISE_MARGIN) return request;
  return startAt(request, 1 - PURE_NOISE_MARGIN);
}

/** diffusers' `UniPCMultistepScheduler` with flow sigmas. */
export function flowUniPc(order: 1 | 2 | 3, variant: UniPcVariant = "bh2"): Solver {
  return stepwise(
    uniPc(() => order, variant, flowSpace),
    startBelowOne,
  );
}

/** ComfyUI stops just short of sigma = 0. */
const SMALLEST_SIGMA = 0.001;

/**
 * ComfyUI's `uni_pc` (bh1) and `uni_pc_bh2`, of order 3 or one less than the number of steps. With a single step, which
 * leaves the reference with the starting noise, this takes a first-order one.
 */
export function comfyUniPc(variant: UniPcVariant): Solver {
  return stepwise(
    uniPc((steps) => Math.min(3, steps - 1), variant, explodingSpace),
    (request) => {
      const { sigmas } = request;
      if (sigmas.length === 0 || sigmas.at(-1)! >= SMALLEST_SIGMA) return request;
      const raised = Float32Array.from(sigmas);
      raised[raised.length - 1] = SMALLEST_SIGMA;
      return { ...request, sigmas: raised };
    },
  );
}
