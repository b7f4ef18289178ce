export interface ProblemWords {
  readonly message: string;
  readonly help: string;
}

/** The words of a code with many causes, whose messages differ in one half-sentence only. */
export function causesOf<Code extends string>(
  code: Code,
  words: (why: string) => ProblemWords,
  causes: Readonly<Record<string, string>>,
): Record<`${Code}_${string}`, ProblemWords> {
  return Object.fromEntries(
    Object.entries(causes).map(([cause, why]) => [`${code}_${cause}` as const, words(why)] as const),
  ) as Record<`${Code}_${string}`, ProblemWords>;
}
