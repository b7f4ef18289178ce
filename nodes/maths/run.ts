import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { numberParam, textParam } from "../values.ts";
import { evaluate } from "./evaluate.ts";

export const runner: NodeRunner<NodeServices> = {
  async run({ info }, _inputs, params) {
    const variables = Object.fromEntries(["a", "b", "c", "d"].map((name) => [name, numberParam(params, name)]));
    const number = evaluate(textParam(params, "expression"), variables);
    info({ result: number });
    return { number, integer: Math.round(number), boolean: number !== 0 };
  },
};
