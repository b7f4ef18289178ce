import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { requiredInput } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  async run(_context, inputs) {
    const { combined: alsoFirst = [], ...first } = requiredInput(inputs, "first", "conditioning");
    const { combined: alsoSecond = [], ...second } = requiredInput(inputs, "second", "conditioning");
    return { conditioning: { ...first, combined: [...alsoFirst, second, ...alsoSecond] } };
  },
};
