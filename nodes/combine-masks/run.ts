import type { NodeRunner } from "../../graph/execution/runner.ts";
import { maskBytes, resizeMask } from "../pictures.ts";
import type { NodeServices } from "../services.ts";
import { requiredInput, textParam } from "../values.ts";

const operations: Readonly<Record<string, (first: number, second: number) => number>> = {
  either: Math.max,
  both: Math.min,
  difference: (first, second) => Math.min(first, 1 - second),
};

export const runner: NodeRunner<NodeServices> = {
  sizeOf: (outputs) => maskBytes(outputs),

  async run(_context, inputs, params) {
    const first = requiredInput(inputs, "first", "mask");
    const second = await resizeMask(requiredInput(inputs, "second", "mask"), first.width, first.height);
    const operation = operations[textParam(params, "operation")]!;
    return { mask: { ...first, values: first.values.map((value, i) => operation(value, second.values[i]!)) } };
  },
};
