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

test("where two have one seed, all say how their prompts begin", () => {
  const pictures = [
    { ...picture("a", "3", "x/1.png"), prompt: "a red mushroom on a light green background" },
    { ...picture("b", "1", "x/2.png"), prompt: "a blue house" },
    { ...picture("c", "3", "x/3.png"), prompt: "an orange star" },
  ];
  expect(captionsOf(pictures, none, seedText).map(({ name }) => name)).toEqual([
    "Seed 3 · a red mushroom on a light…",
    "Seed 1 · a blue house",
    "Seed 3 · an orange star",
  ]);
  const alike = pictures.map((one) => ({ ...one, prompt: "a cat" }));
  expect(captionsOf(alike, none, seedText)[2]?.name).toBe("Seed 3 · 3.png");
});

test("where two have one seed and no prompt is known, all are told by their files", () => {
  const pictures = [picture("a", "3", "x/cat.png"), picture("b", "1", "x/dog.png"), picture("c", "3", "x/star.png")];
  expect(captionsOf(pictures, none, seedText)).toEqual([
    { letter: "A", name: "Seed 3 · cat.png" },
    { letter: "B", name: "Seed 1 · dog.png" },
    { letter: "C", name: "Seed 3 · star.png" },
  ]);
});

test("a picture of a matrix is told by its values, one without a seed by its file", () => {
  const pictures = [picture("a", "3", "cat.png"), picture("b", undefined, "dog.png")];
  const values = (hash: string) => (hash === "a" ? "Steps = 2" : undefined);
  expect(captionsOf(pictures, values, seedText).map(({ name }) => name)).toEqual(["Steps = 2", "dog.png"]);
});
