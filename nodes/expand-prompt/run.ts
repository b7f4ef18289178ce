import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { booleanParam, numberParam, requiredInput, seedParam, textParam } from "../values.ts";

/** A label that a node has room for. */
const MAX_LABEL = 160;

export const runner: NodeRunner<NodeServices> = {
  async run({ services: { engine }, signal, info, warn, progress, timed }, inputs, params) {
    const prompt = textParam(params, "text");
    if (!booleanParam(params, "enabled") || prompt.trim() === "") return { text: prompt };
    const maxTokens = numberParam(params, "maxTokens");
    const written = await timed("encodeMs", () =>
      engine.writeText(requiredInput(inputs, "textEncoder", "textEncoder"), {
        instruction: textParam(params, "instruction").trim(),
        text: prompt,
        maxTokens,
        temperature: numberParam(params, "temperature"),
        topK: numberParam(params, "topK"),
        topP: numberParam(params, "topP"),
        repetitionPenalty: numberParam(params, "repetitionPenalty"),
        seed: seedParam(params, "seed"),
        signal,
        onText: (text, tokens) => progress({ value: tokens, max: maxTokens, label: labelOf(text) }),
      }),
    );
    const text = withoutThoughts(written.text);
    info({ text, tokens: written.tokens });
    if (text === "") {
      warn({
        code: "expansion-empty",
        message: "The language model wrote nothing; the prompt is passed on as it is.",
        help: "Try another seed, or look at the instruction.",
        field: "text",
      });
      return { text: prompt };
    }
    if (!written.isComplete) {
      warn({
        code: "expansion-cut",
        message: `The language model was not done after ${maxTokens} tokens; the text ends there.`,
        help: "Raise the limit, or ask for a shorter text in the instruction.",
        field: "maxTokens",
        details: { maxTokens },
      });
    }
    return { text };
  },
};

/** A model may think aloud although it is told not to. */
function withoutThoughts(text: string): string {
  return text
    .replace(/<think>[\s\S]*?(<\/think>|$)/g, "")
    .replace(/^[\s\S]*<\/think>/, "")
    .trim();
}

/** The end of what was written so far, on one line. */
function labelOf(text: string): string {
  const line = withoutThoughts(text).replace(/\s+/g, " ");
  return line.length > MAX_LABEL ? `…${line.slice(-MAX_LABEL)}` : line;
}
