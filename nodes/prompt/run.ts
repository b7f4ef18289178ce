import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { showPreparing } from "../show-preparing.ts";
import { requiredInput, textParam } from "../values.ts";
import { findForeignSyntax } from "./foreign-syntax.ts";

/** Named in the warning; of more, these are the first. */
const MOST_NAMED = 3;

export const runner: NodeRunner<NodeServices> = {
  sizeOf: (outputs) => requiredInput(outputs, "conditioning", "conditioning").embeddings.byteLength,

  async run({ services: { engine }, signal, timed, info, warn, progress }, inputs, params) {
    const encoder = requiredInput(inputs, "textEncoder", "textEncoder");
    const text = textParam(params, "text");
    await timed("loadMs", () => engine.warm(encoder, signal, showPreparing(progress), text));
    const conditioning = await timed("encodeMs", () => engine.encodePrompt(encoder, text, signal));
    const foreign = foreignParts(text);
    if (foreign.length > 0) {
      const named = foreign.slice(0, MOST_NAMED).map((part) => `“${part}”`);
      warn({
        code: "prompt-syntax-unsupported",
        message: `${named.join(", ")}${foreign.length > MOST_NAMED ? " and more" : ""} ${foreign.length > 1 ? "have" : "has"} no effect: the model reads plain words.`,
        help: "Say in words what is to count more, and say it first. LoRAs belong into Load LoRA or a LoRA Stack, choices like {a|b} into Wildcards, several prompts into Combine Conditioning.",
        field: "text",
        details: { ...(foreign.length > MOST_NAMED ? { cause: "many" } : {}), named, parts: foreign },
      });
    }
    const { tokens, truncatedTokens } = conditioning;
    info({ tokens });
    if (truncatedTokens > 0) {
      info({ truncatedTokens });
      warn({
        code: "prompt-cut",
        message: `The prompt has ${tokens + truncatedTokens} tokens; the last ${truncatedTokens} did not fit the limit of ${tokens} and were cut.`,
        help: "Shorten the prompt, or move what matters to its beginning.",
        field: "text",
        details: { total: tokens + truncatedTokens, tokens, truncatedTokens },
      });
    }
    return { conditioning };
  },
};

/** What other programs would act on, each once. */
function foreignParts(prompt: string): string[] {
  return [...new Set(findForeignSyntax(prompt).map(({ from, to }) => prompt.slice(from, to)))];
}
