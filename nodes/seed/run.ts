import type { NodeRunner } from "../../graph/execution/runner.ts";
import { seedToJson } from "../../graph/values.ts";
import type { NodeServices } from "../services.ts";
import { seedParam } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  run: async (_context, _inputs, params) => ({ value: seedToJson(seedParam(params, "seed")) }),
};
