import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { requiredInput, textParam } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  sizeOf: (outputs) => requiredInput(outputs, "conditioning", "conditioning").embeddings.byteLength,

  async run({ services: { engine }, signal, timed, info, warn }, inputs, params) {
    const encoder = requiredInput(inputs, "textEncoder", "textEncoder");
    await timed("loadMs", () => engine.warm(encoder, signal));
    const conditioning = await timed("encodeMs", () => engine.encodePrompt(encoder, textParam(params, "text"), signal));
    const { tokens, truncatedTokens } = conditioning;
    info({ tokens });
    if (truncatedTokens > 0) {
      info({ truncatedTokens });
      warn({
        code: "prompt-cut",
        message: `The prompt has ${tokens + truncatedTokens} tokens; the last ${truncatedTokens} did not fit the limit of ${tokens} and were cut.`,
        help: "Shorten the prompt, or move what matters to its beginning.",
        field: "text",
        details: { tokens, truncatedTokens },
      });
    }
    return { conditioning };
  },
};
