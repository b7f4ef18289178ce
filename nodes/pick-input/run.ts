import { HeddleError } from "../../common/errors.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { numberParam } from "../values.ts";
import { definition } from "./definition.ts";

export const runner: NodeRunner<NodeServices> = {
  async run(_context, inputs, params) {
    const position = numberParam(params, "position");
    const { name } = definition.inputs[position - 1]!;
    const value = inputs[name];
    if (value !== undefined) return { value };
    throw new HeddleError({
      code: "nothing-linked",
      message: `Input ${position} is to be passed on, but nothing is linked to it.`,
      help: "Link something to it, or choose another position.",
      field: name,
      details: { cause: "position", position },
    });
  },
};
