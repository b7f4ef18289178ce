import type { RgbImage } from "../types.ts";

export type Provenance = Pick<RgbImage, "seed" | "drawing" | "hasNsfwConcepts">;

/** What a picture that was made of another keeps of it: its seed, how it was drawn, what a safety check said. */
export function provenanceOf({ seed, drawing, hasNsfwConcepts }: Provenance): Provenance {
  return {
    ...(seed === undefined ? {} : { seed }),
    ...(drawing === undefined ? {} : { drawing }),
    ...(hasNsfwConcepts === undefined ? {} : { hasNsfwConcepts }),
  };
}
