/**
 * DPM-Solver++ multistep (arXiv 2211.01095) in the half log-SNR of the flow: diffusers' `DPMSolverMultistepScheduler`
 * with flow sigmas, and ComfyUI's `dpmpp_2m_sde` and `dpmpp_3m_sde` (whose `dpmpp_2m` uses another time).
 */
import { combine, type Term } from "../float32.ts";
import { halfLogSnr, startBelowPureNoise } from "./half-log-snr.ts";
import { type Solver, type StepRule, stepwise } from "./solver.ts";

export interface MultistepOptions {
  readonly order: 1 | 2 | 3;
  /** How a second-order step uses the older prediction. */
  readonly rule: "midpoint" | "heun";
  /** Solves the reverse SDE instead of the ODE, with fresh noise in every step. */
  readonly stochastic: boolean;
  /** Lets the order fall to 2 and 1 in the last two of fewer than 15 steps. */
  readonly cautiousEnd: boolean;
}

const FEW_STEPS = 15;

function multistepRule({ order: maxOrder, rule, stochastic, cautiousEnd }: MultistepOptions, steps: number): StepRule {
  /** Newest first; `stride` is the length of the step that the prediction began. */
  let history: { denoised: Float32Array; stride: number }[] = [];
  return (step) => {
    const { x, denoised, sigma, next, index } = step;
    if (next === 0) return denoised;
    const stride = halfLogSnr(next) - halfLogSnr(sigma);
    const remaining = steps - index;
    const order = Math.min(maxOrder, history.length + 1, cautiousEnd && steps < FEW_STEPS ? remaining : maxOrder);

    // The SDE's drift runs twice as far; fresh noise makes up for it.
    const reach = stochastic ? 2 * stride : stride;
    const alpha = 1 - next;
    const toDenoised = -Math.expm1(-reach);
    const phi2 = 1 - toDenoised / reach;
    const terms: Term[] = [
      [(next / sigma) * (stochastic ? Math.exp(-stride) : 1), x],
      [alpha * toDenoised, denoised],
    ];

    const [older, oldest] = history;
    if (order === 2 && older !== undefined) {
      const slope = (alpha * (rule === "heun" ? phi2 : toDenoised / 2) * stride) / older.stride;
      terms.push([slope, denoised], [-slope, older.denoised]);
    } else if (order === 3 && older !== undefined && oldest !== undefined) {
      const gap = older.stride / stride;
      const olderGap = oldest.stride / stride;
      const slope = alpha * phi2;
      const curve = (slope * gap - alpha * (phi2 / reach - 0.5)) / (gap + olderGap);
      terms.push(
        [(slope + curve) / gap, denoised],
        [-(slope + curve) / gap - curve / olderGap, older.denoised],
        [curve / olderGap, oldest.denoised],
      );
    }
    history = [{ denoised, stride }, ...history].slice(0, maxOrder - 1);
    if (stochastic) terms.push([next * Math.sqrt(-Math.expm1(-2 * stride)), step.drawNoise()]);
    return combine(...terms);
  };
}

/** As diffusers runs it. */
export function flowMultistep(options: Partial<Omit<MultistepOptions, "cautiousEnd">> = {}): Solver {
  const all: MultistepOptions = { order: 2, rule: "midpoint", stochastic: false, ...options, cautiousEnd: true };
  return stepwise(({ sigmas }) => multistepRule(all, sigmas.length - 1));
}

/** As ComfyUI runs it, with eta = 1. */
function comfySde(order: 2 | 3, rule: MultistepOptions["rule"]): Solver {
  const all: MultistepOptions = { order, rule, stochastic: true, cautiousEnd: false };
  return stepwise(({ sigmas }) => multistepRule(all, sigmas.length - 1), startBelowPureNoise);
}

export const dpmpp2mSde: Solver = comfySde(2, "midpoint");
export const dpmpp2mSdeHeun: Solver = comfySde(2, "heun");
export const dpmpp3mSde: Solver = comfySde(3, "heun");
