import { TorchGenerator } from "../../engine/sampling/noise.ts";

export interface EmbeddingNoise {
  readonly seed: bigint;
  /** Standard deviation of the noise, in that of the embedding's values. */
  readonly strength: number;
  /** Of the values that get noise, 0 to 1. */
  readonly share: number;
}

/** Median of |x| of a normal distribution with standard deviation 1. */
const MEDIAN_OF_NORMAL = 0.674_489_75;

/**
 * The embedding with normal noise on a random share of its values. Its own spread is measured by the median, because a few
 * values of a language model's hidden states are hundreds of times as large as all others.
 */
export function addEmbeddingNoise(
  embeddings: Float32Array,
  { seed, strength, share }: EmbeddingNoise,
): { embeddings: Float32Array; changed: number } {
  const generator = new TorchGenerator(seed);
  const noise = generator.randn(embeddings.length);
  const chances = generator.rand(embeddings.length);
  const scale = strength * spreadOf(embeddings);
  let changed = 0;
  const noised = embeddings.map((value, i) => {
    if (chances[i]! >= share || scale === 0) return value;
    changed++;
    return value + scale * noise[i]!;
  });
  return { embeddings: noised, changed };
}

function spreadOf(values: Float32Array): number {
  const sizes = values.map(Math.abs).sort();
  return (sizes[Math.floor(sizes.length / 2)] ?? 0) / MEDIAN_OF_NORMAL;
}
