import { HeddleError } from "../../common/errors.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { numberParam, requiredInput } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  async run({ warn }, inputs, params) {
    const model = requiredInput(inputs, "model", "model");
    const { items } = requiredInput(inputs, "image", "image");
    const [start, end] = [numberParam(params, "start"), numberParam(params, "end")];
    const [hint] = items;
    if (hint === undefined) throw new TypeError("input image is an empty batch");
    if (start > end) {
      throw new HeddleError({
        code: "range-reversed",
        message: `The ControlNet would start at ${start} and end before that, at ${end}.`,
        help: "Make the start smaller than the end.",
        field: "start",
      });
    }
    if (items.length > 1) {
      warn({
        code: "only-first-picture",
        message: `${items.length} pictures are connected; the first one steers.`,
        help: "Connect a single picture.",
        field: "image",
      });
    }
    const control = {
      controlNet: requiredInput(inputs, "controlNet", "controlNet").controlNet,
      hint,
      vae: requiredInput(inputs, "vae", "vae"),
      ...{ strength: numberParam(params, "strength"), start, end },
    };
    return { model: { ...model, controls: [...model.controls, control] } };
  },
};
