import { readEngineSettings } from "./engine-settings.ts";
import type { EngineBackend } from "./serve-engine.ts";

/** The real engine. Its runtime is loaded here and nowhere else, so that no host process ever holds it. */
export async function loadLocalBackend(): Promise<EngineBackend> {
  const [{ createLocalServices }, { PromptTokenizer, MAX_PROMPT_TOKENS }] = await Promise.all([
    import("../services/local-services.ts"),
    import("../../engine/models/qwen3/tokenizer.ts"),
  ]);
  const { executor, services, dispose } = createLocalServices({
    previews: true,
    engine: readEngineSettings(process.env),
  });
  const tokenizers = new Map<string, ReturnType<typeof PromptTokenizer.load>>();

  async function tokenizerOf(checkpoint: string) {
    const { path } = await services.models.resolve("checkpoint", checkpoint);
    const { tokenizerPath } = (await services.engine.openCheckpoint(path)).textEncoder;
    const tokenizer = tokenizers.get(tokenizerPath) ?? PromptTokenizer.load(tokenizerPath);
    tokenizers.set(tokenizerPath, tokenizer);
    tokenizer.catch(() => tokenizers.delete(tokenizerPath));
    return tokenizer;
  }

  return {
    async run(document, { runId, targets, signal, onEvent }) {
      await executor.run(document, { runId, signal, onEvent, ...(targets ? { targets } : {}) });
    },
    async countTokens(checkpoint, text) {
      const { ids, truncatedTokens } = (await tokenizerOf(checkpoint)).encodePrompt(text);
      return { tokens: ids.length + truncatedTokens, limit: MAX_PROMPT_TOKENS };
    },
    dispose,
  };
}
