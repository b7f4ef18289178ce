import type { WeightSet } from "../weight-set.ts";

/** One component of a checkpoint, its tensors under the names that diffusers (or Hugging Face) gives them. */
export interface ComponentFiles {
  /** Fused weights are row slices of the same file and 1x1 convolutions are matrices; nothing is copied. */
  readonly weights: WeightSet;
  /** config.json where there is one; otherwise the same keys, inferred from names and shapes. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly layout: "diffusers" | "single-file" | "all-in-one" | "gguf";
  /** What was found, for people: "Z-Image transformer, single file, BF16". */
  readonly description: string;
}

export type Variant = "turbo" | "base";

/** What a path holds. Components that are not there are absent; whoever needs one says so. */
export interface CheckpointFiles {
  readonly transformer?: ComponentFiles;
  readonly textEncoder?: ComponentFiles;
  readonly vae?: ComponentFiles;
  readonly controlNet?: ComponentFiles;
  /** Folder with tokenizer.json. */
  readonly tokenizerPath?: string;
  /** scheduler_config.json, parsed. */
  readonly scheduler?: Readonly<Record<string, unknown>>;
  /** Set when there is a transformer; see variant.ts for how it is told. */
  readonly variant?: Variant;
}

export type ComponentKind = "transformer" | "textEncoder" | "vae" | "controlNet";

export const componentNames: Record<ComponentKind, string> = {
  transformer: "Z-Image transformer",
  textEncoder: "Qwen3 text encoder",
  vae: "autoencoder (VAE)",
  controlNet: "Z-Image ControlNet",
};
