import { HeddleError } from "../../common/errors.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { maskRuleParam, requiredInput } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  sizeOf: (outputs) => requiredInput(outputs, "latent", "latent").samples?.byteLength ?? 0,

  async run(_context, inputs, params) {
    const latent = requiredInput(inputs, "latent", "latent");
    if (latent.samples === null) {
      throw new HeddleError({
        code: "latent-empty",
        message: "There is nothing for the mask to keep: this latent is only a size.",
        help: "Connect the latent of a picture, from VAE Encode or a Sampler.",
        field: "latent",
        details: { cause: "mask" },
      });
    }
    const maskRule = maskRuleParam(params);
    return { latent: { ...latent, mask: requiredInput(inputs, "mask", "mask"), maskRule } };
  },
};
