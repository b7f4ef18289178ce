import type { Upsampling } from "../models/autoencoder-kl/graph.ts";
import type { ComponentPrecision } from "../models/component-precision.ts";
import type { WeightSet } from "../weights/weight-set.ts";
import { choosePlan, type PlanChoice, type PlanSituation, WHOLE_MODEL_BYTES } from "./choose-plan.ts";
import { type DerivationProgress, deriveWeights, type WeightChanges } from "./derive-weights.ts";
import type { GraphNeeds } from "./derived-layout.ts";
import { probeIntegerKernels } from "./integer-kernels.ts";
import { type MergedWeights, mergeWeights } from "./merged-weights.ts";
import { isDerived, type PartPlans, type PrecisionPlan, type PrecisionSetting } from "./plan.ts";

/** Components whose linear layers have a plan; the VAE is all convolutions and stays in float32: `vae-plan.ts`. */
export type PlannedComponent = "transformer" | "textEncoder";

export interface PrecisionOptions {
  /** A plan for transformers and text encoders, or one for each part; `auto` (default) chooses by size, memory and processor. */
  precision?: PrecisionSetting | PartPlans;
  /** For single models, by the real path of their folder or file; parts that are not named there follow `precision`. */
  modelPrecision?: Readonly<Record<string, PartPlans>>;
  /** false: attention stays in float32 under every plan. */
  integerAttention?: boolean;
  /** How VAEs double the sides of pictures; `subpixel` by default. */
  upsampling?: Upsampling | undefined;
  /** Derived weights are kept below it, in `derived/`; without it only plans that need none are possible. */
  cacheFolder?: string;
  onDerivation?(component: PlannedComponent, progress: DerivationProgress): void;
}

export type OnDerivation = (component: PlannedComponent, progress: DerivationProgress) => void;

/** Where components compute. */
type Place = Pick<PlanSituation, "memoryBytes" | "device" | "halfPrecision">;

interface Component {
  readonly component: PlannedComponent;
  readonly weights: WeightSet;
  /** Values in all of the weights. */
  readonly parameters: number;
  /** What is said of all models where it is absent. */
  readonly wanted?: PrecisionSetting;
  readonly signal: AbortSignal | undefined;
  /** Told while derived weights are made for this caller. */
  readonly onDerivation?: OnDerivation | undefined;
  needs(): GraphNeeds;
}

interface Merge extends Pick<Component, "component" | "weights" | "signal" | "onDerivation"> {
  readonly plan: PrecisionPlan;
  /** Of the graphs that a change is in. */
  readonly needs: GraphNeeds;
  readonly changes: WeightChanges;
}

/** Chooses how components compute on this machine, and gets their weights ready for it. */
export class Precision {
  readonly #place: Place;
  readonly #options: PrecisionOptions;

  constructor(place: Place, options: PrecisionOptions) {
    this.#place = place;
    this.#options = options;
  }

  get upsampling(): Upsampling | undefined {
    return this.#options.upsampling;
  }

  /**
   * What is wanted for a part of a model.
   *
   * @param paths real paths of the model and of its part: the first that somebody chose something for counts
   */
  wanted<Part extends keyof PartPlans>(part: Part, paths: readonly string[]): NonNullable<PartPlans[Part]> {
    const { precision = "auto", modelPrecision = {} } = this.#options;
    const all: PartPlans =
      typeof precision === "string" ? { transformer: precision, textEncoder: precision } : precision;
    const own = paths.map((path) => modelPrecision[path]?.[part]).find((setting) => setting !== undefined);
    return (own ?? all[part] ?? "auto") as NonNullable<PartPlans[Part]>;
  }

  async choose(parameters: number, wanted: PrecisionSetting): Promise<PlanChoice> {
    const { cacheFolder } = this.#options;
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

  /**
   * Changes to a component's weights in the form that `plan` gives those.
   * @throws HeddleError what {@link mergeWeights} throws
   */
  merge({ component, weights, plan, needs, changes, signal, ...told }: Merge): Promise<MergedWeights> {
    const { cacheFolder, onDerivation } = this.#options;
    return mergeWeights({
      ...{ source: weights, needs, plan, changes, cacheFolder, signal },
      onProgress: (progress) => {
        onDerivation?.(component, progress);
        told.onDerivation?.(component, progress);
      },
    });
  }

  /** @throws HeddleError what {@link deriveWeights} throws. */
  async prepare({
    component,
    weights,
    parameters,
    wanted = this.wanted(component, []),
    signal,
    needs,
    ...told
  }: Component): Promise<ComponentPrecision> {
    const { plan, session, layersPerSession, ...choice } = await this.choose(parameters, wanted);
    const { cacheFolder, onDerivation, integerAttention = true } = this.#options;
    return {
      plan,
      session,
      integerAttention: integerAttention && choice.integerAttention,
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
