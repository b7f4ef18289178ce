import type { LoraEntry } from "../../graph/definition.ts";
import type { NodeRunner, ParamValues } from "../../graph/execution/runner.ts";
import { parseLoras } from "../../graph/values.ts";
import { addLora, type LoraTargets, loraOutputs } from "../lora.ts";
import type { NodeServices } from "../services.ts";
import { optionalInput, requiredInput } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  async fingerprint({ models }, params) {
    const resolved = await Promise.all(switchedOn(params).map(({ name }) => models.resolve("lora", name)));
    return resolved.map(({ path, identity }) => `${path}\n${identity}`).join("\n");
  },

  async run(context, inputs, params) {
    let targets: LoraTargets = {
      model: requiredInput(inputs, "model", "model"),
      textEncoder: optionalInput(inputs, "textEncoder", "textEncoder"),
    };
    for (const [index, { name, weight }] of switchedOn(params).entries()) {
      targets = await addLora(context, targets, { name, weight, field: "loras" }, `${index + 1} `);
    }
    return loraOutputs(targets);
  },
};

function switchedOn(params: ParamValues): LoraEntry[] {
  const entries = parseLoras(params.loras);
  if (entries === undefined) throw new TypeError("param loras is no list of LoRAs");
  return entries.filter(({ enabled }) => enabled);
}
