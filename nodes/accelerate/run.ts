import { HeddleError } from "../../common/errors.ts";
import type { Acceleration } from "../../engine/types.ts";
import type { NodeRunner, ParamValues } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { numberParam, requiredInput, textParam } from "../values.ts";
import { presets } from "./presets.ts";

export const runner: NodeRunner<NodeServices> = {
  async run(_context, inputs, params) {
    const { acceleration: _, ...model } = requiredInput(inputs, "model", "model");
    const preset = textParam(params, "preset");
    if (preset === "none") return { model };
    const acceleration = preset === "custom" ? byHand(params) : presets[preset as keyof typeof presets];
    return { model: { ...model, acceleration } };
  },
};

const thresholds = {
  "first-block": "firstBlockThreshold",
  tea: "teaDistance",
  "dual-block": "dualBlockThreshold",
} as const;

function byHand(params: ParamValues): Acceleration {
  const method = textParam(params, "method") as Acceleration["method"];
  const consecutive = numberParam(params, "maxConsecutive");
  const common = { method, threshold: numberParam(params, thresholds[method]), range: rangeOf(params) };
  if (method !== "dual-block") return { ...common, maxConsecutive: consecutive };
  return {
    ...common,
    maxConsecutive: Math.min(consecutive, numberParam(params, "skipInterval")),
    firstBlocks: numberParam(params, "firstBlocks"),
    lastBlocks: numberParam(params, "lastBlocks"),
  };
}

function rangeOf(params: ParamValues): NonNullable<Acceleration["range"]> {
  const inSteps = textParam(params, "range") === "steps";
  const [start, end] = inSteps
    ? [numberParam(params, "startStep"), numberParam(params, "endStep")]
    : [numberParam(params, "startPercent"), numberParam(params, "endPercent")];
  if (start >= end) {
    throw new HeddleError({
      code: "range-reversed",
      message: `Blocks could be left out from ${start} on, but only until ${end}.`,
      help: "Make the start smaller than the end.",
      field: inSteps ? "startStep" : "startPercent",
      details: { cause: "blocks", start, end },
    });
  }
  if (inSteps) return { unit: "steps", start, end };
  return { unit: "share", start: start / 100, end: end / 100 };
}
