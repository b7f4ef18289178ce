import { expect, test } from "vitest";
import { readEmbedded } from "../../graph/embedding/embedded.ts";
import { centre, corner, cut, detail, difference, meanColour, psnr } from "./measure.ts";
import { openTemplates, type Template } from "./template.ts";

const template = await openTemplates();

test("text-to-image draws what the prompt says, and the same again", async () => {
  const { saved, files } = await (await template("text-to-image"))
    .with({
      "prompt.text": "a yellow star on a blue background",
      "sampler.steps": 4,
    })
    .draw();
  const [star] = saved;
  const [red, green, blue] = meanColour(star!, centre(star!));
  expect(Math.min(red, green)).toBeGreaterThan(blue + 40);
  const [backRed, , backBlue] = meanColour(star!, corner(star!));
  expect(backBlue).toBeGreaterThan(backRed + 60);
  expect(readEmbedded(files[0]!)!.parameters).toMatch(/^a yellow star on a blue background\nSteps: 4/);
});

test("text-to-image-base follows guidance and stays away from the negative prompt", async () => {
  const base = (await template("text-to-image-base")).with({ "sampler.steps": 6 });
  const pictureAt = async (changes: Record<string, string | number>) => (await base.with(changes).draw()).saved[0]!;
  const unguided = await pictureAt({ "sampler.guidance": 1 });
  // Without guidance nobody looks at the negative prompt.
  expect(difference(await pictureAt({ "sampler.guidance": 1, "negative.text": "red" }), unguided)).toBe(0);
  const guided = await pictureAt({ "sampler.guidance": 4 });
  expect(difference(guided, unguided)).toBeGreaterThan(2);
  expect(difference(await pictureAt({ "sampler.guidance": 4, "negative.text": "red" }), guided)).toBeGreaterThan(1);
});

test("wildcards choose with their seed, and the file tells the prompt that was made", async () => {
  const wildcards = await template("wildcards");
  const seeded = async (seed: number) => {
    const { files } = await wildcards.with({ "seed.seed": seed, "sampler.steps": 1 }).draw();
    return readEmbedded(files[0]!)!.parameters!.split("\n")[0]!;
  };
  const prompts = [await seeded(1), await seeded(2), await seeded(3), await seeded(4)];
  expect(new Set(prompts).size).toBeGreaterThan(1);
  expect(await seeded(1)).toBe(prompts[0]);
  for (const prompt of prompts) expect(prompt).toMatch(/^an? [a-z ]+$/);
});

test("contact-sheet holds the pictures of six seeds, each as it is drawn alone", async () => {
  const { shown, saved } = await (await template("contact-sheet"))
    .with({ "sampler.steps": 2 })
    .show("decode.image")
    .draw();
  const [sheet] = saved;
  const pictures = shown.get("decode.image")!;
  expect(pictures).toHaveLength(6);
  const alone = await (await template("contact-sheet"))
    .with({ "sampler.steps": 2, "sampler.seed": 7, "size.batch": 1 })
    .show("decode.image")
    .draw();
  // Seeds 3 to 8: the fifth is 7, in the second row.
  const [seven] = alone.shown.get("decode.image")!;
  expect(difference(seven!, pictures[4]!)).toBe(0);
  const top = 10 + 128 + Math.ceil(18 * 1.6) + 10;
  expect(difference(cut(sheet!, { left: 10 + 138, top, width: 128, height: 128 }), seven!)).toBe(0);
});

test("settings-compared draws every combination, each as it is drawn alone", async () => {
  const compared = (await template("settings-compared")).with({
    "solvers.text": "euler\nheun",
    "steps.values": "1, 2",
  });
  const { saved, shown, facts } = await compared.show("decode.image").draw();
  expect(facts.get("sampler")).toMatchObject({ items: 4 });
  const pictures = shown.get("decode.image")!;
  // The Sampler's params are in the order steps, solver: steps run across.
  const alone = await (await template("text-to-image"))
    .with({ "prompt.text": "a mountain landscape at sunset with a red house", "size.width": 128, "size.height": 128 })
    .with({ "size.preset": "custom", "sampler.seed": 1, "sampler.steps": 2, "sampler.solver": "heun" })
    .draw();
  const matches = pictures.map((picture) => difference(picture, alone.saved[0]!));
  expect(matches.filter((value) => value === 0)).toHaveLength(1);
  const [sheet] = saved;
  const { width, height } = sheet!;
  const cell = cut(sheet!, { left: width - 136, top: height - 136, width: 128, height: 128 });
  expect(difference(cell, alone.saved[0]!)).toBe(0);
});

test("prompt-list draws each line, and saves each with its own prompt", async () => {
  const { saved, files } = await (await template("prompt-list"))
    .with({ "seeds.values": "1", "sampler.steps": 2, "each.format": "png" })
    .draw();
  const told = files.map((file) => readEmbedded(file)!.parameters!.split("\n")[0]);
  const lines = ["a red mushroom on a green background", "a yellow star on a blue background"];
  const [mushroom, star] = lines.map(
    (line) => saved[files.findIndex((_, i) => told[i] === line && saved[i]!.width === 128)]!,
  );
  const [greenRed, green] = meanColour(mushroom!, corner(mushroom!));
  expect(green).toBeGreaterThan(greenRed + 30);
  const [blueRed, , blue] = meanColour(star!, corner(star!));
  expect(blue).toBeGreaterThan(blueRed + 60);
  expect(new Set(told).size).toBe(4);
});

test("seed-variance spreads pictures of several seeds further than the seeds alone do", async () => {
  const variance = (await template("seed-variance")).with({ "seed.seed": 1 });
  const { document } = variance;
  expect(document.nodes.map(({ type }) => type)).toContain("conditioning-noise");
  const spread = async (strength: number) => {
    const noise = document.nodes.find(({ type }) => type === "conditioning-noise")!.id;
    const pictures = [];
    for (const seed of [1, 2, 3]) {
      const { saved } = await variance.with({ "seed.seed": seed, [`${noise}.strength`]: strength }).draw();
      pictures.push(saved[0]!);
    }
    const [a, b, c] = pictures;
    return (difference(a!, b!) + difference(b!, c!) + difference(a!, c!)) / 3;
  };
  const strength = Number(document.nodes.find(({ type }) => type === "conditioning-noise")!.params.strength);
  expect(await spread(strength)).toBeGreaterThan(1.3 * (await spread(0)));
});

test("hires-fix keeps the layout of its first pass, and has more detail than enlarging gives", async () => {
  const { saved, shown } = await (await template("hires-fix")).show(...outputsOf(await template("hires-fix"))).draw();
  const [result] = saved;
  const [first] = [...shown.values()].map(([picture]) => picture!).filter(({ width }) => width === 128);
  const [enlarged] = [...shown.values()].map(([picture]) => picture!).filter((picture) => picture.width === 256);
  expect(result).toMatchObject({ width: 256, height: 256 });
  expect(first).toMatchObject({ width: 128, height: 128 });
  expect(psnr(result!, enlarged!)).toBeGreaterThan(12);
  expect(detail(result!)).toBeGreaterThan(1.05 * detail(enlarged!));
});

test("upscale makes the picture three times as large and keeps what it shows", async () => {
  const { saved, shown } = await (await template("upscale")).with({ "sampler.steps": 2 }).show("decode.image").draw();
  const [large] = saved;
  const [small] = shown.get("decode.image")!;
  expect(large!.width).toBe(3 * small!.width);
  const means = (image: typeof large, parts: number) => {
    const side = image!.width / parts;
    return Array.from({ length: parts * parts }, (_, i) => {
      const [x, y] = [i % parts, Math.floor(i / parts)];
      return meanColour(image!, { left: x * side, top: y * side, width: side, height: side });
    }).flat();
  };
  const [a, b] = [means(large, 8), means(small, 8)];
  expect(Math.max(...a.map((value, i) => Math.abs(value - b[i]!)))).toBeLessThan(6);
});

test("edges-and-colours finds edges where the picture has them", async () => {
  const { saved, shown } = await (await template("edges-and-colours")).show("edges.image", "decode.image").draw();
  const [edges] = shown.get("edges.image")!;
  expect(new Set(edges!.data)).toEqual(new Set([0, 255]));
  const [middle] = meanColour(edges!, { left: 24, top: 24, width: 80, height: 80 });
  expect(middle).toBeGreaterThan(4);
  expect(meanColour(edges!, corner(edges!))[0]).toBe(0);
  expect(saved[0]!.width).toBeGreaterThan(2 * 128);
});

/** Every place where a picture is. */
function outputsOf({ document }: Template): string[] {
  const places = document.links.filter(({ to }) => to.port === "image").map(({ from }) => `${from.node}.${from.port}`);
  return [...new Set(places)];
}
