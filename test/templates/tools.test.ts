import { copyFile, mkdir } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { readEmbedded } from "../../graph/embedding/embedded.ts";
import { type Box, boxOf, centre, corner, cut, difference, meanColour } from "./measure.ts";
import { openTemplates, templatesFolder } from "./template.ts";

const pictures = [
  "aae97e9ec31fff5ad981626299010ef395dca352bf339058d40f85fa915c1d84.webp",
  "bc1990f3e0a57780f92185c436645adbb5dd66b5f7d013f984a99e93d8833fdc.webp",
];

const template = await openTemplates({
  prepare: async (home) => {
    await mkdir(path.join(home, "inputs"));
    for (const name of pictures)
      await copyFile(path.join(templatesFolder, "pictures", name), path.join(home, "inputs", name));
  },
});

test("channels mirrors, inverts and swaps exactly", async () => {
  const { shown } = await (await template("channels"))
    .show("crop.image", "turn.image", "invert.image", "merge.image", "blur.image")
    .draw();
  const [cropped, turned, inverted, merged, blurred] = ["crop", "turn", "invert", "merge", "blur"].map(
    (id) => shown.get(`${id}.image`)![0]!,
  );
  expect(cropped).toMatchObject({ width: 256, height: 192 });
  const column = (x: number): Box => ({ left: x, top: 0, width: 1, height: 192 });
  expect(difference(cut(turned!, column(3)), cut(cropped!, column(252)))).toBe(0);
  const [red, green, blue] = meanColour(cropped!);
  expect(meanColour(merged!)).toEqual([blue, green, red]);
  for (const [i, value] of meanColour(inverted!).entries()) expect(value).toBeCloseTo(255 - [red, green, blue][i]!, 6);
  expect(Math.abs(meanColour(blurred!)[0] - red)).toBeLessThan(1);
  expect(difference(blurred!, cropped!)).toBeGreaterThan(1);
});

test("masks marks one balloon by its colour, paints it in another, and keeps the rest", async () => {
  const { saved, shown } = await (await template("masks"))
    .with({ "sampler.steps": 6 })
    .show("load.image", "see.image")
    .draw();
  const [picture] = shown.get("load.image")!;
  const [mask] = shown.get("see.image")!;
  const balloon: Box = { left: 88, top: 24, width: 24, height: 20 };
  expect(meanColour(mask!, balloon)[0]).toBeGreaterThan(250);
  expect(meanColour(mask!, { left: 16, top: 24, width: 32, height: 32 })[0]).toBe(0);
  const [redBefore, , blueBefore] = meanColour(picture!, balloon);
  const [redAfter, , blueAfter] = meanColour(saved[0]!, balloon);
  expect(redAfter - blueAfter).toBeGreaterThan(redBefore - blueBefore + 20);
  const below: Box = { left: 0, top: 90, width: 192, height: 102 };
  expect(difference(cut(saved[0]!, below), cut(picture!, below))).toBe(0);
});

test("prompt-builder draws what its parts say, and computes its steps", async () => {
  const builder = await template("prompt-builder");
  const star = await builder.draw();
  const told = (drawn: typeof star) => readEmbedded(drawn.files[0]!)!.parameters!.split("\n");
  expect(told(star)[0]).toBe("a yellow star on a blue background");
  expect(told(star)[1]).toMatch(/^Steps: 8,/);
  const [red, , blue] = meanColour(star.saved[0]!, corner(star.saved[0]!));
  expect(blue).toBeGreaterThan(red + 60);
  const house = await builder
    .with({ "thing.position": 2, "isBlue.value": false, "fewer.value": 2, "exchange.find": "" })
    .draw();
  expect(told(house)[0]).toBe("a red house on a white background");
  expect(told(house)[1]).toMatch(/^Steps: 4,/);
  expect(Math.min(...meanColour(house.saved[0]!, corner(house.saved[0]!)))).toBeGreaterThan(180);
});

test("mixed-prompts averages words and drawings, from a model in parts", async () => {
  const mixed = (await template("mixed-prompts"))
    .with(Object.fromEntries(["averaged", "combined", "held"].map((id) => [`${id}.steps`, 6])))
    .show("a.image", "b.image", "c.image");
  const { shown } = await mixed.draw();
  const [words, drawings, alone] = ["a", "b", "c"].map((id) => shown.get(`${id}.image`)![0]!);
  expect(difference(words!, drawings!)).toBeGreaterThan(2);
  // All of the first prompt, and nothing of the second: the average is the first alone.
  const first = await mixed.with({ "average.share": 1, "averaged.guidance": 4 }).draw();
  const second = await mixed.with({ "average.share": 0, "averaged.guidance": 4 }).draw();
  const nearest = Math.min(
    difference(first.shown.get("a.image")![0]!, alone!),
    difference(second.shown.get("a.image")![0]!, alone!),
  );
  expect(nearest).toBeLessThan(0.5);
  const shifted = await mixed.with({ "shift.shift": 1 }).draw();
  expect(difference(shifted.shown.get("c.image")![0]!, alone!)).toBeGreaterThan(1);
});

test("folder draws every picture of the folder for inputs, each at its own size", async () => {
  const { saved, shown, facts } = await (await template("folder"))
    .with({ "sampler.steps": 4, "resize.width": 128, "resize.height": 128 })
    .show("folder.image", "first.image")
    .draw();
  expect(facts.get("folder")).toMatchObject({ pictures: 2 });
  expect(shown.get("folder.image")!.map(({ width }) => width)).toEqual([256, 192]);
  expect(saved.map(boxOf)).toEqual([
    { left: 0, top: 0, width: 128, height: 128 },
    { left: 0, top: 0, width: 128, height: 128 },
  ]);
  expect(difference(shown.get("first.image")![0]!, saved[0]!)).toBe(0);
  expect(difference(saved[0]!, saved[1]!)).toBeGreaterThan(5);
});

test("expand-prompt passes the words on while it is off, and says why the starter cannot write", async () => {
  const expanding = (await template("expand-prompt")).with({ "sampler.steps": 2 });
  const { saved, files } = await expanding.draw();
  expect(readEmbedded(files[0]!)!.parameters).toMatch(/^a blue house on a yellow background\n/);
  const [red, , blue] = meanColour(saved[0]!, corner(saved[0]!));
  expect(red).toBeGreaterThan(blue + 60);
  expect(meanColour(saved[0]!, centre(saved[0]!))[2]).toBeGreaterThan(blue);
  await expect(expanding.with({ "expand.enabled": true }).draw()).rejects.toThrow(/cannot write|language/i);
});
