import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeJsonFile } from "../server/services/atomic-file.ts";
import { heddleFolders } from "../server/services/home.ts";

/**
 * Paths that a person chose, by the random names under which the page knows them: it can write to no other. They are kept in
 * Heddle's own folder, so that a recent workflow is the same file in a later run.
 */
const MOST_PLACES = 100;
const placesSchema = z.array(z.object({ place: z.string(), path: z.string() }));
type Places = z.infer<typeof placesSchema>;

/** The latest last. */
let places: Places | undefined;
const file = () => join(heddleFolders().home, "file-places.json");

function read(): Places {
  try {
    return placesSchema.parse(JSON.parse(readFileSync(file(), "utf8")));
  } catch {
    return [];
  }
}

/** The same file has the same place, however often it is chosen. */
export function placeOf(path: string): string {
  places ??= read();
  const known = places.find((one) => one.path === path);
  if (known && known === places.at(-1)) return known.place;
  const entry = known ?? { place: randomUUID(), path };
  places = [...places.filter((one) => one !== known), entry].slice(-MOST_PLACES);
  try {
    writeJsonFile(file(), places, { mode: 0o600 });
  } catch {
    // Places of this run stay at hand; the next one asks where a file is.
  }
  return entry.place;
}

export function pathOf(place: string): string | undefined {
  places ??= read();
  return places.find((one) => one.place === place)?.path;
}
