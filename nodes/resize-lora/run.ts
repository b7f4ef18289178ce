import type { LoraValue } from "../../engine/types.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { numberParam, requiredInput } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  async run(_context, inputs, params) {
    const { source, title } = requiredInput(inputs, "lora", "lora");
    const [rank, energy] = [numberParam(params, "rank"), numberParam(params, "energy")];
    const lora: LoraValue = { kind: "lora", source: { kind: "resize", source, rank, energy }, title };
    return { lora };
  },
};
