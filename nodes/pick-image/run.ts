import { HeddleError } from "../../common/errors.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import { imageBatch } from "../images.ts";
import type { NodeServices } from "../services.ts";
import { numberParam, requiredInput } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  async run(_context, inputs, params) {
    const { items } = requiredInput(inputs, "image", "image");
    const position = numberParam(params, "position");
    const start = position < 0 ? items.length + position : position - 1;
    if (start < 0 || start >= items.length) {
      throw new HeddleError({
        code: "picture-not-in-batch",
        message: `There is no picture ${position} in a batch of ${items.length}.`,
        help: `Choose 1 to ${items.length}, or -1 to -${items.length} to count from the end.`,
        field: "position",
        details: { position, count: items.length },
      });
    }
    return { image: imageBatch(items.slice(start, start + numberParam(params, "count"))) };
  },
};
