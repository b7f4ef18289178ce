import type { LoraMerge, LoraSource, LoraValue } from "../../engine/types.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { numberParam, optionalInput, requiredInput, textParam } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  async run(_context, inputs, params) {
    requiredInput(inputs, "lora1", "lora");
    const linked = [1, 2, 3, 4].flatMap((number) => {
      const lora = optionalInput(inputs, `lora${number}`, "lora");
      return lora === undefined ? [] : [{ lora, weight: numberParam(params, `weight${number}`) }];
    });
    const method = textParam(params, "method") as LoraMerge["method"];
    const merged: LoraSource = {
      ...{ kind: "merge", method, density: method === "ties" ? numberParam(params, "density") : 1 },
      items: linked.map(({ lora, weight }) => ({ source: lora.source, weight })),
    };
    const rank = numberParam(params, "rank");
    const source: LoraSource =
      method === "ties" && rank > 0 ? { kind: "resize", source: merged, rank, energy: 1 } : merged;
    const lora: LoraValue = { kind: "lora", source, title: linked.map(({ lora: { title } }) => title).join(" + ") };
    return { lora };
  },
};
