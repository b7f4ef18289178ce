import { z } from "zod";
import { subgraphFileSchema } from "../graph/subgraphs/file.ts";
import { procedure } from "./procedure.ts";

/** The personal library of subgraphs, kept by the host as files that can be handed on. */
export const libraryEntrySchema = z.object({
  /** Name of the file, without its ending. */
  name: z.string(),
  file: subgraphFileSchema,
});

export const subgraphsContract = {
  /** By title. */
  list: procedure.output(z.array(libraryEntrySchema)),
  /** Keeps a subgraph under its title; one with the same id takes the place of the earlier. */
  save: procedure.input(z.object({ file: subgraphFileSchema })).output(z.object({ name: z.string() })),
  remove: procedure.input(z.object({ name: z.string() })).output(z.object({ removed: z.boolean() })),
};

export type LibraryEntry = z.infer<typeof libraryEntrySchema>;
