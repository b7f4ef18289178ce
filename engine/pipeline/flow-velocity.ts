import type { PreparedRun, ZImageTransformer } from "../models/z-image/transformer.ts";
import { applyGuidance, type GuidanceOptions, isGuided } from "../sampling/guidance.ts";
import type { VelocityModel } from "../sampling/solvers/solver.ts";

export interface FlowVelocityRequest {
  readonly transformer: Pick<ZImageTransformer, "forward">;
  /** At least one; the predictions of several are averaged. */
  readonly positive: readonly PreparedRun[];
  /** Needed when guidance is on. */
  readonly negative?: readonly PreparedRun[] | undefined;
  readonly guidance: GuidanceOptions;
  /** Also give the velocity that the negative prompt alone predicts, which CFG++ solvers need. */
  readonly withNegative?: boolean;
  readonly signal?: AbortSignal;
  /** Residuals of ControlNets for one pass, by main layer. */
  readonly control?: (
    x: Float32Array,
    time: number,
    run: PreparedRun,
    pass: GuidedPass,
  ) => Promise<ReadonlyMap<number, Float32Array>>;
}

/** Which of the passes that classifier-free guidance needs this one is; `alone` where there is no guidance. */
export type GuidedPass = "alone" | "positive" | "negative";

/**
 * The velocity (noise - clean) that the solvers follow, for one latent `[channels, h, w]`. The transformer is told 1 - sigma
 * and predicts clean - noise, so its output is negated.
 */
export function flowVelocity(request: FlowVelocityRequest): VelocityModel {
  const { transformer, positive, negative, guidance, withNegative, signal, control } = request;
  return async (x, sigma, timestep) => {
    const time = Math.fround(Math.fround(1000 - Math.fround(timestep)) / 1000);
    const predictOne = async (run: PreparedRun, pass: GuidedPass) =>
      transformer.forward(x, time, run, {
        ...(signal === undefined ? {} : { signal }),
        ...(control === undefined ? {} : { control: await control(x, time, run, pass) }),
      });
    const predict = async (runs: readonly PreparedRun[], pass: GuidedPass) => {
      const predictions: Float32Array[] = [];
      for (const run of runs) predictions.push(await predictOne(run, pass));
      return mean(predictions);
    };
    if (negative === undefined || !isGuided(guidance, sigma)) return negated(await predict(positive, "alone"));
    const forward = await predict(positive, "positive");
    const backward = await predict(negative, "negative");
    const guided = negated(applyGuidance(forward, backward, guidance));
    return withNegative ? { guided, negative: negated(backward) } : guided;
  };
}

const negated = (values: Float32Array): Float32Array => values.map((value) => -value);

function mean(predictions: readonly Float32Array[]): Float32Array {
  const [first, ...rest] = predictions;
  if (rest.length === 0) return first!;
  return first!.map((value, i) => rest.reduce((sum, other) => sum + other[i]!, value) / predictions.length);
}
