import type { NodeRunner } from "../../graph/execution/runner.ts";
import { addLora, loraOutputs } from "../lora.ts";
import { modelFingerprint } from "../model-file.ts";
import type { NodeServices } from "../services.ts";
import { booleanParam, numberParam, optionalInput, requiredInput, textParam } from "../values.ts";

const fingerprintOfFile = modelFingerprint("lora", "lora");

export const runner: NodeRunner<NodeServices> = {
  fingerprint: async (services, params) =>
    booleanParam(params, "enabled") ? fingerprintOfFile(services, params) : "off",

  async run(context, inputs, params) {
    const targets = {
      model: requiredInput(inputs, "model", "model"),
      textEncoder: optionalInput(inputs, "textEncoder", "textEncoder"),
    };
    if (!booleanParam(params, "enabled")) return loraOutputs(targets);
    const lora = { name: textParam(params, "lora"), weight: numberParam(params, "weight"), field: "lora" };
    return loraOutputs(await addLora(context, targets, lora));
  },
};
