import { expect, test } from "vitest";
import { captionsOf } from "./picture-captions.ts";

const picture = (hash: string, seed: string | undefined, path: string) => ({
  hash,
  seed,
  path,
  width: 8,
  height: 8,
  mimeType: "image/png",
});
const none = () => undefined;
const seedText = (seed: string) => `Seed ${seed}`;

test("two of one seed are told apart by their files", () => {
  const pictures = [picture("a", "3", "x/cat.png"), picture("b", "1", "x/dog.png"), picture("c", "3", "x/star.png")];
  expect(captionsOf(pictures, none, seedText)).toEqual([
    { letter: "A", name: "Seed 3 · cat.png" },
    { letter: "B", name: "Seed 1" },
    { letter: "C", name: "Seed 3 · star.png" },
  ]);
});

test("a picture of a matrix is told by its values, one without a seed by its file", () => {
  const pictures = [picture("a", "3", "cat.png"), picture("b", undefined, "dog.png")];
  const values = (hash: string) => (hash === "a" ? "Steps = 2" : undefined);
  expect(captionsOf(pictures, values, seedText).map(({ name }) => name)).toEqual(["Steps = 2", "dog.png"]);
});
