import type { JsonValue } from "../document.ts";

/** Params of Heddle's nodes for the parts of Runware's tasks that an import and the interface read alike. */

/** What `acceleratorOptions` stand for where a task does not say. */
export const acceleratorDefaults = {
  fbCache: false,
  fbCacheThreshold: 0.25,
  teaCache: false,
  teaCacheDistance: 0.5,
  dbCache: false,
  dbCacheThreshold: 0.25,
  dbCacheSkipInterval: 5,
  cacheMaxConsecutiveSteps: 3,
};

/** When work may be left out: in steps, else in percent. */
interface AcceleratedRange {
  cacheStartStep?: number | undefined;
  cacheEndStep?: number | undefined;
  cacheStartStepPercentage?: number | undefined;
  cacheEndStepPercentage?: number | undefined;
}

/** Params of Accelerate, which has the same names for the most part; `undefined` when no cache is on. */
export function accelerateParams(
  options: typeof acceleratorDefaults & AcceleratedRange,
): Record<string, JsonValue> | undefined {
  const { fbCache, teaCache, dbCache, cacheStartStep, cacheEndStep } = options;
  const method = fbCache ? "first-block" : teaCache ? "tea" : dbCache ? "dual-block" : undefined;
  if (method === undefined) return undefined;
  const range: Record<string, JsonValue> =
    cacheStartStep === undefined && cacheEndStep === undefined
      ? {
          range: "percent",
          startPercent: options.cacheStartStepPercentage ?? 0,
          endPercent: options.cacheEndStepPercentage ?? 100,
        }
      : { range: "steps", startStep: cacheStartStep ?? 0, endStep: cacheEndStep ?? 1_000 };
  return {
    preset: "custom",
    method,
    firstBlockThreshold: options.fbCacheThreshold,
    teaDistance: options.teaCacheDistance,
    dualBlockThreshold: options.dbCacheThreshold,
    skipInterval: options.dbCacheSkipInterval,
    maxConsecutive: options.cacheMaxConsecutiveSteps,
    ...range,
  };
}

/** What `ultralytics` stands for where a task does not say. */
export const ultralyticsDefaults = {
  CFGScale: 8,
  confidence: 0.9,
  inpaintSize: 1_024,
  maskBlur: 5,
  maskPadding: 5,
  negativePrompt: "",
  positivePrompt: "",
  steps: 20,
  strength: 0.3,
};

/** Params of Refine Faces, but for its detector and seed. */
export function faceParams({ CFGScale, ...fields }: typeof ultralyticsDefaults): Record<string, JsonValue> {
  // 1 is off, and so is everything below.
  return { ...fields, inpaintSize: Math.round(fields.inpaintSize / 16) * 16, guidance: Math.max(1, CFGScale) };
}

/** Of Apply ControlNet. */
export const controlModes = { balanced: "balanced", prompt: "prompt", controlnet: "control" } as const;
