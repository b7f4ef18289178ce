import type { Locator, Page } from "@playwright/test";
import sharp from "sharp";
import { drawLarge, node } from "./actions.ts";
import { expect, test } from "./fixtures.ts";

const heading = (page: Page, title: string) => node(page, title).getByRole("heading");
const tools = (page: Page) => page.getByRole("toolbar", { name: "Canvas tools" });
const zoom = async (page: Page) =>
  Number.parseInt(
    (await tools(page)
      .getByText(/^\d+%$/)
      .textContent()) ?? "",
    10,
  );
const corner = async (page: Page, title: string) => {
  const { x = 0, y = 0 } = (await heading(page, title).boundingBox()) ?? {};
  return `${Math.round(x)} ${Math.round(y)}`;
};
const style = (locator: Locator, name: string) =>
  locator.evaluate((element, property) => getComputedStyle(element as never).getPropertyValue(property), name);

/** Takes the canvas along with the middle mouse button. */
async function swing(page: Page, by: number): Promise<void> {
  const from = by < 0 ? 1_100 : 100;
  await page.mouse.move(from, 826);
  await page.mouse.down({ button: "middle" });
  await page.mouse.move(from + by, 826, { steps: 4 });
  await page.mouse.up({ button: "middle" });
}

test.beforeEach(async ({ studio }) => {
  await expect(node(studio, "Sampler")).toBeVisible();
});

test("one looks at what is chosen, at life size, at everything and at the map", async ({ studio }) => {
  await heading(studio, "Sampler").click();
  await studio.keyboard.press("Shift+2");
  await expect.poll(() => zoom(studio)).toBe(100);
  const stage = (await studio.getByRole("main", { name: "Workflow" }).boundingBox())!;
  const inMiddle = async () => {
    const card = (await node(studio, "Sampler").boundingBox())!;
    return Math.abs(card.x + card.width / 2 - stage.x - stage.width / 2) < 40;
  };
  await expect.poll(inMiddle).toBe(true);
  await tools(studio).getByRole("button", { name: "Zoom in" }).click();
  await expect.poll(() => zoom(studio)).toBeGreaterThan(100);
  await studio.keyboard.press("ControlOrMeta+0");
  await expect.poll(() => zoom(studio)).toBe(100);
  await studio.keyboard.press("Shift+1");
  for (const title of ["Load Model", "Save Image"]) await expect(node(studio, title)).toBeInViewport({ ratio: 0.99 });

  await tools(studio).getByRole("button", { name: "Minimap" }).click();
  const map = studio.getByRole("img", { name: "Minimap" });
  await expect(map).toBeVisible();
  const before = await corner(studio, "Sampler");
  const box = (await map.boundingBox())!;
  await studio.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await studio.mouse.down();
  await studio.mouse.move(box.x + box.width / 2 + 30, box.y + box.height / 2 + 10, { steps: 4 });
  await studio.mouse.up();
  await expect.poll(() => corner(studio, "Sampler")).not.toBe(before);
  await tools(studio).getByRole("button", { name: "Minimap" }).click();
  await expect(map).toHaveCount(0);
});

test("whatever has the focus by key shows it, wherever Tab goes", async ({ studio }) => {
  await studio.emulateMedia({ reducedMotion: "reduce" });
  await studio.getByRole("button", { name: "Main menu" }).focus();
  const reached = new Set<string>();
  for (let stops = 0; stops < 60; stops++) {
    await studio.keyboard.press("Tab");
    const stop = await studio.evaluate(async () => {
      // Some looks pass into each other, be it in no time.
      const settled = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      const focused = document.activeElement as HTMLElement;
      // Fields are framed as a whole, links are drawn in another way, some have their frame laid over them.
      const around = [
        focused,
        focused.parentElement,
        focused.parentElement?.parentElement,
        ...focused.querySelectorAll("*"),
      ];
      const marks = ["outline", "boxShadow", "borderColor", "backgroundColor", "stroke", "strokeWidth"] as const;
      const look = () =>
        around
          .slice(0, 40)
          .flatMap((element) =>
            element
              ? [null, "::after"].map((pseudo) => marks.map((mark) => getComputedStyle(element, pseudo)[mark]).join())
              : [],
          );
      await settled();
      const inFocus = look().join("|");
      document.querySelector<HTMLElement>(focused.closest("header") ? ".react-flow__node" : "header button")?.focus();
      await settled();
      const atRest = look().join("|");
      focused.focus();
      return { name: focused.getAttribute("aria-label") ?? focused.innerText, isShown: inFocus !== atRest };
    });
    reached.add(stop.name);
    expect(stop.isShown, stop.name).toBe(true);
  }
  expect(reached.size).toBeGreaterThan(40);
});

test("the keyboard has a place after all that it closes, deletes and renames", async ({ studio }) => {
  const size = studio.getByRole("group", { name: "Image Size", exact: true });
  const canvas = studio.getByRole("application");
  const dialog = studio.getByRole("dialog");
  // Out of the palette of commands, too, the focus goes back to where that was opened.
  await size.focus();
  await studio.keyboard.press("ControlOrMeta+k");
  await studio.getByPlaceholder("Search commands").fill("preferences");
  await studio.keyboard.press("Enter");
  await expect(dialog.getByRole("searchbox", { name: "Search settings" })).toBeFocused();
  await studio.keyboard.press("Escape");
  await expect(size).toBeFocused();
  await studio.keyboard.press("Space");
  await studio.keyboard.press("F2");
  await studio.keyboard.type("How large");
  await studio.keyboard.press("Enter");
  const renamed = studio.getByRole("group", { name: "How large", exact: true });
  await expect(renamed).toBeFocused();
  await studio.keyboard.press("Delete");
  await expect(renamed).toHaveCount(0);
  await expect(canvas).toBeFocused();
  await studio.keyboard.press("Tab");
  await expect(studio.getByRole("combobox", { name: "Search nodes" })).toBeFocused();
  await studio.keyboard.press("Escape");
  await expect(canvas).toBeFocused();

  // A tab that is closed gives its place to the one that comes to the front, also after a question.
  await studio.keyboard.press("Alt+n");
  await studio.keyboard.press("Tab");
  await studio.getByRole("combobox", { name: "Search nodes" }).fill("note");
  await studio.keyboard.press("Enter");
  await studio.getByRole("tab", { name: /^Untitled/ }).focus();
  await studio.keyboard.press("Delete");
  await dialog.getByRole("button", { name: "Discard changes" }).press("Enter");
  await expect(studio.getByRole("tab", { name: /^Text to image/ })).toBeFocused();

  // In a list it stays at the entry, also where a dialog would take it to its beginning.
  await studio.keyboard.press("?");
  await dialog.getByRole("button", { name: "Add keys for Pin or unpin", exact: true }).press("Enter");
  await studio.keyboard.press("Alt+p");
  await expect(dialog.getByRole("button", { name: "Change Alt+P of Pin or unpin", exact: true })).toBeFocused();
  await dialog.getByRole("button", { name: "Remove Alt+P from Pin or unpin", exact: true }).press("Enter");
  await expect(dialog.getByRole("button", { name: "Remove P from Pin or unpin", exact: true })).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Add keys for Pin or unpin", exact: true })).toBeFocused();
  await dialog.getByRole("searchbox").press("Escape");
  await expect(dialog).toHaveCount(0);

  // Of several that are asked about each is a question of its own: the second is not answered with the first.
  for (let tab = 1; tab <= 3; tab++) {
    await studio.keyboard.press("Alt+n");
    await studio.keyboard.press("Shift+a");
    await studio.getByRole("combobox", { name: "Search nodes" }).fill("note");
    await studio.keyboard.press("Enter");
    await expect(studio.getByRole("tab", { name: /^Untitled, Unsaved/ })).toHaveCount(tab);
  }
  await studio.keyboard.press("ControlOrMeta+k");
  await studio.getByPlaceholder("Search commands").fill("close other tabs");
  await studio.keyboard.press("Enter");
  const discard = dialog.getByRole("button", { name: "Discard changes" });
  for (let asked = 1; asked <= 2; asked++) {
    await expect(discard).not.toBeFocused();
    await discard.press("Enter");
  }
});

test("what is chosen is tidied and coloured, and a pasted picture becomes a node", async ({ studio, context }) => {
  /** From one that is not chosen to another, wherever the view is. */
  const apart = async () => {
    const at = await Promise.all(
      ["Load Model", "Prompt"].map(async (title) => (await node(studio, title).boundingBox())!.x),
    );
    return Math.round((at[1]! - at[0]!) / (await zoom(studio)));
  };
  const still = await apart();
  const before = await corner(studio, "Save Image");
  await heading(studio, "VAE Decode").click();
  await heading(studio, "Save Image").click({ modifiers: ["Shift"] });
  await studio.keyboard.press("Shift+F10");
  await studio.getByRole("menuitem", { name: /^Tidy selection/ }).click();
  await expect.poll(() => corner(studio, "Save Image")).not.toBe(before);
  // The view may follow what is tidied out of it; what is not chosen stays.
  expect(await apart()).toBe(still);

  // The menu of what is chosen is in view, also when that is not.
  await swing(studio, -900);
  await studio.keyboard.press("Shift+F10");
  await expect(studio.getByRole("menuitem", { name: /^Delete/ })).toBeInViewport({ ratio: 1 });
  expect((await studio.getByRole("menu").boundingBox())?.x).toBeGreaterThanOrEqual(0);
  await studio.keyboard.press("Escape");
  await swing(studio, 900);

  const header = node(studio, "Save Image").locator("header");
  const plain = await style(header, "background-color");
  await studio.keyboard.press("Shift+F10");
  await studio.getByRole("menuitem", { name: "Colour" }).click();
  await studio.getByRole("menuitem", { name: "Blue" }).click();
  await expect.poll(() => style(header, "background-color")).not.toBe(plain);
  await studio.keyboard.press("ControlOrMeta+z");
  await expect.poll(() => style(header, "background-color")).toBe(plain);

  const png = await sharp({ create: { width: 32, height: 32, channels: 3, background: "teal" } })
    .png()
    .toBuffer();
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await studio.evaluate(async (content) => {
    const data = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
    await navigator.clipboard.write([new ClipboardItem({ "image/png": new Blob([data], { type: "image/png" }) })]);
  }, png.toString("base64"));
  await studio.keyboard.press("ControlOrMeta+v");
  await expect(node(studio, "Load Image").locator("img")).toBeVisible();
});

test("links move while they are drawn along, and stand still for who wants no motion", async ({ studio }) => {
  const path = studio.getByRole("group", { name: "prompt conditioning → sampler positive" }).locator("path").first();
  const seconds = async () => Number.parseFloat(await style(path, "animation-duration"));
  await drawLarge(studio, 20);
  await studio.getByRole("button", { name: "Run", exact: true }).click();
  await expect.poll(() => style(path, "animation-name")).not.toBe("none");
  expect(await seconds()).toBeGreaterThan(0.1);
  await studio.emulateMedia({ reducedMotion: "reduce" });
  await expect.poll(seconds).toBeLessThan(0.01);
  await studio.getByRole("button", { name: "Cancel", exact: true }).click();
  await expect(studio.getByRole("button", { name: "Run", exact: true })).toBeVisible();
  await expect.poll(() => style(path, "animation-name")).toBe("none");
});

test("a view that was chosen by a button is still there after looking at another tab", async ({ studio }) => {
  const away = async () => {
    await studio.getByRole("tab", { name: "Start page" }).click();
    await expect(tools(studio)).toHaveCount(0);
    await studio.getByRole("tab", { name: "Text to image" }).click();
    await expect(node(studio, "Sampler")).toBeVisible();
  };
  const seen = async () => (await heading(studio, "Sampler").boundingBox())!;
  const opened = await seen();
  await tools(studio).getByRole("button", { name: "Zoom in" }).click();
  const widths = new Set<number>();
  // It glides there.
  await expect.poll(async () => widths.size === widths.add((await seen()).width).size).toBe(true);
  const chosen = await seen();
  expect(chosen.width).toBeGreaterThan(opened.width * 1.1);
  await away();
  await expect.poll(async () => Math.abs((await seen()).width - chosen.width)).toBeLessThan(1);
  // Views are kept in whole pixels.
  const { x, y } = await seen();
  expect(Math.hypot(x - chosen.x, y - chosen.y)).toBeLessThan(3);
});
