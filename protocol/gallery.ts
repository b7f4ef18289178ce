import { z } from "zod";
import { imageReferenceSchema } from "../graph/events.ts";
import { procedure } from "./procedure.ts";

/** Everything that windows ask about the saved pictures of a host. */
export const MOST_PICTURES = 50_000;
export const MOST_STARS = 5;

const hashSchema = imageReferenceSchema.shape.hash;
const hashesSchema = z.array(hashSchema).min(1).max(MOST_PICTURES);

const galleryPictureSchema = imageReferenceSchema.extend({
  /** When the file was written, milliseconds since 1970. */
  createdAt: z.number(),
  favourite: z.boolean(),
  /** Stars; 0: not rated. */
  rating: z.int().min(0).max(MOST_STARS),
});

const galleryQuerySchema = z.object({
  /** Words that the prompt, the file's name, a model, a LoRA or the seed must contain, all of them. */
  words: z.string().max(1_000).default(""),
  model: z.string().optional(),
  lora: z.string().optional(),
  /** Days as `2026-11-21` in the host's time zone, both included. */
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
  favourites: z.boolean().default(false),
  /** At least that many stars. */
  rating: z.int().min(0).max(MOST_STARS).default(0),
  order: z.enum(["newest", "oldest", "rating"]).default("newest"),
  /** The pictures in the trash instead of the others. */
  trash: z.boolean().default(false),
  limit: z.int().min(1).max(MOST_PICTURES),
});

const pictureDetailsSchema = z.object({
  prompt: z.string(),
  negativePrompt: z.string(),
  models: z.array(z.string()),
  loras: z.array(z.string()),
  sizeBytes: z.int(),
});

const galleryFacetSchema = z.object({ name: z.string(), count: z.int() });

export const galleryContract = {
  /**
   * Looks for new, changed and vanished files, for about a second: `remaining` files are still to be read, newest first.
   */
  refresh: procedure.output(z.object({ remaining: z.int(), changed: z.boolean() })),
  search: procedure.input(galleryQuerySchema).output(
    z.object({
      /** Of all that match, also past the limit. */
      total: z.int(),
      pictures: z.array(galleryPictureSchema),
    }),
  ),
  /** What there is to filter by, the most frequent first. */
  facets: procedure.output(z.object({ models: z.array(galleryFacetSchema), loras: z.array(galleryFacetSchema) })),
  /** What is known of how a picture was made; `null` for a picture that is not in the gallery. */
  details: procedure.input(z.object({ hash: hashSchema })).output(pictureDetailsSchema.nullable()),
  mark: procedure
    .input(
      z.object({
        hashes: hashesSchema,
        favourite: z.boolean().optional(),
        rating: z.int().min(0).max(MOST_STARS).optional(),
      }),
    )
    .output(z.object({ marked: z.int() })),
  /** Moves the files of these pictures into the trash folder of the output folder. */
  trash: procedure.input(z.object({ hashes: hashesSchema })).output(z.object({ moved: z.int() })),
  /** Moves them back to where they were, under a free name where somebody else has taken theirs. */
  restore: procedure.input(z.object({ hashes: hashesSchema })).output(z.object({ moved: z.int() })),
  /** Deletes what is in the trash, for good; all of it without `hashes`. */
  purge: procedure.input(z.object({ hashes: hashesSchema.optional() })).output(z.object({ deleted: z.int() })),
};

export type GalleryPicture = z.infer<typeof galleryPictureSchema>;
export type GalleryQuery = z.infer<typeof galleryQuerySchema>;
export type GalleryQueryInput = z.input<typeof galleryQuerySchema>;
export type GalleryFacet = z.infer<typeof galleryFacetSchema>;
export type PictureDetails = z.infer<typeof pictureDetailsSchema>;
