import type { ImageReference } from "../../graph/events.ts";

/** The file's name, or the beginning of the hash of a picture that was not saved. */
export function nameOfPicture({ path, hash }: Pick<ImageReference, "path" | "hash">): string {
  return path?.split(/[\\/]/).at(-1) ?? hash.slice(0, 8);
}
