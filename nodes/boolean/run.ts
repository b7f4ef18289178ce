import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { booleanParam } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  run: async (_context, _inputs, params) => ({ value: booleanParam(params, "value") }),
};
