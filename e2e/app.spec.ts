import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Locator, Page } from "@playwright/test";
import { drawLarge, node, openByKeys, setNumber, setSteps } from "./actions.ts";
import { expect, test } from "./fixtures.ts";

const prompt = (page: Page) => node(page, "Prompt").getByRole("textbox", { name: "Prompt" });
const runButton = (page: Page) => page.getByRole("button", { name: "Run", exact: true });
const picture = (page: Page) => node(page, "Save Image").getByRole("button", { name: /^Open picture/ });
const tab = (page: Page, name: string) => page.getByRole("tab", { name, exact: true });
/** What the tab's icon shows, pixel by pixel: how much of its edge is the ring's colour, and of what address it is. */
const tabIcon = (page: Page) =>
  page.evaluate(async () => {
    const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    const image = new Image();
    image.src = link?.href ?? "";
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = 64;
    canvas.height = 64;
    const context = canvas.getContext("2d");
    if (!context) throw new Error("nothing can be drawn");
    context.drawImage(image, 0, 0, 64, 64);
    /** Where the ring runs, from the top clockwise. */
    const along = Array.from({ length: 100 }, (_, at) => {
      const angle = ((at + 0.5) / 100) * 2 * Math.PI;
      const x = Math.round(31.5 + 27.5 * Math.sin(angle));
      const y = Math.round(31.5 - 27.5 * Math.cos(angle));
      const [red = 0, green = 0, blue = 0, alpha = 0] = context.getImageData(x, y, 1, 1).data;
      return alpha > 200 && red > 200 && green > 140 && blue < 100;
    });
    const [red = 0, green = 0] = context.getImageData(49, 49, 1, 1).data;
    return {
      address: link?.href.slice(0, 15),
      /** Of the ring, 0 to 1: the drawn part without a gap, from the top on. */
      share: (along.includes(false) ? along.indexOf(false) : 100) / 100,
      filled: along.filter(Boolean).length / 100,
      isMarked: green > 150 && red < 120,
    };
  });
const isPainted = (image: Locator) =>
  image.evaluate((img) => (img as unknown as { naturalWidth: number }).naturalWidth > 0);

test.beforeEach(async ({ studio }) => {
  await expect(node(studio, "Sampler")).toBeVisible();
});

async function saved(page: Page, save: () => Promise<void>): Promise<{ name: string; text: string }> {
  const [download] = await Promise.all([page.waitForEvent("download"), save()]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
}

test("a prompt becomes a picture, with progress and a live preview on the way", async ({ studio }) => {
  // A run that lasts, on a machine that may have other things to do.
  test.slow();
  await expect(studio.getByRole("tab", { name: "Text to image" })).toHaveAttribute("aria-selected", "true");
  await prompt(studio).fill("a green circle on a yellow background");
  await expect(node(studio, "Prompt").getByText(/\d+ \/ 512 tokens/)).toBeVisible();
  await drawLarge(studio);
  await runButton(studio).click();

  const steps = node(studio, "Sampler").getByRole("progressbar");
  await expect(steps).toBeVisible();
  await expect(studio).toHaveTitle(/^\d+% · /);
  const first = Number(await steps.getAttribute("aria-valuenow"));
  await expect.poll(async () => Number(await steps.getAttribute("aria-valuenow"))).toBeGreaterThan(first);
  const preview = node(studio, "Sampler").getByRole("img", { name: "Live preview" });
  await expect(preview).toBeVisible();
  await expect.poll(() => isPainted(preview)).toBe(true);

  await expect(picture(studio)).toBeVisible({ timeout: 90_000 });
  await expect.poll(() => isPainted(picture(studio).getByRole("img"))).toBe(true);
  await expect(runButton(studio)).toBeVisible();
  await expect(studio.getByRole("status").filter({ hasText: "Run finished" })).toBeAttached();
  await expect(studio.getByRole("complementary", { name: "Results" }).getByRole("listitem")).toHaveCount(1);

  await runButton(studio).click();
  await expect(node(studio, "Sampler").getByText("Cached")).toBeVisible();
});

test("the tab's icon shows how far a run is, then the usual one; a mark, when the run ended out of sight", async ({
  studio,
}) => {
  test.slow();
  const usual = await tabIcon(studio);
  expect(usual).toMatchObject({ address: expect.stringMatching(/^http/), filled: 0, isMarked: false });
  await drawLarge(studio, 8);
  await runButton(studio).click();
  await expect(node(studio, "Sampler").getByRole("progressbar")).toBeVisible({ timeout: 60_000 });
  await expect.poll(async () => (await tabIcon(studio)).share).toBeGreaterThan(0);
  const first = await tabIcon(studio);
  expect(first.share).toBe(first.filled);
  expect(first.filled).toBeLessThan(1);
  await expect.poll(async () => (await tabIcon(studio)).share).toBeGreaterThan(first.share);
  await studio.getByRole("button", { name: "Cancel", exact: true }).click();
  await expect(runButton(studio)).toBeVisible();
  await expect.poll(() => tabIcon(studio)).toEqual(usual);

  // Another window is in front while the next one ends.
  await setSteps(studio, 2);
  await setNumber(studio, "Image Size", "Pictures", 1);
  await studio.evaluate(() => {
    document.hasFocus = () => false;
  });
  await runButton(studio).click();
  await expect(picture(studio)).toBeVisible({ timeout: 90_000 });
  await expect.poll(async () => (await tabIcon(studio)).isMarked).toBe(true);
  await studio.evaluate(() => {
    document.hasFocus = () => true;
    window.dispatchEvent(new Event("focus"));
  });
  await expect.poll(() => tabIcon(studio)).toEqual(usual);
});

test("a picture opens large, is saved, and brings its workflow back", async ({ studio }) => {
  const words = await prompt(studio).inputValue();
  await studio.keyboard.press("ControlOrMeta+Enter");
  await expect(picture(studio)).toBeVisible({ timeout: 90_000 });
  await picture(studio).click();
  const viewer = studio.getByRole("dialog");
  await expect(viewer.getByRole("img")).toBeVisible();
  await expect.poll(() => isPainted(viewer.getByRole("img"))).toBe(true);
  const [download] = await Promise.all([
    studio.waitForEvent("download"),
    viewer.getByRole("button", { name: "Save picture" }).click(),
  ]);
  const file = await download.path();
  expect((await readFile(file)).subarray(1, 4).toString()).toBe("PNG");
  await studio.keyboard.press("Escape");
  await expect(viewer).toBeHidden();

  await prompt(studio).fill("something else");
  await openByKeys(studio, file);
  await expect(studio.getByRole("tab", { name: "Text to image" })).toHaveCount(2);
  await expect(prompt(studio)).toHaveValue(words);
});

test("a run is cancelled, and the next one works", async ({ studio }) => {
  await drawLarge(studio, 20);
  await runButton(studio).click();
  await expect(node(studio, "Sampler").getByRole("progressbar")).toBeVisible();
  await studio.getByRole("button", { name: "Cancel", exact: true }).click();
  await expect(runButton(studio)).toBeVisible();
  await expect(studio.getByRole("status").filter({ hasText: "Run cancelled" })).toBeAttached();
  await expect(node(studio, "Sampler").getByRole("progressbar")).toHaveCount(0);
  await expect(picture(studio)).toHaveCount(0);
  await setSteps(studio, 2);
  await setNumber(studio, "Image Size", "Pictures", 1);
  await runButton(studio).click();
  await expect(picture(studio)).toBeVisible({ timeout: 90_000 });
});

test("a broken link is told on its node before anything runs, and undo mends it", async ({ studio }) => {
  const sampler = node(studio, "Sampler");
  const link = studio.getByRole("group", { name: "model model → sampler model" });
  await link.focus();
  await studio.keyboard.press("Enter");
  await studio.keyboard.press("Delete");
  await expect(sampler.getByText("Connect Model to run this node.")).toBeVisible();
  await expect(sampler.getByRole("button", { name: "Connect input Model" })).toHaveAccessibleDescription(
    /needs a link/,
  );

  await runButton(studio).click();
  await expect(
    studio.getByRole("paragraph").filter({ hasText: "One problem keeps this workflow from running." }),
  ).toBeVisible();
  await expect(runButton(studio)).toBeVisible();

  await studio.keyboard.press("ControlOrMeta+z");
  await expect(link).toBeAttached();
  await expect(sampler.getByText("Connect Model to run this node.")).toBeHidden();
  await expect(
    studio.getByRole("paragraph").filter({ hasText: "One problem keeps this workflow from running." }),
  ).toBeHidden();
});

test("a workflow is saved to a file and opened again", async ({ studio, host }) => {
  await prompt(studio).fill("two cats on a roof");
  await studio.getByRole("tab", { name: "Text to image" }).dblclick();
  const title = studio.getByRole("textbox", { name: "Workflow title" });
  await title.fill("Cats");
  await title.press("Enter");
  await expect(tab(studio, "Cats, Unsaved changes")).toBeVisible();
  const file = await saved(studio, () => studio.keyboard.press("ControlOrMeta+s"));
  expect(file.name).toBe("Cats.json");
  await expect(tab(studio, "Cats")).toBeVisible();

  await studio.getByRole("button", { name: "Main menu" }).click();
  await studio.getByRole("menuitem", { name: "New empty workflow" }).click();
  await expect(studio.getByRole("heading", { name: "An empty workflow" })).toBeVisible();
  await expect(runButton(studio)).toBeDisabled();

  const path = join(host.homeFolder, file.name);
  await writeFile(path, file.text);
  await openByKeys(studio, path);
  await expect(prompt(studio)).toHaveValue("two cats on a roof");
  await expect(tab(studio, "Cats")).toHaveCount(2);
  const again = await saved(studio, () => studio.keyboard.press("ControlOrMeta+s"));
  expect(again.text).toBe(file.text);
});

test("a file that is no workflow is refused in plain words, and nothing is lost", async ({ studio, host }) => {
  const path = join(host.homeFolder, "shopping.json");
  await writeFile(path, "milk, bread");
  await openByKeys(studio, path);
  await expect(studio.getByText(/workflow file is not JSON/)).toBeVisible();
  await expect(node(studio, "Sampler")).toBeVisible();
});

test("the last edit is there after a reload, and can still be undone", async ({ studio }) => {
  const before = await prompt(studio).inputValue();
  await prompt(studio).fill("a lighthouse in the fog");
  await expect(tab(studio, "Text to image, Unsaved changes")).toBeVisible();
  await studio.reload();
  await expect(prompt(studio)).toHaveValue("a lighthouse in the fog");
  await expect(tab(studio, "Text to image, Unsaved changes")).toBeVisible();
  await studio.keyboard.press("ControlOrMeta+z");
  await expect(prompt(studio)).toHaveValue(before);
  await studio.reload();
  await expect(prompt(studio)).toHaveValue(before);
  await studio.keyboard.press("ControlOrMeta+Shift+z");
  await expect(prompt(studio)).toHaveValue("a lighthouse in the fog");
});

test("nodes are added by search, connected, copied and taken back", async ({ studio }) => {
  const nodes = studio.getByRole("article");
  const before = await nodes.count();
  await studio.locator(".react-flow__pane").dblclick({ position: { x: 900, y: 60 } });
  await studio.getByRole("combobox", { name: "Search nodes" }).fill("PreviewImage");
  await studio.keyboard.press("Enter");
  const preview = node(studio, "Preview Image");
  await expect(preview).toBeVisible();

  await preview.getByRole("button", { name: "Connect input Image" }).click();
  await studio
    .getByRole("option", { name: /VAE Decode/ })
    .first()
    .click();
  await expect(preview.getByText("needed")).toBeHidden();

  await studio.keyboard.press("ControlOrMeta+d");
  await expect(nodes).toHaveCount(before + 2);
  await studio.keyboard.press("ControlOrMeta+z");
  await studio.keyboard.press("ControlOrMeta+z");
  await studio.keyboard.press("ControlOrMeta+z");
  await expect(nodes).toHaveCount(before);
});

test("Chinese is complete on the main screen, and the light theme is one click away", async ({ studio }) => {
  await studio.getByRole("button", { name: "Settings", exact: true }).click();
  await studio.getByRole("menuitemradio", { name: "简体中文" }).click();
  await studio.keyboard.press("Escape");
  await expect(studio.getByRole("button", { name: "运行", exact: true })).toBeVisible();
  await expect(node(studio, "采样器")).toBeVisible();
  // Folded, sockets have no name beside them: it shows on pointing at them.
  await node(studio, "采样器").locator('[data-socket-row="steps"]').click({ button: "right" });
  await studio.getByRole("menuitem", { name: "变为输入接口" }).click();
  await node(studio, "采样器").getByRole("button", { name: /折叠/ }).click();
  await expect(node(studio, "采样器").getByTitle("模型", { exact: true })).toBeAttached();
  await expect(node(studio, "采样器").getByTitle("步数", { exact: true })).toBeAttached();
  await studio.getByRole("button", { name: "设置", exact: true }).click();
  await studio.getByRole("menuitemradio", { name: "浅色" }).click();
  // How light the page is, 0 to 255.
  const light = () =>
    studio
      .locator("body")
      .evaluate((body) => Number(/\d+/.exec(getComputedStyle(body as never).backgroundColor)?.[0] ?? 0));
  await expect.poll(light).toBeGreaterThan(200);
  await studio.getByRole("menuitemradio", { name: "深色" }).click();
  await expect.poll(light).toBeLessThan(60);
  await studio.getByRole("menuitemradio", { name: "高对比度" }).click();
  await expect.poll(light).toBe(0);
});
