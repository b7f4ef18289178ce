import { HeddleError } from "../../common/errors.ts";
import type { ControlMode, ControlReference } from "../../engine/types.ts";
import type { NodeRunner, ParamValues } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { numberParam, requiredInput, textParam } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  async run({ services: { engine }, warn }, inputs, params) {
    const model = requiredInput(inputs, "model", "model");
    const { items } = requiredInput(inputs, "image", "image");
    const controlNet = requiredInput(inputs, "controlNet", "controlNet");
    const [hint] = items;
    if (hint === undefined) throw new TypeError("input image is an empty batch");
    engine.checkControlNet(controlNet, model);
    if (items.length > 1) {
      warn({
        code: "only-first-picture",
        message: `${items.length} pictures are connected; the first one steers.`,
        help: "Connect a single picture.",
        field: "image",
        details: { count: items.length },
      });
    }
    const control: ControlReference = {
      controlNet: controlNet.controlNet,
      hint,
      vae: requiredInput(inputs, "vae", "vae"),
      strength: numberParam(params, "strength"),
      mode: textParam(params, "mode") as ControlMode,
      ...rangeOf(params),
    };
    return { model: { ...model, controls: [...model.controls, control] } };
  },
};

/** @throws HeddleError `range-reversed` */
function rangeOf(params: ParamValues): Pick<ControlReference, "start" | "end" | "steps"> {
  const isSteps = textParam(params, "range") === "steps";
  const [startName, endName] = isSteps ? (["startStep", "endStep"] as const) : (["start", "end"] as const);
  const [start, end] = [numberParam(params, startName), numberParam(params, endName)];
  if (start > end) {
    throw new HeddleError({
      code: "range-reversed",
      message: `The ControlNet would start at ${start} and end before that, at ${end}.`,
      help: "Make the start smaller than the end.",
      field: startName,
      details: { cause: "controlnet", start, end },
    });
  }
  return isSteps ? { start: 0, end: 1, steps: { start, end } } : { start, end };
}
