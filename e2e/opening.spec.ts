import type { Page } from "@playwright/test";
import { node, setSteps } from "./actions.ts";
import { expect, test } from "./fixtures.ts";

const CARDS = ["Load Model", "Prompt", "Image Size", "Sampler", "VAE Decode", "Save Image"];

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}
const lieOnEachOther = (a: Box, b: Box) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
const boxOf = async (page: Page, title: string): Promise<Box> => {
  const box = await node(page, title).boundingBox();
  if (!box) throw new Error(`${title} is not drawn`);
  return box;
};

/** Whether all cards are inside the canvas, with nothing of the studio over them. */
async function isSeenWhole(page: Page): Promise<boolean> {
  const stage = (await page.getByRole("main", { name: "Workflow" }).boundingBox())!;
  const over = await Promise.all(
    [
      page.getByRole("toolbar"),
      page.getByRole("group", { name: "How to look at the workflow" }),
      page.getByRole("complementary", { name: "Your first picture" }),
    ].map((one) => one.boundingBox()),
  );
  for (const title of CARDS) {
    const card = await boxOf(page, title);
    const isInside =
      card.x >= stage.x &&
      card.y >= stage.y &&
      card.x + card.width <= stage.x + stage.width &&
      card.y + card.height <= stage.y + stage.height;
    if (!isInside || over.some((one) => one && lieOnEachOther(card, one))) return false;
  }
  return true;
}

test.beforeEach(async ({ studio }) => {
  await expect(node(studio, "Sampler")).toBeVisible();
});

test("a workflow is seen as a whole in every window, beside every panel, until one moves it", async ({ studio }) => {
  await expect.poll(() => isSeenWhole(studio)).toBe(true);
  await studio.setViewportSize({ width: 1024, height: 640 });
  await expect.poll(() => isSeenWhole(studio)).toBe(true);
  await studio.keyboard.press("q");
  await expect(studio.getByRole("complementary", { name: "Queue" })).toBeVisible();
  await expect.poll(() => isSeenWhole(studio)).toBe(true);
  await studio.keyboard.press("q");
  await expect.poll(() => isSeenWhole(studio)).toBe(true);

  await studio.mouse.move(600, 580);
  await studio.mouse.wheel(0, -400);
  const zoom = studio.getByRole("button", { name: /^Zoom \d+%/ });
  await expect.poll(() => isSeenWhole(studio)).toBe(false);
  const moved = await zoom.textContent();
  await studio.setViewportSize({ width: 1440, height: 900 });
  await studio.setViewportSize({ width: 1100, height: 700 });
  await expect(zoom).toHaveText(moved ?? "");
});

test("a view that was fitted stays where it is once somebody placed a node, until it is fitted again", async ({
  studio,
}) => {
  await expect.poll(() => isSeenWhole(studio)).toBe(true);
  await studio.locator(".react-flow__pane").dblclick({ position: { x: 300, y: 130 } });
  await studio.getByRole("combobox", { name: "Search nodes" }).fill("Invert Image");
  await studio.keyboard.press("Enter");
  await expect(node(studio, "Invert Image")).toBeVisible();
  const before = await boxOf(studio, "Load Model");
  const isWhereItWas = async () => {
    // A view is fitted in the frame after the window or a panel has another size.
    await studio.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
    const { x, y, width } = await boxOf(studio, "Load Model");
    // Views are kept to a pixel.
    return Math.max(Math.abs(x - before.x), Math.abs(y - before.y), Math.abs(width - before.width)) < 1.5;
  };
  await studio.keyboard.press("Escape");
  await studio.keyboard.press("q");
  await expect(studio.getByRole("complementary", { name: "Queue" })).toBeVisible();
  expect(await isWhereItWas()).toBe(true);
  await studio.setViewportSize({ width: 1300, height: 800 });
  expect(await isWhereItWas()).toBe(true);
  // Nor after another tab was in front.
  await studio.keyboard.press("Alt+n");
  await expect(node(studio, "Sampler")).toHaveCount(0);
  await studio.getByRole("tab", { name: /^Text to image/ }).click();
  await expect.poll(isWhereItWas).toBe(true);

  await studio
    .getByRole("toolbar")
    .getByRole("button", { name: /^Fit workflow/ })
    .click();
  await expect.poll(() => isSeenWhole(studio)).toBe(true);
  await studio.keyboard.press("q");
  await studio.setViewportSize({ width: 1024, height: 640 });
  await expect.poll(() => isSeenWhole(studio)).toBe(true);
});

test("a node that nobody placed lies on no other, by the button and by key", async ({ studio }) => {
  const search = studio.getByRole("combobox", { name: "Search nodes" });
  await studio.getByRole("toolbar").getByRole("button", { name: "Add node" }).click();
  await search.fill("Invert Image");
  await studio.keyboard.press("Enter");
  await expect(node(studio, "Invert Image")).toBeInViewport();
  await studio.keyboard.press("Escape");
  await studio.locator(".react-flow__pane").click({ position: { x: 8, y: 120 } });
  await studio.keyboard.press("Tab");
  await search.fill("Blur Image");
  await studio.keyboard.press("Enter");
  await expect(node(studio, "Blur Image")).toBeInViewport();
  const boxes = await Promise.all(
    [...CARDS, "Note", "Invert Image", "Blur Image"].map((title) => boxOf(studio, title)),
  );
  const onEachOther = boxes.flatMap((a, at) => boxes.slice(at + 1).filter((b) => lieOnEachOther(a, b)));
  expect(onEachOther).toEqual([]);
});

test("a sampler shows the picture that came of it instead of its last preview", async ({ studio }) => {
  // A number that no other test draws with: what is cached has no preview.
  await setSteps(studio, 11);
  await studio.getByRole("button", { name: "Run", exact: true }).click();
  const sampler = node(studio, "Sampler");
  await expect(sampler.getByRole("img", { name: "Picture that came of it" })).toBeVisible({ timeout: 90_000 });
  await expect(sampler.getByRole("img", { name: "Live preview" })).toHaveCount(0);
  const shown = await sampler.getByRole("img").getAttribute("src");
  const saved = node(studio, "Save Image").getByRole("button", { name: /^Open picture/ });
  expect(await saved.locator("img").getAttribute("src")).toBe(shown);
});
