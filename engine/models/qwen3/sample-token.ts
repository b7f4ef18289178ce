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
  // Only the scores are sorted, which typed arrays do fast: the vocabulary has 150,000 of them.
  const sorted = Float32Array.from(scores).sort().reverse();
  const largest = sorted[0]!;
  if (temperature <= 0) return scores.indexOf(largest);
  const count = topK > 0 ? Math.min(topK, sorted.length) : sorted.length;
  const powers = sorted.subarray(0, count).map((score) => Math.exp((score - largest) / temperature));
  const total = powers.reduce((sum, power) => sum + power, 0);
  let end = 0;
  let covered = 0;
  // At least one; the token that passes the limit still counts.
  while (end < count && (end === 0 || covered < topP * total)) covered += powers[end++]!;
  let left = random * covered;
  let drawn = 0;
  while (drawn < end - 1 && left >= powers[drawn]!) left -= powers[drawn++]!;
  return tokenAt(drawn, sorted, scores);
}

/** The token in a place of the sorted scores; of equal scores the smaller ids come first. */
function tokenAt(place: number, sorted: Float32Array, scores: Float32Array): number {
  const score = sorted[place]!;
  let id = scores.indexOf(score);
  for (let before = place - 1; before >= 0 && sorted[before] === score; before--) id = scores.indexOf(score, id + 1);
  return id;
}
