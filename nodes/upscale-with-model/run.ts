import type { NodeRunner } from "../../graph/execution/runner.ts";
import { sizeOfImages } from "../images.ts";
import { modelFingerprint } from "../model-file.ts";
import type { NodeServices } from "../services.ts";
import { numberParam, requiredInput, textParam } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  fingerprint: modelFingerprint("upscaler", "upscaler"),
  sizeOf: sizeOfImages("image"),

  async run({ services: { engine, models }, signal, info, progress, timed }, inputs, params) {
    const { path } = await models.resolve("upscaler", textParam(params, "upscaler"));
    const { value, facts } = await timed("decodeMs", () =>
      engine.upscale(path, requiredInput(inputs, "image", "image"), {
        tile: numberParam(params, "tile"),
        overlap: numberParam(params, "overlap"),
        signal,
        onProgress: (value, max) => progress({ value, max }),
      }),
    );
    info(facts);
    return { image: value };
  },
};
