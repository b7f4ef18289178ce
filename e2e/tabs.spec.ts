import type { Page } from "@playwright/test";
import { drawLarge, node } from "./actions.ts";
import { expect, test } from "./fixtures.ts";

const prompt = (page: Page) => node(page, "Prompt").getByRole("textbox", { name: "Prompt" });
const tab = (page: Page, name: string | RegExp) => page.getByRole("tab", { name, exact: true });
const tabNames = (page: Page) =>
  page.getByRole("tab").evaluateAll((tabs) => tabs.map((element) => element.getAttribute("aria-label")));
const template = (page: Page, name: string) =>
  page.getByRole("main", { name: "Start page" }).getByRole("button", { name: new RegExp(`^${name}`) });

test.beforeEach(async ({ studio }) => {
  await expect(node(studio, "Sampler")).toBeVisible();
});

test("the start page opens templates in tabs of their own, each with its own undo", async ({ studio }) => {
  await prompt(studio).fill("first tab");
  await tab(studio, "Start page").click();
  await template(studio, "Wildcards").click();
  await expect(tab(studio, /^Wildcards/)).toHaveAttribute("aria-selected", "true");
  await expect(studio.getByRole("article").first()).toBeVisible();

  // Undo here undoes nothing there.
  await expect(studio.getByRole("button", { name: "Undo" })).toBeDisabled();
  await tab(studio, "Text to image, Unsaved changes").click();
  await expect(prompt(studio)).toHaveValue("first tab");
  await studio.getByRole("button", { name: "Undo" }).click();
  await expect(prompt(studio)).not.toHaveValue("first tab");
  await expect(studio.getByRole("button", { name: "Redo" })).toBeEnabled();
});

test("the keyboard goes through tabs, moves, renames, closes and brings them back", async ({ studio }) => {
  await studio.keyboard.press("Alt+n");
  await studio.keyboard.press("Tab");
  await studio.getByRole("combobox", { name: "Search nodes" }).fill("note");
  await studio.keyboard.press("Enter");
  await studio.getByRole("tab", { name: /^Untitled/ }).focus();
  await studio.keyboard.press("Shift+F10");
  await expect(studio.getByRole("menuitem", { name: "Close other tabs" })).toBeVisible();
  await studio.keyboard.press("Escape");
  await expect(studio.getByRole("menu")).toHaveCount(0);
  await studio.getByRole("tab", { name: /^Untitled/ }).focus();
  await studio.keyboard.press("F2");
  await studio.keyboard.type("Second");
  await studio.keyboard.press("Enter");
  await expect(tab(studio, "Second, Unsaved changes")).toHaveAttribute("aria-selected", "true");

  await studio.keyboard.press("Control+Tab");
  await expect(tab(studio, "Text to image")).toHaveAttribute("aria-selected", "true");
  await studio.keyboard.press("Alt+PageUp");
  await expect(tab(studio, /^Second/)).toHaveAttribute("aria-selected", "true");
  await studio.keyboard.press("Alt+Shift+PageUp");
  expect(await tabNames(studio)).toEqual(["Start page", "Second, Unsaved changes", "Text to image"]);

  // A tab with unsaved changes closes only after a question; both answers are there, and a way back.
  await studio.keyboard.press("Alt+w");
  const question = studio.getByRole("dialog", { name: "Save “Second” first?" });
  await question.getByRole("button", { name: "Cancel" }).click();
  await expect(tab(studio, /^Second/)).toBeVisible();
  await studio.keyboard.press("Alt+w");
  await question.getByRole("button", { name: "Discard changes" }).click();
  await expect(tab(studio, /^Second/)).toHaveCount(0);
  await studio.keyboard.press("Alt+Shift+t");
  await expect(tab(studio, "Second, Unsaved changes")).toHaveAttribute("aria-selected", "true");

  await studio.keyboard.press("Alt+w");
  const [download] = await Promise.all([
    studio.waitForEvent("download"),
    question.getByRole("button", { name: "Save", exact: true }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("Second.json");
  await expect(tab(studio, /^Second/)).toHaveCount(0);

  // The last one closed, the start page is left.
  await studio.keyboard.press("Alt+w");
  await expect(studio.getByRole("main", { name: "Start page" })).toBeVisible();
  await expect(studio).toHaveTitle("Heddle");
});

test("several tabs with unsaved changes are asked about one by one, or given up together", async ({ studio }) => {
  for (const words of ["first", "second", "third"]) {
    if (words !== "first") {
      await studio.keyboard.press("Alt+h");
      await template(studio, "Image to image").click();
      await expect(node(studio, "Load Image")).toBeVisible();
    }
    await prompt(studio).fill(words);
  }
  await studio.getByRole("button", { name: "New workflow" }).click();
  const closeOthers = async () => {
    await tab(studio, /^Untitled/).click({ button: "right" });
    await studio.getByRole("menuitem", { name: "Close other tabs" }).click();
  };
  await closeOthers();
  const question = studio.getByRole("dialog", { name: /^Save “.+” first\?$/ });
  await expect(question.getByRole("button", { name: "Discard all 3" })).toBeVisible();
  await question.getByRole("button", { name: "Discard changes" }).click();
  await expect(question.getByRole("button", { name: "Discard all 2" })).toBeVisible();
  await question.getByRole("button", { name: "Cancel" }).click();
  await expect(prompt(studio)).toHaveValue("second");
  await closeOthers();
  await question.getByRole("button", { name: "Discard all 2" }).click();
  await expect.poll(() => tabNames(studio)).toEqual(["Start page", "Untitled"]);
  await studio.keyboard.press("Alt+Shift+t");
  await expect(prompt(studio)).toHaveValue(/first|second|third/);
});

test("tabs are dragged to another place, and a reload keeps them, their order and the one in front", async ({
  studio,
}) => {
  await studio.keyboard.press("Alt+n");
  await studio.keyboard.press("Alt+h");
  await template(studio, "Image to image").click();
  await expect(tab(studio, "Image to image")).toHaveAttribute("aria-selected", "true");
  expect(await tabNames(studio)).toEqual(["Start page", "Text to image", "Untitled", "Image to image"]);

  const target = await tab(studio, "Text to image").boundingBox();
  await tab(studio, "Image to image").hover();
  await studio.mouse.down();
  await studio.mouse.move((target?.x ?? 0) + 4, (target?.y ?? 0) + 10, { steps: 8 });
  await studio.mouse.up();
  const moved = ["Start page", "Image to image", "Text to image", "Untitled"];
  await expect.poll(() => tabNames(studio)).toEqual(moved);

  await tab(studio, "Text to image").click();
  await prompt(studio).fill("a boat that stays");
  await studio.reload();
  await expect(prompt(studio)).toHaveValue("a boat that stays");
  expect(await tabNames(studio)).toEqual(moved.with(2, "Text to image, Unsaved changes"));
  await tab(studio, "Untitled").click();
  await expect(studio.getByRole("heading", { name: "An empty workflow" })).toBeVisible();
});

test("a run goes on in a tab behind, shows it there, and is found again", async ({ studio }) => {
  await drawLarge(studio, 20);
  await studio.getByRole("button", { name: "Run", exact: true }).click();
  await expect(node(studio, "Sampler").getByRole("progressbar")).toBeVisible();
  await studio.keyboard.press("Alt+n");
  await expect(studio.getByRole("button", { name: "Run", exact: true })).toBeVisible();
  await expect(tab(studio, "Text to image, Unsaved changes, running")).toBeVisible();
  await tab(studio, /^Text to image/).click();
  await expect(node(studio, "Sampler").getByRole("progressbar")).toBeVisible();
  await studio.getByRole("button", { name: "Cancel", exact: true }).click();
  await expect(studio.getByRole("button", { name: "Run", exact: true })).toBeVisible();
});

test("what cannot be read at a start is still there for the next window", async ({ studio, context }) => {
  await prompt(studio).fill("kept all the same");
  await studio.reload();
  await expect(prompt(studio)).toHaveValue("kept all the same");
  // As while a browser that was killed still holds its files, for longer than they are waited for; at the next start only.
  await studio.addInitScript(() => {
    if (sessionStorage.getItem("test.refused")) return;
    sessionStorage.setItem("test.refused", "yes");
    const open = IDBFactory.prototype.open;
    const until = performance.now() + 4_000;
    IDBFactory.prototype.open = function (this: IDBFactory, ...about: Parameters<typeof open>) {
      if (performance.now() < until) throw new DOMException("held by another process", "UnknownError");
      return open.apply(this, about);
    };
  });
  await studio.reload();
  await expect(studio.getByText(/^What was open before could not be read\./)).toBeVisible();
  // What is done here is kept as well, and takes nothing away.
  await prompt(studio).fill("another");
  await expect.poll(() => studio.evaluate(() => performance.now()), { timeout: 30_000 }).toBeGreaterThan(5_000);
  const next = await context.newPage();
  await next.goto(studio.url());
  await expect(prompt(next)).toHaveValue("kept all the same");
  await studio.reload();
  await expect(prompt(studio)).toHaveValue("another");
});

test("over plain HTTP from another machine, too, windows open and leave each other's tabs alone", async ({
  studio,
  context,
  host,
}) => {
  await studio.close();
  // What browsers keep from such pages.
  await context.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, "locks", { value: undefined });
    Object.defineProperty(Crypto.prototype, "randomUUID", { value: undefined });
  });
  const open = async () => {
    const page = await context.newPage();
    await page.goto(host.url);
    await expect(node(page, "Sampler")).toBeVisible();
    return page;
  };
  const first = await open();
  await prompt(first).fill("of the first");
  await expect(tab(first, "Text to image, Unsaved changes")).toBeVisible();
  const second = await open();
  await expect(prompt(second)).not.toHaveValue("of the first");
  await second.reload();
  await expect(prompt(second)).not.toHaveValue("of the first");
  await first.reload();
  await expect(prompt(first)).toHaveValue("of the first");
  await first.close();
  const third = await open();
  await expect(prompt(third)).toHaveValue("of the first");
});
