import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { numberParam, requiredInput, seedParam } from "../values.ts";
import { addEmbeddingNoise } from "./add-noise.ts";

export const runner: NodeRunner<NodeServices> = {
  sizeOf: (outputs) => requiredInput(outputs, "conditioning", "conditioning").embeddings.byteLength,

  async run({ info }, inputs, params) {
    const conditioning = requiredInput(inputs, "conditioning", "conditioning");
    const { embeddings, changed } = addEmbeddingNoise(conditioning.embeddings, {
      seed: seedParam(params, "seed"),
      strength: numberParam(params, "strength"),
      share: numberParam(params, "share"),
    });
    info({ changed: `${changed} of ${embeddings.length} values` });
    return { conditioning: { ...conditioning, embeddings } };
  },
};
