import { z } from "zod";
import { procedure } from "./procedure.ts";

/** What a person may look through to choose a folder of the host's machine: names of folders, never what files hold. */
const placeSchema = z.object({ name: z.string(), path: z.string() });

const folderListingSchema = z.object({
  /** Absolute. */
  path: z.string(),
  /** From the top of its disk down to the folder itself. */
  crumbs: z.array(placeSchema).min(1),
  /** `null` at the top of a disk. */
  parent: z.string().nullable(),
  home: z.string(),
  /** The disks of Windows; elsewhere the one root. */
  disks: z.array(placeSchema),
  folders: z.array(placeSchema.extend({ isHidden: z.boolean(), isLink: z.boolean() })),
  /** The path that was asked for, where that could not be opened and this is the nearest folder above it. */
  insteadOf: z.string().nullable(),
  /** There is more in it than is listed. */
  isCut: z.boolean(),
  /** Weight files that lie in the folder itself. */
  weights: z.int(),
  /** What the names in it look like: an installation, or the models folder of one. */
  looksLike: z.enum(["comfyui", "forge", "models"]).nullable(),
});

export const foldersContract = {
  /**
   * The sub-folders of a folder; of the home folder without a path. A host that is served to other machines refuses
   * (`folders-not-served`), and `info` says so.
   */
  list: procedure
    .input(
      z.object({
        path: z
          .string()
          .max(4_000)
          .refine((path) => !path.includes("\0"))
          .optional(),
        /** Where the folder cannot be read: the nearest above it that can, instead of an error. */
        nearest: z.boolean().default(false),
      }),
    )
    .output(folderListingSchema),
};

export type FolderListing = z.infer<typeof folderListingSchema>;
export type ListedFolder = FolderListing["folders"][number];
