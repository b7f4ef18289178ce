import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { numberParam, optionalInput, requiredInput, seedParam, textParam } from "../values.ts";
import { LivePreview } from "./live-preview.ts";

export const runner: NodeRunner<NodeServices> = {
  sizeOf: (outputs) => requiredInput(outputs, "latent", "latent").samples?.byteLength ?? 0,

  async run({ services: { engine, previews }, signal, timed, info, progress }, inputs, params) {
    const model = requiredInput(inputs, "model", "model");
    const vae = previews && optionalInput(inputs, "vae", "vae");
    const negative = optionalInput(inputs, "negative", "conditioning");
    const seed = seedParam(params, "seed");
    await timed("loadMs", () => engine.warm(model, signal));
    const livePreview = new LivePreview(previews, progress);
    const latent = await timed("sampleMs", () =>
      engine.sample({
        model,
        ...(vae ? { vae } : {}),
        positive: requiredInput(inputs, "positive", "conditioning"),
        ...(negative ? { negative } : {}),
        latent: requiredInput(inputs, "latent", "latent"),
        seed,
        steps: numberParam(params, "steps"),
        guidanceScale: numberParam(params, "guidance"),
        solver: textParam(params, "solver"),
        schedule: textParam(params, "schedule"),
        denoise: numberParam(params, "denoise"),
        signal,
        onProgress: ({ step, steps, preview }) => livePreview.show(step, steps, preview),
      }),
    );
    info({ seed: seed.toString() });
    return { latent };
  },
};
