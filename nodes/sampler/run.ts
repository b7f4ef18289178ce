import type { Conditioning, DrawingFacts, Latent, SampleRequest } from "../../engine/types.ts";
import type { NodeRunner, ParamValues } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { showPreparing } from "../show-preparing.ts";
import { booleanParam, numberParam, optionalInput, requiredInput, seedParam, textParam } from "../values.ts";
import { LivePreview } from "./live-preview.ts";

export const runner: NodeRunner<NodeServices> = {
  sizeOf: (outputs) => requiredInput(outputs, "latent", "latent").samples?.byteLength ?? 0,

  async run({ services: { engine, previews }, signal, timed, info, progress }, inputs, params) {
    const model = requiredInput(inputs, "model", "model");
    const vae = previews && optionalInput(inputs, "vae", "vae");
    const negative = optionalInput(inputs, "negative", "conditioning");
    const positive = requiredInput(inputs, "positive", "conditioning");
    const seed = seedParam(params, "seed");
    await timed("loadMs", () => engine.warm(model, signal, showPreparing(progress)));
    const livePreview = new LivePreview(previews, progress);
    const latent = await timed("sampleMs", () =>
      engine.sample({
        model,
        ...(vae ? { vae } : {}),
        positive,
        ...(negative ? { negative } : {}),
        latent: requiredInput(inputs, "latent", "latent"),
        seed,
        steps: numberParam(params, "steps"),
        guidanceScale: numberParam(params, "guidance"),
        solver: textParam(params, "solver"),
        schedule: textParam(params, "schedule"),
        denoise: numberParam(params, "denoise"),
        strengthRule: textParam(params, "strengthRule") as "rescale" | "truncate",
        ...stepRange(params),
        addNoise: booleanParam(params, "addNoise"),
        cfgNormalization: numberParam(params, "cfgNormalization"),
        cfgTruncation: numberParam(params, "cfgTruncation"),
        batchNoise: textParam(params, "batchNoise") as "seeds" | "tensor",
        signal,
        onProgress: ({ step, steps, preview }) => livePreview.show(step, steps, preview),
      }),
    );
    info({ seed: seed.toString(), ...blockRunFacts(latent) });
    return { latent: { ...latent, drawing: drawingFacts(params, positive, negative) } };
  },
};

function drawingFacts(params: ParamValues, positive: Conditioning, negative: Conditioning | undefined): DrawingFacts {
  const guidance = numberParam(params, "guidance");
  return {
    prompt: positive.text,
    negativePrompt: negative?.text ?? "",
    steps: numberParam(params, "steps"),
    guidance,
    solver: textParam(params, "solver"),
    schedule: textParam(params, "schedule"),
    denoise: numberParam(params, "denoise"),
  };
}

/** How much of the model was left out, where an acceleration was asked for. */
function blockRunFacts({ blockRuns }: Latent): Record<string, number> {
  if (blockRuns === undefined) return {};
  return { blockRuns: blockRuns.run, skippedBlockRuns: blockRuns.skipped };
}

function stepRange(params: ParamValues): Pick<SampleRequest, "startStep" | "endStep" | "finish"> {
  const endStep = numberParam(params, "endStep");
  return {
    startStep: numberParam(params, "startStep"),
    // A schedule that is run to its end has its last noise level for good reasons.
    ...(endStep < numberParam(params, "steps") ? { endStep, finish: booleanParam(params, "finish") } : {}),
  };
}
