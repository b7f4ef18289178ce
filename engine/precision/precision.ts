import type { ComponentPrecision } from "../models/component-precision.ts";
import type { WeightSet } from "../weights/weight-set.ts";
import { choosePlan, type PlanChoice, type PlanSituation, WHOLE_MODEL_BYTES } from "./choose-plan.ts";
import { type DerivationProgress, deriveWeights } from "./derive-weights.ts";
import type { GraphNeeds } from "./derived-layout.ts";
import { probeIntegerKernels } from "./integer-kernels.ts";
import { isDerived, type PrecisionPlan } from "./plan.ts";

/** Components whose linear layers have a plan; the VAE is all convolutions and stays in float32. */
export type PlannedComponent = "transformer" | "textEncoder";

export interface PrecisionOptions {
  /** A plan for both components or one for each; `auto` (default) chooses by size, memory and processor. */
  precision?: PrecisionSetting | Partial<Record<PlannedComponent, PrecisionSetting>>;
  /** Derived weights are kept below it, in `derived/`; without it only plans that need none are possible. */
  cacheFolder?: string;
  onDerivation?(component: PlannedComponent, progress: DerivationProgress): void;
}

export type PrecisionSetting = PrecisionPlan | "auto";

export type OnDerivation = (component: PlannedComponent, progress: DerivationProgress) => void;

/** Where components compute. */
type Place = Pick<PlanSituation, "memoryBytes" | "device" | "halfPrecision">;

interface Component {
  readonly component: PlannedComponent;
  readonly weights: WeightSet;
  /** Values in all of the weights. */
  readonly parameters: number;
  readonly signal: AbortSignal | undefined;
  /** Told while derived weights are made for this caller. */
  readonly onDerivation?: OnDerivation | undefined;
  needs(): GraphNeeds;
}

/** Chooses how components compute on this machine, and gets their weights ready for it. */
export class Precision {
  readonly #place: Place;
  readonly #options: PrecisionOptions;

  constructor(place: Place, options: PrecisionOptions) {
    this.#place = place;
    this.#options = options;
  }

  async choose(component: PlannedComponent, parameters: number): Promise<PlanChoice> {
    const { precision = "auto", cacheFolder } = this.#options;
    const wanted = typeof precision === "string" ? precision : (precision[component] ?? "auto");
    const needsProbe = wanted !== "reference" && (wanted !== "auto" || parameters * 4 > WHOLE_MODEL_BYTES);
    return choosePlan(
      {
        ...this.#place,
        cpu: needsProbe ? await probeIntegerKernels() : { saturates: false, speedup: 1 },
        parameters,
        hasCache: cacheFolder !== undefined,
      },
      wanted,
    );
  }

  /** @throws HeddleError what {@link deriveWeights} throws. */
  async prepare({ component, weights, parameters, signal, needs, ...told }: Component): Promise<ComponentPrecision> {
    const { plan, session, layersPerSession } = await this.choose(component, parameters);
    const { cacheFolder, onDerivation } = this.#options;
    return {
      plan,
      session,
      ...(layersPerSession === 1 && { layersPerSession }),
      weights:
        isDerived(plan) && cacheFolder !== undefined
          ? await deriveWeights({
              ...{ source: weights, needs: needs(), plan, cacheFolder, signal },
              onProgress: (progress) => {
                onDerivation?.(component, progress);
                told.onDerivation?.(component, progress);
              },
            })
          : weights,
    };
  }
}
