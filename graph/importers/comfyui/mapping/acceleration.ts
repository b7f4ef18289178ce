import type { JsonValue } from "../../../document.ts";
import { rule } from "./simple-rule.ts";
import type { MappingRule } from "./types.ts";

/** Most steps in a row that Accelerate leaves blocks out of. */
const MOST_IN_A_ROW = 5;

/** Comfy-WaveSpeed's and ComfyUI-TeaCache's nodes: the same methods, whose limits mean nearly the same. */
export const accelerationRules: readonly MappingRule[] = [
  rule("ApplyFBCacheOnModel", {
    to: "accelerate",
    params: {
      firstBlockThreshold: "residual_diff_threshold",
      startPercent: { widget: "start", read: (value) => percent(value, 0, 99) },
      endPercent: { widget: "end", read: (value) => percent(value, 1, 100) },
      maxConsecutive: { widget: "max_consecutive_cache_hits", read: inARow },
    },
    fixed: { preset: "custom", method: "first-block", range: "percent" },
    inputs: { model: "model" },
    outputs: ["model"],
    silent: ["object_to_patch"],
    notes: ({ values }) => [
      ...closeNote,
      ...(Number(values.max_consecutive_cache_hits ?? -1) < 0
        ? [
            {
              code: "import-steps-in-a-row",
              message: `ComfyUI left blocks out of any number of steps in a row; here it is ${MOST_IN_A_ROW} at most.`,
              help: "The picture is nearer to the one without acceleration.",
              field: "maxConsecutive",
              details: { most: MOST_IN_A_ROW },
            },
          ]
        : []),
    ],
  }),
  rule("TeaCache", {
    to: "accelerate",
    params: {
      teaDistance: "rel_l1_thresh",
      startPercent: { widget: "start_percent", read: (value) => percent(value, 0, 99) },
      endPercent: { widget: "end_percent", read: (value) => percent(value, 1, 100) },
    },
    fixed: { preset: "custom", method: "tea", range: "percent", maxConsecutive: MOST_IN_A_ROW },
    inputs: { model: "model" },
    outputs: ["model"],
    silent: ["model_type", "cache_device", "max_skip_steps"],
    notes: () => closeNote,
  }),
];

const closeNote = [
  {
    code: "import-step-change",
    message: "ComfyUI measures change between steps in a slightly different way, so other steps may be shortened.",
    help: "Compare with Acceleration set to None, and move the limit if details suffer.",
  },
];

function percent(value: JsonValue, min: number, max: number): JsonValue | undefined {
  return typeof value === "number" ? Math.min(max, Math.max(min, Math.round(value * 100))) : undefined;
}

function inARow(value: JsonValue): JsonValue | undefined {
  if (typeof value !== "number") return undefined;
  return value < 0 ? MOST_IN_A_ROW : Math.min(MOST_IN_A_ROW, Math.max(1, Math.round(value)));
}
