import type { ImageBatch } from "../../engine/types.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { booleanParam, maskRuleParam, numberParam, optionalInput, requiredInput, seedParam } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  sizeOf: (outputs) => requiredInput(outputs, "latent", "latent").samples?.byteLength ?? 0,

  async run({ services: { engine }, signal, timed, warn }, inputs, params) {
    const vae = requiredInput(inputs, "vae", "vae");
    const image = requiredInput(inputs, "image", "image");
    const mask = optionalInput(inputs, "mask", "mask");
    await timed("loadMs", () => engine.warm(vae, signal));
    const options = booleanParam(params, "sample") ? { sampleSeed: seedParam(params, "seed") } : {};
    const latent = await timed("encodeMs", () =>
      engine.encode(vae, repeat(image, numberParam(params, "copies")), signal, { ...options, onWarning: warn }),
    );
    return { latent: { ...latent, ...(mask ? { mask, maskRule: maskRuleParam(params) } : {}) } };
  },
};

function repeat({ items }: ImageBatch, copies: number): ImageBatch {
  return { kind: "image", items: items.flatMap((item) => Array.from({ length: copies }, () => item)) };
}
