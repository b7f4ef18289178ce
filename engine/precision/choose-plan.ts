import type { Device, SessionSettings } from "../runtime/session-pool.ts";
import type { IntegerKernels } from "./integer-kernels.ts";
import { isDerived, type PrecisionPlan } from "./plan.ts";

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
  /** Sentences for people: why this plan, and what it costs. */
  readonly reason: string;
  readonly cost: string;
}

/** Above this many bytes of float32 weights, a model is large: every main layer gets a session of its own. */
export const WHOLE_MODEL_BYTES = 2 ** 31;
/** Below this, integers gain too little over float32 to pay for their error. */
const WORTHWHILE_SPEEDUP = 1.2;

/** Bytes a weight takes in memory. */
const bytesPerWeight: Record<PrecisionPlan, number> = {
  reference: 4,
  h8: 1,
  w16: 2,
  int8: 1.03,
  int4: 0.63,
  fp16: 2,
};

/** Figures from docs/accuracy.md: `npm run bench -- accuracy`. */
const costs: Record<PrecisionPlan, string> = {
  reference: "Exact. Four bytes of memory a weight.",
  h8: "No visible difference (55 dB), as with Q8_0 files. One byte of memory and of disk a weight.",
  w16: "Nearly exact (75 dB), finer than BF16. Two bytes of memory and of disk a weight.",
  int8: "No visible difference (53 dB), as with Q8_0 files. One byte of memory and of disk a weight.",
  int4: "Details differ (38 dB), as with Q4_0 files. 0.6 bytes of memory and of disk a weight.",
  fp16: "Nearly exact (70 dB). Two bytes of memory a weight.",
};

/** The plan for one component, or what `wanted` means here when the user has chosen one. */
export function choosePlan(situation: PlanSituation, wanted: PrecisionPlan | "auto" = "auto"): PlanChoice {
  const { plan, reason } = wanted === "auto" ? automatic(situation) : chosen(wanted, situation);
  const isLarge = situation.parameters * 4 > WHOLE_MODEL_BYTES;
  const usesIntegers = plan === "h8" || plan === "w16";
  const isShort = situation.parameters * bytesPerWeight[plan] > situation.memoryBytes;
  return {
    plan: plan,
    session: {
      exactIntegers: usesIntegers && situation.cpu.saturates,
      mapped: isShort && isDerived(plan) && !(usesIntegers && situation.cpu.saturates),
      releaseMemory: isLarge,
    },
    layersPerSession: isLarge ? 1 : "all",
    reason,
    cost: costs[plan],
  };
}

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
