import { expect, it } from "vitest";
import { searchPictures } from "./search.ts";

const picture = (name: string, seed: string) => ({
  hash: seed.padStart(64, "0"),
  width: 8,
  height: 8,
  mimeType: "image/png",
  seed,
  path: `/out/2026-11-21/${name}-${seed}-1.png`,
});
const pictures = [picture("a-red-house", "7"), picture("a-blue-house", "42")];

it("finds pictures by words of the prompt, date and seed, all of which must be there", () => {
  expect(searchPictures(pictures, "house RED")).toEqual([pictures[0]]);
  expect(searchPictures(pictures, "42")).toEqual([pictures[1]]);
  expect(searchPictures(pictures, "2026-11-21")).toHaveLength(2);
  expect(searchPictures(pictures, "red 42")).toEqual([]);
});

it("shows favourites only when asked", () => {
  expect(searchPictures(pictures, "", new Set(["7".padStart(64, "0")]))).toEqual([pictures[0]]);
});
