import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { HeddleError } from "../../../common/errors.ts";
import { parseJson } from "../../weights/weight-set.ts";

/** Longest prompt in tokens, template included; what is longer is cut on the right, as the reference pipeline does. */
export const MAX_PROMPT_TOKENS = 512;

export interface TokenizedPrompt {
  readonly ids: readonly number[];
  /** Tokens that were cut off. */
  readonly truncatedTokens: number;
}

/** Byte-level BPE from a `tokenizer.json`, and the chat template that Z-Image's prompts go through. */
export class PromptTokenizer {
  readonly #tokenizer: Tokenizer;

  private constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
  }

  /**
   * @param folder holds `tokenizer.json` and, if the model has one, `tokenizer_config.json`.
   * @throws HeddleError `tokenizer-missing`, `tokenizer-invalid`
   */
  static async load(folder: string): Promise<PromptTokenizer> {
    const text = await readFile(join(folder, "tokenizer.json"), "utf8").catch((cause: unknown) => {
      throw new HeddleError(
        {
          code: "tokenizer-missing",
          message: `There is no tokenizer.json in "${folder}".`,
          help: "Put the tokenizer.json of the text encoder (for Z-Image: of Qwen3-4B) into that folder.",
          details: { folder, cause: "folder" },
        },
        { cause },
      );
    });
    const config = await readFile(join(folder, "tokenizer_config.json"), "utf8").catch(() => "{}");
    try {
      return new PromptTokenizer(new Tokenizer(parseJson(text) as object, (parseJson(config) ?? {}) as object));
    } catch (cause) {
      throw new HeddleError(
        {
          code: "tokenizer-invalid",
          message: `The tokenizer in "${folder}" cannot be read.`,
          help: "Download the model’s tokenizer folder again.",
          details: { folder },
        },
        { cause },
      );
    }
  }

  /** Ids of the text as it is, without a template. */
  encode(text: string): number[] {
    return text === "" ? [] : this.#tokenizer.encode(text, { add_special_tokens: false }).ids;
  }

  /** The text of tokens, without those that only steer (`<|im_end|>`). */
  decode(ids: readonly number[]): string {
    return ids.length === 0 ? "" : this.#tokenizer.decode([...ids], { skip_special_tokens: true });
  }

  /** The tokens that end a turn or a text, as far as this tokenizer has them. */
  get stopTokens(): number[] {
    return ["<|im_end|>", "<|endoftext|>"].flatMap((token) => this.#tokenizer.token_to_id(token) ?? []);
  }

  /** Ids of the chat-templated prompt (no thinking block), cut to `limit` tokens. The empty prompt is templated too. */
  encodePrompt(prompt: string, limit = MAX_PROMPT_TOKENS): TokenizedPrompt {
    const ids = this.encode(chatTemplate(prompt));
    return { ids: ids.slice(0, limit), truncatedTokens: Math.max(0, ids.length - limit) };
  }
}

/** One turn of a conversation, as Qwen3's chat template writes it. */
function turn(role: "system" | "user", content: string): string {
  return `<|im_start|>${role}\n${content}<|im_end|>\n`;
}

/** The text that an answer goes on from: instruction and question, with the thinking left out (`enable_thinking=False`). */
export function answerTemplate(instruction: string, question: string): string {
  const system = instruction === "" ? "" : turn("system", instruction);
  return `${system}${turn("user", question)}<|im_start|>assistant\n<think>\n\n</think>\n\n`;
}

export function chatTemplate(prompt: string): string {
  return `<|im_start|>user\n${prompt}<|im_end|>\n<|im_start|>assistant\n`;
}
