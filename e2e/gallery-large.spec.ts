import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { node } from "./actions.ts";
import { expect, startHost, test } from "./fixtures.ts";
import { makePicture } from "./pictures.ts";

const PICTURES = 400;

test("of many pictures only those in view are in the page, and the last is one key away", async ({ page }) => {
  test.slow();
  await using started = await startHost();
  const { host } = started;
  for (let at = 0; at < PICTURES; at++) {
    const color = `rgb(${at % 256}, ${(at * 7) % 256}, ${Math.floor(at / 2)})`;
    const made = new Date(2026, 0, 1, 0, PICTURES - at);
    await makePicture(host.outputFolder, {
      name: `${at}.png`,
      prompt: `picture ${at}`,
      seed: at,
      side: 16,
      color,
      at: made,
    });
  }
  // The same picture twice is one.
  await copyFile(join(host.outputFolder, "0.png"), join(host.outputFolder, "again.png"));
  await page.goto(host.url);
  await expect(node(page, "Sampler")).toBeVisible();
  await page.locator(".react-flow__pane").click({ position: { x: 8, y: 8 } });
  await page.keyboard.press("g");
  const gallery = page.getByRole("dialog", { name: "Gallery" });
  await expect(gallery.getByRole("status").filter({ hasText: /^40\d pictures$/ })).toBeVisible({ timeout: 60_000 });
  const tiles = gallery.getByRole("option");
  await tiles.first().click();
  await page.keyboard.press("End");
  await expect(gallery.getByRole("option", { name: /^Picture 399\.png/ })).toHaveAttribute("aria-selected", "true");
  expect(await tiles.count()).toBeLessThan(150);
});
