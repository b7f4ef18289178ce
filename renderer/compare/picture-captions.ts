import type { ImageReference } from "../../graph/events.ts";
import { nameOfPicture } from "../gallery/picture-name.ts";

/** A picture, with its prompt where that is known. */
type ComparedPicture = ImageReference & { readonly prompt?: string | undefined };

const MOST_WORDS = 6;

/** What tells a picture from those beside it. */
export interface PictureCaption {
  /** By its place: A, B, C, D. The same in captions and in the table. */
  readonly letter: string;
  readonly name: string;
}

/**
 * The values of its run in a matrix, else its seed. Where two have the same, all of them say how their prompts begin too, or, when
 * that is the same as well, what their files are called.
 *
 * @param valuesOf the values that a picture of a matrix was made with, as people read them
 * @param seedText how a seed is told
 */
export function captionsOf(
  pictures: readonly ComparedPicture[],
  valuesOf: (hash: string) => string | undefined,
  seedText: (seed: string) => string,
): PictureCaption[] {
  const names = pictures.map(({ hash, seed }) => valuesOf(hash) ?? (seed === undefined ? undefined : seedText(seed)));
  const files = pictures.map(nameOfPicture);
  const words = pictures.map(({ prompt }, at) => beginningOf(prompt ?? "") || (files[at] ?? ""));
  const withNames = (more: readonly string[]) =>
    more.map((one, at) => [names[at], one].filter((part) => part !== undefined).join(" · "));
  const ways = [names.map((name, at) => name ?? words[at] ?? ""), withNames(words), withNames(files)];
  const captions = ways.find((way) => new Set(way).size === way.length) ?? withNames(files);
  return captions.map((name, at) => ({ letter: String.fromCharCode("A".charCodeAt(0) + at), name }));
}

/** The first words of a prompt, and a sign where there are more. */
function beginningOf(prompt: string): string {
  const words = prompt.trim().split(/\s+/);
  return words.slice(0, MOST_WORDS).join(" ") + (words.length > MOST_WORDS ? "…" : "");
}
