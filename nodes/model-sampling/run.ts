import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { booleanParam, numberParam, requiredInput } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  async run(_context, inputs, params) {
    const model = requiredInput(inputs, "model", "model");
    if (booleanParam(params, "fromSize")) return { model: { ...model, dynamicShift: true } };
    return { model: { ...model, shift: numberParam(params, "shift"), dynamicShift: false } };
  },
};
