import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import type { Locator } from "@playwright/test";
import { node } from "./actions.ts";
import { faults } from "./axe.ts";
import { expect, startHost, test } from "./fixtures.ts";
import { makeManyPictures } from "./pictures.ts";

const PICTURES = 10_000;

/** Of the pictures in the page: how many there are, and whether each of those in view has been painted. */
const tilesIn = (grid: Locator) =>
  grid.evaluate((element) => {
    const around = element.getBoundingClientRect();
    const images = [...element.querySelectorAll("img")];
    const inView = images.filter((image) => {
      const { top, bottom } = image.getBoundingClientRect();
      return bottom > around.top && top < around.bottom;
    });
    return {
      inPage: images.length,
      inView: inView.length,
      arePainted: inView.every((image) => image.complete && image.naturalWidth > 0),
      first: inView[0]?.closest("[role=option]")?.getAttribute("aria-label") ?? "",
    };
  });

test("of 10,000 pictures only those in view are in the page, and each is a key, a turn of the wheel or a word away", async ({
  page,
}) => {
  test.slow();
  await using started = await startHost();
  const { host } = started;
  await page.goto(host.url);
  await expect(node(page, "Sampler")).toBeVisible();
  await page.locator(".react-flow__pane").click({ position: { x: 8, y: 8 } });
  await page.keyboard.press("g");
  const gallery = page.getByRole("dialog", { name: "Gallery" });
  await expect(gallery.getByText("No pictures yet. What you save appears here.")).toBeVisible();
  expect(await faults(page, "[role=dialog]")).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(gallery).toHaveCount(0);

  await makeManyPictures(host.outputFolder, PICTURES);
  // The same picture twice is one, and stands where the newer file does: first.
  await copyFile(join(host.outputFolder, "0.png"), join(host.outputFolder, "again.png"));
  await page.keyboard.press("g");
  await expect(gallery.getByRole("status").filter({ hasText: /^10,?000 pictures$/ })).toBeVisible({ timeout: 240_000 });
  const grid = gallery.getByRole("listbox", { name: "Pictures" });
  const tiles = gallery.getByRole("option");
  const named = (name: string) => gallery.getByRole("option", { name: new RegExp(`^Picture ${name}\\.png`) });
  await tiles.first().click();
  await page.keyboard.press("End");
  await expect(named("9999")).toHaveAttribute("aria-selected", "true");
  await expect(named("9999")).toBeInViewport();
  await expect(named("9999")).toHaveAttribute("aria-posinset", "10000");
  await expect(named("again")).toHaveCount(0);
  await page.keyboard.press("Home");
  await expect(named("again")).toHaveAttribute("aria-selected", "true");
  await expect(named("again")).toHaveAttribute("aria-posinset", "1");
  await expect(named("again")).toBeInViewport();
  await expect(named("9999")).toHaveCount(0);

  const before = await tilesIn(grid);
  expect(before.inView).toBeGreaterThan(10);
  expect(before.inPage).toBeLessThan(150);
  await grid.hover();
  for (let turns = 0; turns < 10; turns++) await page.mouse.wheel(0, 4_000);
  await expect.poll(async () => (await tilesIn(grid)).first).not.toBe(before.first);
  await expect.poll(async () => (await tilesIn(grid)).arePainted).toBe(true);
  const after = await tilesIn(grid);
  expect(after.inView).toBeGreaterThan(10);
  expect(after.inPage).toBeLessThan(150);
  await expect(named("again")).toHaveCount(0);

  await gallery.getByRole("searchbox").fill("picture 4321");
  await expect(tiles).toHaveCount(1);
  await expect(tiles).toHaveAccessibleName(/^Picture 4321\.png/);
});
