/** How the next token is chosen. */
export interface TokenSampling {
  /** 0 always takes the most likely token. */
  readonly temperature: number;
  /** Only so many of the most likely tokens; 0 is all. */
  readonly topK: number;
  /** Only the most likely tokens that together have this probability; 1 is all. */
  readonly topP: number;
  /** Above 1, tokens that stand in the text already become less likely; 1 is off. */
  readonly repetitionPenalty: number;
}

/** A token whose logit is that far below the largest, in temperatures, is drawn once in 10^17 times. */
const NEGLIGIBLE = 40;

/**
 * The next token, in the order of transformers' generation: repetition penalty, temperature, top-k, top-p, draw.
 * @param logits Float32Array [vocabulary]
 * @param seen tokens of the text so far
 * @param random 0 to 1, excluding 1; not looked at where nothing is left to chance
 */
export function sampleToken(
  logits: Float32Array,
  seen: ReadonlySet<number>,
  { temperature, topK, topP, repetitionPenalty }: TokenSampling,
  random: number,
): number {
  const scores = Float32Array.from(logits);
  if (repetitionPenalty !== 1) {
    for (const id of seen) {
      const score = scores[id];
      if (score !== undefined) scores[id] = score > 0 ? score / repetitionPenalty : score * repetitionPenalty;
    }
  }
  if (temperature <= 0) return scores.indexOf(largestOf(scores));
  const largest = largestOf(scores);
  const kept = mostLikely(scores, largest - NEGLIGIBLE * temperature).slice(0, topK > 0 ? topK : undefined);
  const powers = kept.map((id) => Math.exp((scores[id]! - largest) / temperature));
  const total = powers.reduce((sum, power) => sum + power, 0);
  let end = 0;
  let covered = 0;
  // At least one; the token that passes the limit still counts.
  while (end < kept.length && (end === 0 || covered < topP * total)) covered += powers[end++]!;
  let left = random * covered;
  for (let i = 0; i < end; i++) {
    left -= powers[i]!;
    if (left < 0) return kept[i]!;
  }
  return kept[end - 1]!;
}

/** Ids of the scores from `least` on, largest first; of equal ones the smaller id. */
function mostLikely(scores: Float32Array, least: number): number[] {
  const ids: number[] = [];
  for (let id = 0; id < scores.length; id++) if (scores[id]! >= least) ids.push(id);
  return ids.sort((a, b) => scores[b]! - scores[a]! || a - b);
}

function largestOf(values: Float32Array): number {
  return values.reduce((largest, value) => (value > largest ? value : largest), Number.NEGATIVE_INFINITY);
}
