import type { ImageReference } from "../../graph/events.ts";
import { nameOfPicture } from "../gallery/picture-name.ts";

/** What tells a picture from those beside it. */
export interface PictureCaption {
  /** By its place: A, B, C, D. The same in captions and in the table. */
  readonly letter: string;
  readonly name: string;
}

/**
 * The values of its run in a matrix, else its seed; where another one has the same, or none is known, the name of its file.
 *
 * @param valuesOf the values that a picture of a matrix was made with, as people read them
 * @param seedText how a seed is told
 */
export function captionsOf(
  pictures: readonly ImageReference[],
  valuesOf: (hash: string) => string | undefined,
  seedText: (seed: string) => string,
): PictureCaption[] {
  const names = pictures.map(({ hash, seed }) => valuesOf(hash) ?? (seed === undefined ? undefined : seedText(seed)));
  return pictures.map((picture, at) => {
    const name = names[at];
    const isAlone = name !== undefined && names.filter((other) => other === name).length === 1;
    return {
      letter: String.fromCharCode("A".charCodeAt(0) + at),
      name: isAlone ? name : [name, nameOfPicture(picture)].filter(Boolean).join(" · "),
    };
  });
}
