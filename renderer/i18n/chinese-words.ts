export type ChineseWords = typeof import("../locales/chinese.ts");

let words: ChineseWords | undefined;

/** Fetches what is said in Chinese; it is there afterwards for {@link chineseWords}. */
export async function loadChineseWords(): Promise<ChineseWords> {
  words ??= await import("../locales/chinese.ts");
  return words;
}

/** `undefined` until they are loaded, which is done before the language is changed to Chinese. */
export const chineseWords = (): ChineseWords | undefined => words;
