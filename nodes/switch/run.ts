import { HeddleError } from "../../common/errors.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { booleanParam } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  async run(_context, inputs, params) {
    const on = booleanParam(params, "on");
    const value = inputs[on ? "whenOn" : "whenOff"];
    if (value !== undefined) return { value };
    throw new HeddleError({
      code: "nothing-linked",
      message: `The switch is ${on ? "on" : "off"}, but nothing is linked to "${on ? "When on" : "When off"}".`,
      help: "Link something to it, or turn the switch the other way.",
      field: on ? "whenOn" : "whenOff",
      details: { cause: on ? "on" : "off" },
    });
  },
};
