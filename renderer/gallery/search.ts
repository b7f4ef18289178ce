import type { ImageReference } from "../../graph/events.ts";

/**
 * The pictures whose file name or seed has every word of `query`. The usual file name is made of date, prompt and seed, so
 * these are what can be searched for.
 */
export function searchPictures(
  pictures: readonly ImageReference[],
  query: string,
  favourites?: ReadonlySet<string>,
): readonly ImageReference[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return pictures.filter((picture) => {
    if (favourites && !favourites.has(picture.hash)) return false;
    const name = `${picture.path ?? ""} ${picture.seed ?? ""}`.toLowerCase();
    return words.every((word) => name.includes(word));
  });
}
