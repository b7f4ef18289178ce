import { expect, test } from "vitest";
import { type Box, boxOf, columnStep, cut, difference } from "./measure.ts";
import { openTemplates } from "./template.ts";

const template = await openTemplates();

test("image-to-image returns the picture at strength 0, and ignores it at 1", async () => {
  const start = (await template("image-to-image")).show("resize.image").with({ "sampler.steps": 3 });
  const kept = await start.with({ "sampler.denoise": 0 }).draw();
  const [input] = kept.shown.get("resize.image")!;
  expect(difference(kept.saved[0]!, input!)).toBe(0);
  const ignored = await start.with({ "sampler.denoise": 1 }).draw();
  const other = await start
    .with({ "sampler.denoise": 1, "load.image": await pictureOf("inpaint"), "resize.mode": "stretch" })
    .draw();
  expect(difference(ignored.saved[0]!, other.saved[0]!)).toBe(0);
  const some = await start.with({ "sampler.denoise": 0.6 }).draw();
  const distance = (picture: (typeof some.saved)[number]) => difference(picture, input!);
  expect(distance(some.saved[0]!)).toBeGreaterThan(2);
  expect(distance(some.saved[0]!)).toBeLessThan(distance(ignored.saved[0]!));
});

test("inpaint changes what is masked, and keeps the rest to the pixel", async () => {
  const { saved, shown } = await (await template("inpaint")).with({ "sampler.steps": 4 }).show("load.image").draw();
  const [picture] = shown.get("load.image")!;
  // An ellipse of 72 x 56 at 64, 8, grown by 4 and softened over 4.
  const box: Box = { left: 64 - 12, top: 0, width: 72 + 24, height: 8 + 56 + 12 };
  expect(differenceInside(saved[0]!, picture!, { left: 80, top: 18, width: 40, height: 36 })).toBeGreaterThan(10);
  expect(differenceOutside(saved[0]!, picture!, box)).toBe(0);
});

test("inpaint-zoom paints at the model's full size, and keeps the rest to the pixel", async () => {
  const { saved, shown, facts } = await (await template("inpaint-zoom"))
    .with({ "sampler.steps": 4 })
    .show("load.image", "decode.image", "crop.image")
    .draw();
  const [picture] = shown.get("load.image")!;
  const [cropped] = shown.get("crop.image")!;
  const [painted] = shown.get("decode.image")!;
  expect(Math.max(painted!.width, painted!.height)).toBe(256);
  expect(Math.max(cropped!.width, cropped!.height)).toBeLessThan(128);
  const { left, top, width, height } = facts.get("crop") as unknown as Box;
  // The margin of 32 pixels is there where the picture has it.
  expect({ left, top }).toEqual({ left: 0, top: 0 });
  expect(width).toBeGreaterThanOrEqual(16 + 32 + 32);
  expect(differenceInside(saved[0]!, picture!, { left: 26, top: 34, width: 12, height: 16 })).toBeGreaterThan(20);
  expect(differenceOutside(saved[0]!, picture!, { left, top, width, height })).toBe(0);
  expect(differenceOutside(saved[0]!, picture!, { left: 16, top: 24, width: 32, height: 36 })).toBe(0);
});

test("inpaint-by-hand changes grey places less than white ones, and black ones not at all", async () => {
  const hand = (await template("inpaint-by-hand")).with({ "sampler.steps": 6 }).show("load.image", "decode.image");
  const { saved, shown } = await hand.draw();
  const [picture] = shown.get("load.image")!;
  const band = (top: number): Box => ({ left: 0, top, width: 256, height: 24 });
  const changeAt = (top: number) => differenceInside(saved[0]!, picture!, band(top));
  const [white, grey, black] = [changeAt(8), changeAt(104), changeAt(200)];
  expect(white).toBeGreaterThan(2 * grey);
  expect(grey).toBeGreaterThan(0.5);
  expect(black).toBe(0);
  // Of the drawing itself, before it is laid onto the picture: all or nothing changes the grey places more.
  const cutOff = await hand.with({ "encode.maskRule": "cut" }).draw();
  const drawn = (result: typeof cutOff) => differenceInside(result.shown.get("decode.image")![0]!, picture!, band(76));
  expect(drawn(cutOff)).toBeGreaterThan(1.2 * drawn(await hand.draw()));
});

test("outpaint continues the picture beyond its border, which stays as it was", async () => {
  const { saved, shown } = await (await template("outpaint")).show("load.image").draw();
  const [picture] = shown.get("load.image")!;
  const [larger] = saved;
  expect(larger!.width).toBe(picture!.width + 64);
  // What feathering reaches into may change.
  const kept: Box = { left: 0, top: 0, width: picture!.width - 32, height: picture!.height };
  expect(difference(cut(larger!, kept), cut(picture!, kept))).toBe(0);
  const seam = columnStep(larger!, picture!.width - 1, picture!.width);
  const steps = Array.from({ length: picture!.width - 1 }, (_, x) => columnStep(larger!, x, x + 1));
  const usual = steps.reduce((sum, value) => sum + value, 0) / steps.length;
  expect(seam).toBeLessThan(3 * usual);
  // It is painted, and not the last column drawn out.
  const isNew = Array.from({ length: 40 }, (_, i) =>
    columnStep(larger!, picture!.width + 8 + i, picture!.width + 9 + i),
  );
  expect(Math.max(...isNew)).toBeGreaterThan(0.5);
});

test("one-by-one takes pictures of different shapes through the same nodes", async () => {
  const { shown, facts } = await (await template("one-by-one"))
    .with({ "resize.mode": "fill", "resize.width": 128, "resize.height": 128 })
    .with({ "sampler.steps": 5, "sampler.denoise": 0.2 })
    .show("before.image", "collect.image")
    .draw();
  expect(facts.get("sampler")).toMatchObject({ items: 2 });
  const [before, after] = [shown.get("before.image")!, shown.get("collect.image")!];
  expect(after).toHaveLength(2);
  for (const [i, picture] of after.entries()) {
    // Each comes from its own start, which it is nearer to than to the other's.
    expect(difference(picture, before[i]!)).toBeLessThan(difference(picture, before[1 - i]!));
    expect(difference(picture, before[i]!)).toBeGreaterThan(2);
  }
});

async function pictureOf(id: string): Promise<string> {
  const { document } = await template(id);
  return String(document.nodes.find(({ type }) => type === "load-image")!.params.image);
}

function differenceInside(a: Parameters<typeof cut>[0], b: Parameters<typeof cut>[0], box: Box): number {
  return difference(cut(a, box), cut(b, box));
}

function differenceOutside(a: Parameters<typeof cut>[0], b: Parameters<typeof cut>[0], box: Box): number {
  const whole = boxOf(a);
  const right = box.left + box.width;
  const bottom = box.top + box.height;
  const parts: Box[] = [
    { ...whole, height: box.top },
    { ...whole, top: bottom, height: whole.height - bottom },
    { ...whole, width: box.left },
    { ...whole, left: right, width: whole.width - right },
  ];
  return Math.max(
    0,
    ...parts.filter(({ width, height }) => width > 0 && height > 0).map((part) => differenceInside(a, b, part)),
  );
}
