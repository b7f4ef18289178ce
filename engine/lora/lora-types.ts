/** Size of a linear layer: its weight is [outFeatures, inFeatures]. */
export interface LinearModule {
  readonly inFeatures: number;
  readonly outFeatures: number;
}

/** Canonical module path ("layers.0.attention.to_q") to its size. */
export type LinearModules = ReadonlyMap<string, LinearModule>;

/**
 * What one file changes in one module's weight at strength 1, alpha folded in.
 *
 * `low-rank`: delta = up^T down, with down Float32Array [rank, in] and up Float32Array [rank, out], so that several are
 * put together by appending rows. `full`: delta gives a new Float32Array [out, in], for what is no product of narrow matrices; it reads and
 * computes on every call, so that a whole model's differences need not be held at once.
 */
export type LoraUpdate = LinearModule &
  (
    | { readonly kind: "low-rank"; readonly rank: number; readonly down: Float32Array; readonly up: Float32Array }
    | { readonly kind: "full"; delta(): Promise<Float32Array> }
  );

/** Changes of one model's modules, by canonical module path. */
export interface LoraPart {
  readonly updates: ReadonlyMap<string, LoraUpdate>;
  /** Float32Array [out] to add to a module's bias (`diff_b`); no low-rank input can express it. */
  readonly biasDiffs: ReadonlyMap<string, Float32Array>;
}

interface LoraReport {
  /** Tensors of the file whose effect is in the updates. */
  readonly applied: number;
  /** Tensors in the file. */
  readonly total: number;
  /** Names of tensors that nothing could be done with. */
  readonly unapplied: readonly string[];
  /** Names of tensors that say again what others in the file say (a fused `qkv` beside q, k and v), rightly left out. */
  readonly duplicates: readonly string[];
  /** Module paths whose change is full rank (DoRA, full differences): better merged into the weight than fed as input. */
  readonly fullRank: readonly string[];
  /** Sentences for people about anything out of the ordinary. */
  readonly notes: readonly string[];
}

export interface LoraMetadata {
  readonly title?: string;
  /** Words the trainer or author states as needed in the prompt. */
  readonly triggerWords: readonly string[];
  /** Most frequent caption tags of the training set, most frequent first, at most 12. */
  readonly frequentTags: readonly string[];
  readonly baseModel?: string;
  /** Rank of most modules, and alpha where it is stated. */
  readonly rank?: number;
  readonly alpha?: number;
}

export interface ParsedLora extends LoraPart {
  readonly textEncoder: LoraPart;
  readonly report: LoraReport;
  /** "kohya LoRA", "PEFT LoRA", "LyCORIS LoKr"; for people. */
  readonly format: string;
  readonly metadata: LoraMetadata;
}

/** One low-rank pair: delta^T = a b. */
export interface LoraFactors {
  readonly rank: number;
  /** [in, rank], row-major. */
  readonly a: Float32Array;
  /** [rank, out], row-major; strength and alpha folded in. */
  readonly b: Float32Array;
}
