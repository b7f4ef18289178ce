import { createHash } from "node:crypto";
import { HeddleError } from "../../../common/errors.ts";
import type { LoraUpdates } from "../lora-feeds.ts";
import type { Qwen3LanguageModel } from "./language-model.ts";
import { sampleToken, type TokenSampling } from "./sample-token.ts";

/** Longest text to start from, in tokens: the cost of reading it grows with its square. */
const MAX_START_TOKENS = 4096;

export interface WritingRequest extends TokenSampling {
  /** Tokens of the text to go on from. */
  readonly start: readonly number[];
  /** Any of these ends the text, and is not part of it. */
  readonly stop: ReadonlySet<number>;
  readonly maxTokens: number;
  /** The same seed gives the same text. */
  readonly seed: bigint;
  readonly updates?: LoraUpdates;
  readonly signal: AbortSignal;
  /** Told of all tokens so far, after each. */
  onTokens(ids: readonly number[]): void;
}

export interface WrittenTokens {
  readonly ids: readonly number[];
  /** Whether the model ended the text, rather than the limit. */
  readonly isComplete: boolean;
}

/** @throws HeddleError `text-too-long`, and what the model throws */
export async function writeTokens(model: Qwen3LanguageModel, request: WritingRequest): Promise<WrittenTokens> {
  const { start, stop, maxTokens, seed, updates, signal, onTokens } = request;
  if (start.length > MAX_START_TOKENS) {
    throw new HeddleError({
      code: "text-too-long",
      message: `The text to go on from has ${start.length} tokens; ${MAX_START_TOKENS} are possible.`,
      help: "Shorten the prompt or the instruction.",
      field: "text",
      details: { tokens: start.length, most: MAX_START_TOKENS },
    });
  }
  const text = model.start(updates);
  const seen = new Set(start);
  const ids: number[] = [];
  let logits = await text.next(start, signal);
  for (;;) {
    const token = sampleToken(logits, seen, request, uniform(seed, ids.length));
    if (stop.has(token)) return { ids, isComplete: true };
    ids.push(token);
    seen.add(token);
    onTokens(ids);
    if (ids.length >= maxTokens) return { ids, isComplete: false };
    logits = await text.next([token], signal);
  }
}

/** 0 to 1, from 48 bits of a hash: the same on every machine, and for all seeds up to 2^63 - 1. */
function uniform(seed: bigint, index: number): number {
  return createHash("sha256").update(`${seed}:${index}`).digest().readUIntBE(0, 6) / 2 ** 48;
}
