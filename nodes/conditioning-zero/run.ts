import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { requiredInput } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  sizeOf: (outputs) => requiredInput(outputs, "conditioning", "conditioning").embeddings.byteLength,

  async run(_context, inputs) {
    const conditioning = requiredInput(inputs, "conditioning", "conditioning");
    return { conditioning: { ...conditioning, embeddings: new Float32Array(conditioning.embeddings.length) } };
  },
};
