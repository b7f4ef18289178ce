import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { numberParam } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  run: async (_context, _inputs, params) => ({ value: numberParam(params, "value") }),
};
