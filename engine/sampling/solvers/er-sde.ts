import { combine, type Term } from "../float32.ts";
import { startBelowPureNoise } from "./half-log-snr.ts";
import { type Solver, stepwise } from "./solver.ts";

const INTEGRATION_POINTS = 200;

/** The paper's fifth noise-scaling function, as a function of noise over signal. */
const noiseScale = (ratio: number) => ratio * (Math.exp(ratio ** 0.3) + 10);

/** Noise over signal of a rectified flow. */
const noiseRatio = (sigma: number) => sigma / (1 - sigma);

/** ER-SDE-Solver-3 (arXiv 2309.06169): an extended reverse-time SDE, third order from the third step on. */
export const erSde: Solver = stepwise(() => {
  let previous: { ratio: number; denoised: Float32Array; slope: Float32Array | null; previousRatio: number } | null =
    null;
  return (step) => {
    const { x, denoised, sigma, next } = step;
    if (next === 0) return denoised;
    const ratio = noiseRatio(sigma);
    const nextRatio = noiseRatio(next);
    const alpha = 1 - next;
    const change = noiseScale(nextRatio) / noiseScale(ratio);
    const terms: Term[] = [
      [(alpha / (1 - sigma)) * change, x],
      [alpha * (1 - change), denoised],
    ];

    let slope: Float32Array | null = null;
    if (previous !== null) {
      const stride = nextRatio - ratio;
      const { area, moment } = integrateInverseScale(ratio, nextRatio);
      const gap = ratio - previous.ratio;
      slope = combine([1 / gap, denoised], [-1 / gap, previous.denoised]);
      terms.push([alpha * (stride + area * noiseScale(nextRatio)), slope]);
      if (previous.slope !== null) {
        const span = (ratio - previous.previousRatio) / 2;
        const weight = (alpha * (stride ** 2 / 2 + moment * noiseScale(nextRatio))) / span;
        terms.push([weight, slope], [-weight, previous.slope]);
      }
    }
    previous = { ratio, denoised, slope, previousRatio: previous?.ratio ?? ratio };

    const noise = alpha * Math.sqrt(nextRatio ** 2 - (ratio * change) ** 2);
    if (noise > 0) terms.push([noise, step.drawNoise()]);
    return combine(...terms);
  };
}, startBelowPureNoise);

/** Riemann sums, from `to` up to `from`, of 1/scale and of (ratio - from)/scale. */
function integrateInverseScale(from: number, to: number): { area: number; moment: number } {
  const width = (from - to) / INTEGRATION_POINTS;
  let area = 0;
  let moment = 0;
  for (let i = 0; i < INTEGRATION_POINTS; i++) {
    const ratio = to + i * width;
    const inverse = width / noiseScale(ratio);
    area += inverse;
    moment += inverse * (ratio - from);
  }
  return { area, moment };
}
