/**
 * Words of the program's own among the details of an error ("a Flux model", "text encoder"): interfaces in other languages
 * have words of their own for them, by the English ones.
 */
export const words = (english: string) => ({ term: "words", words: english }) as const;
