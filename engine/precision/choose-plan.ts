import type { Device, SessionSettings } from "../runtime/session-pool.ts";
import type { IntegerKernels } from "./integer-kernels.ts";
import { isDerived, type PrecisionPlan, type PrecisionSetting } from "./plan.ts";
import { bytesPerWeight, costSentence, planCost } from "./plan-cost.ts";

export interface PlanSituation {
  readonly device: Device;
  /** The device, where it is no processor, does arithmetic in float16 (WebGPU's `shader-f16`). */
  readonly halfPrecision?: boolean;
  /** For weights, in bytes. */
  readonly memoryBytes: number;
  readonly cpu: IntegerKernels;
  /** Values in all of the model's weights. */
  readonly parameters: number;
  /** There is a folder that derived weights can be kept in. */
  readonly hasCache: boolean;
}

export interface PlanChoice {
  readonly plan: PrecisionPlan;
  readonly session: SessionSettings;
  /** Main layers in one session: all of them, or one, which bounds memory and gives points to cancel at. */
  readonly layersPerSession: "all" | 1;
  /** Attention in 8 bits, too: `models/integer-attention.ts`. Nothing keeps its products exact where they saturate. */
  readonly integerAttention: boolean;
  /** Sentences for people: why this plan, and what it costs. */
  readonly reason: string;
  readonly cost: string;
}

/** Above this many bytes of float32 weights, a model is large: every main layer gets a session of its own. */
export const WHOLE_MODEL_BYTES = 2 ** 31;
/** Below this, integers gain too little over float32 to pay for their error. */
const WORTHWHILE_SPEEDUP = 1.2;

const STREAMED_COST =
  "Exact. Float32 weights do not fit the memory, so every step widens them anew from the file, layer by layer.";

/** The plan for one component, or what `wanted` means here when the user has chosen one. */
export function choosePlan(situation: PlanSituation, wanted: PrecisionSetting = "auto"): PlanChoice {
  const { plan, reason } = wanted === "auto" ? automatic(situation) : chosen(wanted, situation);
  const isLarge = situation.parameters * 4 > WHOLE_MODEL_BYTES;
  const usesIntegers = plan === "h8" || plan === "w16";
  const isShort = situation.parameters * bytesPerWeight[plan] > situation.memoryBytes;
  const isStreamed = isShort && isLarge && plan === "reference" && situation.device === "cpu";
  return {
    plan: plan,
    session: {
      exactIntegers: usesIntegers && situation.cpu.saturates,
      mapped: isStreamed || (isShort && isDerived(plan) && !(usesIntegers && situation.cpu.saturates)),
      releaseMemory: isLarge,
    },
    layersPerSession: isLarge ? 1 : "all",
    integerAttention: plan === "h8" && !situation.cpu.saturates,
    reason,
    cost: isStreamed ? STREAMED_COST : costSentence(planCost(plan, situation.parameters, situation)),
  };
}

/** The plans that a device can compute in, the most exact first. */
export function possiblePlans({
  device,
  halfPrecision,
  hasCache,
}: Pick<PlanSituation, "device" | "halfPrecision" | "hasCache">): PrecisionPlan[] {
  const plans: PrecisionPlan[] =
    device === "cpu"
      ? ["reference", "w16", "h8", "int8", "int4"]
      : ["reference", ...(halfPrecision === true ? (["fp16"] as const) : []), "int8", "int4"];
  return plans.filter((plan) => hasCache || !isDerived(plan));
}

/**
 * The next plan that needs less memory, of those that are as fast as any on this device; undefined where there is none.
 * At most 0.7 of what `plan` takes: a difference that is worth another run.
 */
export function smallerPlan(plan: PrecisionPlan, situation: PlanSituation): PrecisionPlan | undefined {
  const fast: PrecisionPlan[] = situation.device === "cpu" && situation.cpu.speedup >= WORTHWHILE_SPEEDUP ? ["h8"] : [];
  return [...fast, "int8" as const, "int4" as const].find(
    (smaller) => situation.hasCache && bytesPerWeight[smaller] <= bytesPerWeight[plan] * LESS_THAN_SHARE,
  );
}

const LESS_THAN_SHARE = 0.7;
const NO_CACHE = "Faster plans need a cache folder, and none is set.";

function chosen(
  wanted: PrecisionPlan,
  { device, hasCache, halfPrecision }: PlanSituation,
): { plan: PrecisionPlan; reason: string } {
  if (!hasCache && isDerived(wanted)) return { plan: "reference", reason: NO_CACHE };
  if (device !== "cpu" && wanted === "fp16" && halfPrecision !== true) {
    const reason = "This graphics processor does not compute in half precision.";
    return hasCache ? { plan: "int8", reason } : { plan: "reference", reason };
  }
  if (device !== "cpu" && (wanted === "h8" || wanted === "w16")) {
    return { plan: "int8", reason: `${wanted} is a form for processors; graphics processors have int8 instead.` };
  }
  return { plan: wanted, reason: "Chosen by you." };
}

function automatic(situation: PlanSituation): { plan: PrecisionPlan; reason: string } {
  const { device, cpu, memoryBytes, parameters, hasCache, halfPrecision = false } = situation;
  const fits = (plan: PrecisionPlan) => parameters * bytesPerWeight[plan] <= memoryBytes;
  if (parameters * 4 <= WHOLE_MODEL_BYTES) {
    return { plan: "reference", reason: "The model is small enough to run exactly." };
  }
  if (device !== "cpu") {
    if (halfPrecision && fits("fp16")) {
      return { plan: "fp16", reason: "The graphics processor computes in half precision, and the model fits." };
    }
    if (!hasCache) return { plan: "reference", reason: NO_CACHE };
    return fits("int8")
      ? { plan: "int8", reason: "8-bit weights fit the graphics memory." }
      : { plan: "int4", reason: "Only 4-bit weights fit the graphics memory." };
  }
  if (!hasCache) return { plan: "reference", reason: NO_CACHE };
  if (fits("h8") || !cpu.saturates) {
    if (cpu.speedup >= WORTHWHILE_SPEEDUP) {
      return {
        plan: "h8",
        reason: cpu.saturates
          ? "8-bit integers are faster than float32 here and need a quarter of the memory."
          : "This processor has fast 8-bit integers.",
      };
    }
    return { plan: "int8", reason: "8-bit weights need a quarter of the memory." };
  }
  return { plan: "int4", reason: "Only 4-bit weights fit the memory." };
}
