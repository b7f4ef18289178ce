import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";

export const runner: NodeRunner<NodeServices> = {
  run: async (_context, inputs) => ({ value: inputs.value }),
};
