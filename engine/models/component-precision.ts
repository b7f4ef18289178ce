import type { PrecisionPlan } from "../precision/plan.ts";
import type { SessionSettings } from "../runtime/session-pool.ts";
import type { WeightSet } from "../weights/weight-set.ts";

/** How one component of a model computes. */
export interface ComponentPrecision {
  readonly plan: PrecisionPlan;
  /** The checkpoint's own weights, or those derived from them where the plan needs such. */
  readonly weights: WeightSet;
  /** Main layers in one session; all of them when absent. */
  readonly layersPerSession?: number;
  readonly session?: SessionSettings;
  /** Attention in 8 bits: `integer-attention.ts`. */
  readonly integerAttention?: boolean;
}

export const referencePrecision = (weights: WeightSet): ComponentPrecision => ({ plan: "reference", weights });

/** Two components with the same key can share their sessions. */
export function sessionKey({ plan, weights, session = {}, integerAttention = false }: ComponentPrecision): string {
  const settings = Object.entries({ ...session, integerAttention }).filter(([, isOn]) => isOn);
  return [weights.fingerprint, plan, ...settings.map(([name]) => name)].join("/");
}
