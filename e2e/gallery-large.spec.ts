import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { node } from "./actions.ts";
import { expect, startHost, test } from "./fixtures.ts";
import { makePicture } from "./pictures.ts";

const PICTURES = 1_000;
/** Files that are written at once. */
const BATCH = 100;

test("of many pictures only those in view are in the page, and each is a key or a word away", async ({ page }) => {
  test.slow();
  await using started = await startHost();
  const { host } = started;
  const pixels = await sharp({ create: { width: 16, height: 16, channels: 3, background: "teal" } })
    .png()
    .toBuffer();
  const write = (at: number) =>
    makePicture(host.outputFolder, {
      name: `${at}.png`,
      prompt: `picture ${at}`,
      seed: at,
      png: pixels,
      at: new Date(2026, 0, 1, 0, PICTURES - at),
    });
  for (let first = 0; first < PICTURES; first += BATCH)
    await Promise.all(Array.from({ length: BATCH }, (_, at) => write(first + at)));
  // The same picture twice is one.
  await copyFile(join(host.outputFolder, "0.png"), join(host.outputFolder, "again.png"));
  await page.goto(host.url);
  await expect(node(page, "Sampler")).toBeVisible();
  await page.locator(".react-flow__pane").click({ position: { x: 8, y: 8 } });
  await page.keyboard.press("g");
  const gallery = page.getByRole("dialog", { name: "Gallery" });
  await expect(gallery.getByRole("status").filter({ hasText: /^100[01] pictures$/ })).toBeVisible({
    timeout: 180_000,
  });
  const tiles = gallery.getByRole("option");
  await tiles.first().click();
  await page.keyboard.press("End");
  await expect(gallery.getByRole("option", { name: /^Picture 999\.png/ })).toHaveAttribute("aria-selected", "true");
  expect(await tiles.count()).toBeLessThan(150);
  await gallery.getByRole("searchbox").fill("picture 432");
  await expect(tiles).toHaveCount(1);
  await expect(tiles).toHaveAccessibleName(/^Picture 432\.png/);
});
