import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import sharp from "sharp";
import { node } from "./actions.ts";
import { expect, test } from "./fixtures.ts";

const editor = (page: Page) => page.getByRole("dialog", { name: "Mask" });
const stage = (page: Page) => editor(page).getByRole("application");
const painted = (page: Page) => editor(page).getByText(/% painted/);

async function chooseMain(page: Page, item: string) {
  await page.getByRole("button", { name: "Main menu" }).click();
  await page.getByRole("menuitem", { name: item }).click();
}

test("a mask is painted on a loaded picture, by pointer and keyboard, undone, saved and loaded", async ({ studio }) => {
  await expect(node(studio, "Sampler")).toBeVisible();
  await chooseMain(studio, "New from template…");
  await studio
    .getByRole("dialog")
    .getByRole("button", { name: /^Image to image/ })
    .first()
    .click();
  const loader = node(studio, "Load Image");
  await loader.getByRole("button", { name: "Paint a mask on this picture" }).click();
  await expect(stage(studio)).toBeVisible();
  await expect(painted(studio)).toHaveText(/ 0% painted/);
  await expect(studio.getByText("There is no picture to paint on yet")).toHaveCount(0);

  const box = (await stage(studio).boundingBox())!;
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  await studio.mouse.move(middle.x - 100, middle.y);
  await studio.mouse.down();
  await studio.mouse.move(middle.x + 100, middle.y, { steps: 8 });
  await studio.mouse.up();
  await expect(painted(studio)).not.toHaveText(/ 0% painted/);
  await studio.keyboard.press("ControlOrMeta+z");
  await expect(painted(studio)).toHaveText(/ 0% painted/);
  await expect(editor(studio).getByRole("button", { name: "Undo" })).toBeDisabled();
  await studio.keyboard.press("ControlOrMeta+Shift+z");
  await expect(painted(studio)).not.toHaveText(/ 0% painted/);

  await editor(studio).getByRole("button", { name: "Clear" }).click();
  await stage(studio).focus();
  await studio.keyboard.press("Space");
  await expect(painted(studio)).not.toHaveText(/ 0% painted/);
  await studio.keyboard.press("Shift+ArrowRight");
  await studio.keyboard.press("ControlOrMeta+i");
  await expect(painted(studio)).toHaveText(/ (8|9)\d% painted/);
  await studio.keyboard.press("e");
  await expect(editor(studio).getByRole("button", { name: /^Eraser/ })).toHaveAttribute("aria-pressed", "true");

  // Where it is enlarged, the view goes along with the brush.
  await stage(studio).focus();
  const shown = stage(studio).locator("img").first();
  const left = async () => (await shown.boundingBox())?.x ?? 0;
  for (let times = 0; times < 8; times++) await studio.keyboard.press("+");
  const enlarged = await left();
  for (let times = 0; times < 20; times++) await studio.keyboard.press("ArrowRight");
  await expect.poll(left).toBeLessThan(enlarged - 100);
  await studio.keyboard.press("0");

  const [download] = await Promise.all([
    studio.waitForEvent("download"),
    editor(studio).getByRole("button", { name: "Save the mask…" }).click(),
  ]);
  const folder = await mkdtemp(join(tmpdir(), "heddle-mask-"));
  const file = join(folder, "mask.png");
  await download.saveAs(file);
  const { data, info } = await sharp(await readFile(file))
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect(data[0]).toBe(255);
  expect(data[Math.floor(info.height / 2) * info.width + Math.floor(info.width / 2)]).toBe(0);
  await editor(studio).getByRole("button", { name: "Fill all" }).click();
  await expect(painted(studio)).toHaveText(/ 100% painted/);
  const [chooser] = await Promise.all([
    studio.waitForEvent("filechooser"),
    editor(studio).getByRole("button", { name: "Load a mask…" }).click(),
  ]);
  await chooser.setFiles(file);
  await expect(painted(studio)).toHaveText(/ (8|9)\d% painted/);
  await rm(folder, { recursive: true });

  await editor(studio).getByRole("button", { name: "Use this mask" }).click();
  await expect(editor(studio)).toHaveCount(0);
  const mask = node(studio, "Paint Mask");
  await expect(mask.getByRole("button", { name: "Remove the picture" })).toBeVisible();
  await mask.getByRole("button", { name: "Paint the mask", exact: true }).click();
  await expect(painted(studio)).toHaveText(/ (8|9)\d% painted/);
  await stage(studio).focus();
  await studio.keyboard.press("Delete");
  await expect(painted(studio)).toHaveText(/ 0% painted/);
  await studio.keyboard.press("Escape");
  await studio.getByRole("button", { name: "Discard" }).click();
  await expect(editor(studio)).toHaveCount(0);
  await expect(mask.getByRole("button", { name: "Remove the picture" })).toBeVisible();
});
