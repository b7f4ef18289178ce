import { HeddleError } from "../../common/errors.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { numberParam, requiredInput } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  sizeOf: (outputs) => requiredInput(outputs, "conditioning", "conditioning").embeddings.byteLength,

  async run(_context, inputs, params) {
    const first = requiredInput(inputs, "first", "conditioning");
    const second = requiredInput(inputs, "second", "conditioning");
    const share = numberParam(params, "share");
    if (first.width !== second.width) {
      throw new HeddleError({
        code: "encoder-mismatch",
        message: `The prompts were encoded with ${first.width} and ${second.width} features a token.`,
        help: "Encode both with the same text encoder.",
        field: "second",
        details: { cause: "prompts", first: first.width, second: second.width },
      });
    }
    // Where the second prompt has ended there are zeros, as in ComfyUI.
    const embeddings = first.embeddings.map((value, i) => value * share + (second.embeddings[i] ?? 0) * (1 - share));
    return { conditioning: { ...first, embeddings } };
  },
};
