/**
 * How well an entry fits what was typed, 0 (not at all) to 1, as cmdk wants it. Each name counts by itself: letters
 * scattered over several aliases are no match.
 */
export function searchScore(value: string, search: string, keywords: readonly string[] = []): number {
  const query = normalise(search);
  if (query === "") return 1;
  const names = keywords.length > 0 ? keywords : [value];
  // Earlier names (the title) win over later ones (aliases) that fit as well.
  return Math.max(
    0,
    ...names.map((name, rank) => scoreName(normalise(name), name, query) - Math.min(rank, 20) * 0.002),
  );
}

function scoreName(name: string, original: string, query: string): number {
  if (name === query) return 1;
  if (name.startsWith(query)) return 0.92;
  const words = wordsOf(original);
  if (words.some((word) => word.startsWith(query))) return 0.84;
  if (everyPartStartsAWord(words, query)) return 0.8;
  if (name.includes(query)) return 0.7;
  if (query.length >= 2 && initialsOf(words).startsWith(query)) return 0.6;
  return query.length >= 3 && isNearSubsequence(name, query) ? 0.3 : 0;
}

/** `CLIPTextEncode` is clip, text, encode. */
function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .split(/[\s\-_/.]+/)
    .map((word) => word.toLowerCase())
    .filter(Boolean);
}

const initialsOf = (words: readonly string[]) => words.map((word) => word[0]).join("");
/** Also as Chinese keyboards type Latin letters: as wide as theirs. */
const normalise = (text: string) => text.normalize("NFKC").trim().toLowerCase();

function everyPartStartsAWord(words: readonly string[], query: string): boolean {
  const parts = query.split(/\s+/);
  return parts.length > 1 && parts.every((part) => words.some((word) => word.startsWith(part)));
}

/** The letters in order with few others between them: a slip of the finger still finds its node. */
function isNearSubsequence(name: string, query: string): boolean {
  const start = name.indexOf(query[0] ?? "");
  if (start < 0) return false;
  let at = start;
  for (const letter of query.slice(1)) {
    at = name.indexOf(letter, at + 1);
    if (at < 0) return false;
  }
  return at - start < query.length * 1.5;
}
