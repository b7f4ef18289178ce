import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import sharp from "sharp";
import { expectWorkflow, node } from "./actions.ts";
import { expect, testOnFreshHost as test } from "./fixtures.ts";
import { makePicture } from "./pictures.ts";

test.use({ hostOf: "gallery" });

const DAY_MS = 86_400_000;

test.beforeAll(async ({ host }) => {
  const start = new Date(2026, 4, 1).getTime();
  const at = (day: number) => new Date(start + day * DAY_MS);
  const { outputFolder } = host;
  await makePicture(outputFolder, { name: "a/cat.png", prompt: "a red cat", seed: 11, color: "#c33", at: at(3) });
  await makePicture(outputFolder, {
    ...{ name: "a/cat-2.png", prompt: "a red cat at night", seed: 12, steps: 9, color: "#833", at: at(2) },
  });
  await makePicture(outputFolder, {
    ...{ name: "b/dog.png", prompt: "a blue dog", seed: 13, model: "starter/base", color: "#33c", at: at(1) },
  });
  await makePicture(outputFolder, {
    ...{ name: "b/bird.png", prompt: "a green bird", seed: 14, lora: "starter/loras/ink.safetensors" },
    ...{ color: "#3c3", at: at(0) },
  });
});

/** How pictures are addressed. */
const hashOf = async (file: string) =>
  createHash("sha256")
    .update(await readFile(file))
    .digest("hex");

const gallery = (page: Page) => page.getByRole("dialog", { name: "Gallery" });
const picture = (page: Page, name: string) => page.getByRole("option", { name: new RegExp(`^Picture ${name}`) });

test.beforeEach(async ({ studio }) => {
  await expect(node(studio, "Sampler")).toBeVisible();
  await studio.locator(".react-flow__pane").click({ position: { x: 8, y: 8 } });
  await studio.keyboard.press("g");
  await expect(gallery(studio).getByRole("option")).toHaveCount(4);
});

test("pictures are found by prompt, seed and day, and the filters are taken off again", async ({ studio }) => {
  const dialog = gallery(studio);
  const search = dialog.getByRole("searchbox");
  await search.fill("red night");
  await expect(dialog.getByRole("option")).toHaveCount(1);
  await expect(picture(studio, "cat-2.png")).toBeVisible();
  await search.fill("13");
  await expect(picture(studio, "dog.png")).toBeVisible();
  await expect(dialog.getByRole("option")).toHaveCount(1);
  // The words may be of the model and of the LoRA.
  await search.fill("starter/base");
  await expect(dialog.getByRole("option")).toHaveCount(1);
  await expect(picture(studio, "dog.png")).toBeVisible();
  await search.fill("ink.safetensors");
  await expect(picture(studio, "bird.png")).toBeVisible();
  await expect(dialog.getByRole("option")).toHaveCount(1);
  await search.fill("no such picture");
  await expect(dialog.getByText("No picture matches.")).toBeVisible();
  await dialog.getByRole("button", { name: "Clear search and filters" }).click();
  await expect(search).toHaveValue("");
  await expect(dialog.getByRole("option")).toHaveCount(4);

  await dialog.getByRole("button", { name: "Filters" }).click();
  const filters = studio.getByRole("dialog", { name: "Filters" });
  await filters.getByLabel("To").fill("2026-05-02");
  await expect(dialog.getByRole("option")).toHaveCount(2);
  await filters.getByRole("combobox", { name: /^Order/ }).click();
  await studio.getByRole("option", { name: "Oldest first" }).click();
  await expect(dialog.getByRole("option").first()).toHaveAccessibleName(/bird\.png/);
  await filters.getByLabel("To").fill("");
  await filters.getByLabel("From").fill("2026-05-04");
  await expect(dialog.getByRole("option")).toHaveCount(1);
  await expect(picture(studio, "cat.png")).toBeVisible();
  await filters.getByLabel("From").fill("");
  await filters.getByRole("combobox", { name: /^Model/ }).click();
  await studio.getByRole("option", { name: "turbo (3)" }).click();
  await expect(picture(studio, "dog.png")).toHaveCount(0);
  await expect(dialog.getByRole("option")).toHaveCount(3);
  await filters.getByRole("combobox", { name: /^LoRA/ }).click();
  await studio.getByRole("option", { name: "ink (1)" }).click();
  await expect(dialog.getByRole("option")).toHaveCount(1);
  await expect(picture(studio, "bird.png")).toBeVisible();
});

test("the keyboard chooses, rates, likes, deletes and brings back", async ({ studio, host }) => {
  const dialog = gallery(studio);
  await dialog.getByRole("listbox", { name: "Pictures" }).focus();
  await studio.keyboard.press("Home");
  await studio.keyboard.press("Shift+ArrowRight");
  await expect(dialog.getByText("2 chosen")).toBeVisible();
  await studio.keyboard.press("4");
  await expect(picture(studio, "cat.png")).toHaveAccessibleName(/4 stars/);
  await expect(picture(studio, "cat-2.png")).toHaveAccessibleName(/4 stars/);
  await studio.keyboard.press("ArrowRight");
  await expect(picture(studio, "dog.png")).toHaveAttribute("aria-selected", "true");
  await studio.keyboard.press("f");
  await expect(picture(studio, "dog.png")).toHaveAccessibleName(/Favourite/);
  await dialog.getByRole("button", { name: "Favourites only" }).click();
  await expect(dialog.getByRole("option")).toHaveCount(1);
  await dialog.getByRole("button", { name: "Favourites only" }).click();
  await expect(dialog.getByRole("option")).toHaveCount(4);

  await picture(studio, "dog.png").click();
  await studio.keyboard.press("Delete");
  await expect(dialog.getByText("1 picture is in the trash.")).toBeVisible();
  await expect(dialog.getByRole("option")).toHaveCount(3);
  await expect(stat(join(host.outputFolder, "b/dog.png"))).rejects.toThrow();
  expect(await readdir(join(host.outputFolder, ".trash"))).toHaveLength(1);
  await dialog.getByRole("button", { name: "Undo" }).click();
  await expect(picture(studio, "dog.png")).toHaveAccessibleName(/Favourite/);
  await stat(join(host.outputFolder, "b/dog.png"));

  await picture(studio, "bird.png").click();
  await studio.keyboard.press("Delete");
  await dialog.getByRole("button", { name: "Trash", exact: true }).click();
  const trash = studio.getByRole("dialog", { name: "Trash" });
  await expect(trash.getByRole("option")).toHaveCount(1);
  await picture(studio, "bird.png").click();
  await trash.getByRole("button", { name: "Put back" }).click();
  await expect(trash.getByText("The trash is empty.")).toBeVisible();
  await stat(join(host.outputFolder, "b/bird.png"));
});

test("what another window deleted makes room for the next in the viewer, and what is in the trash is not deleted twice", async ({
  studio,
  context,
  host,
}) => {
  await picture(studio, "cat.png").dblclick();
  const viewer = studio.getByRole("dialog");
  await expect(viewer.getByText("Seed 11", { exact: true })).toBeVisible();
  const other = await context.newPage();
  await other.goto(host.url);
  await other.locator(".react-flow__pane").click({ position: { x: 8, y: 8 } });
  await other.keyboard.press("g");
  await picture(other, "cat.png").click();
  await other.keyboard.press("Delete");
  await expect(gallery(other).getByText("1 picture is in the trash.")).toBeVisible();
  await other.close();

  await studio.keyboard.press("Delete");
  await expect(viewer.getByText("Seed 12", { exact: true })).toBeVisible();
  await studio.keyboard.press("Escape");
  await expect(gallery(studio).getByRole("option")).toHaveCount(3);
  await expect(gallery(studio).getByRole("listbox")).toBeFocused();
  await expect(gallery(studio).getByRole("button", { name: "Undo" })).toHaveCount(0);

  await gallery(studio).getByRole("button", { name: "Trash", exact: true }).click();
  await picture(studio, "cat.png").dblclick();
  await expect(viewer.getByText("Seed 11", { exact: true })).toBeVisible();
  await expect(viewer.getByRole("button", { name: "Move to the trash" })).toHaveCount(0);
  await studio.keyboard.press("Delete");
  await studio.keyboard.press("Escape");
  const trash = studio.getByRole("dialog", { name: "Trash" });
  await expect(picture(studio, "cat.png")).toHaveAttribute("aria-selected", "true");
  await trash.getByRole("button", { name: "Put back" }).click();
  await expect(trash.getByText("The trash is empty.")).toBeVisible();
  await studio.keyboard.press("Escape");
  await studio.keyboard.press("g");
  await expect(gallery(studio).getByRole("option")).toHaveCount(4);
});

test("a picture that could not be read is looked for again by whoever comes back to it", async ({ studio }) => {
  const panel = gallery(studio).getByRole("complementary", { name: "Details" });
  const gone = panel.getByTitle("This picture is no longer stored");
  const thumbnails = /thumb=512/;
  await studio.route(thumbnails, (route) => route.fulfill({ status: 404 }));
  await picture(studio, "cat.png").click();
  await expect(gone).toBeVisible();
  await studio.unroute(thumbnails);
  await picture(studio, "dog.png").click();
  await expect(panel.getByText("a blue dog")).toBeVisible();
  await picture(studio, "cat.png").click();
  await expect(panel.getByText("a red cat")).toBeVisible();
  await expect(gone).toHaveCount(0);
});

test("two pictures are compared with slider, side by side and blinking, and their settings are told apart", async ({
  studio,
}) => {
  await picture(studio, "cat.png").click();
  await picture(studio, "cat-2.png").click({ modifiers: ["ControlOrMeta"] });
  await studio.keyboard.press("c");
  const compare = studio.getByRole("dialog", { name: "Compare" });
  const split = compare.getByRole("slider", { name: /first picture/ });
  await split.focus();
  await studio.keyboard.press("ArrowRight");
  await expect(split).toHaveAttribute("aria-valuenow", "52");
  // Left of the edge the first is seen, right of it the second: by their colours, on the screen.
  const seen = async () => {
    const { data, info } = await sharp(await compare.getByRole("application").screenshot())
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const near = (color: readonly number[]) => {
      let count = 0;
      for (let at = 0; at < data.length; at += info.channels)
        if (color.every((value, channel) => Math.abs(value - data[at + channel]!) < 12)) count++;
      return count / (info.width * info.height);
    };
    return { first: near([0xcc, 0x33, 0x33]), second: near([0x88, 0x33, 0x33]) };
  };
  await expect.poll(async () => (await seen()).first).toBeGreaterThan(0.05);
  expect((await seen()).second).toBeGreaterThan(0.05);
  await studio.keyboard.press("End");
  await expect(split).toHaveAttribute("aria-valuenow", "100");
  await expect.poll(async () => (await seen()).second).toBeLessThan(0.01);
  await studio.keyboard.press("Home");
  await expect.poll(async () => (await seen()).first).toBeLessThan(0.01);

  // Captions of any length stay apart.
  const tags = compare.getByRole("application").getByText(/^[AB] /);
  for (const tag of await tags.all()) await tag.evaluate((element) => element.append(" 3.5 · bridge".repeat(60)));
  const [leftTag, rightTag] = await Promise.all((await tags.all()).map((tag) => tag.boundingBox()));
  expect((leftTag?.x ?? 0) + (leftTag?.width ?? 0)).toBeLessThan(rightTag?.x ?? 0);

  await compare.getByRole("button", { name: "Side by side" }).click();
  await expect(compare.getByRole("img")).toHaveCount(2);
  await expect.poll(async () => (await seen()).first).toBeGreaterThan(0.05);
  expect((await seen()).second).toBeGreaterThan(0.05);
  const stage = compare.getByRole("application");
  await stage.focus();
  /** How large a square picture is seen in its pane. */
  const shown = () =>
    compare
      .getByRole("img")
      .first()
      .evaluate((img) => Math.min(img.getBoundingClientRect().width, img.getBoundingClientRect().height));
  const fit = compare.getByRole("button", { name: "Fit in window" });
  await expect(fit).toHaveAttribute("aria-pressed", "true");
  const fitted = await shown();
  await studio.keyboard.press("+");
  await expect.poll(async () => (await shown()) / fitted).toBeCloseTo(1.25);
  await expect(fit).toHaveAttribute("aria-pressed", "false");
  // A pixel of the picture is one of the screen, also where that is smaller than what there is room for.
  await studio.keyboard.press("1");
  await expect(compare.getByRole("button", { name: /^Zoom 100%/ })).toBeVisible();
  await expect.poll(async () => Math.round(await shown())).toBe(96);
  await studio.keyboard.press("0");
  await expect(fit).toHaveAttribute("aria-pressed", "true");

  await compare.getByRole("button", { name: "What differs" }).click();
  const table = compare.getByRole("table");
  await expect(table.getByRole("row", { name: /Prompt.*a red cat.*a red cat at night/ })).toBeVisible();
  await expect(table.getByRole("row", { name: /Steps.*8.*9/ })).toBeVisible();
  // The columns are named as the pictures are.
  for (const name of [/^A Seed 11$/, /^B Seed 12$/]) {
    await expect(table.getByRole("columnheader", { name })).toBeVisible();
    await expect(stage.getByText(name)).toBeVisible();
  }
  await compare.getByRole("button", { name: "Blink", exact: true }).click();
  // Each is seen in turn, by itself.
  await expect(stage.getByText("Seed 12")).toBeVisible();
  await expect(stage.getByText("Seed 11")).toBeVisible();
  await compare.getByRole("button", { name: "Stop blinking" }).click();
  await expect(compare.getByRole("img")).toHaveCount(1);
  await studio.keyboard.press("Escape");
  await expect(gallery(studio)).toBeVisible();
});

test("four pictures are compared at once, at one place and zoom", async ({ studio }) => {
  await picture(studio, "cat.png").click();
  await picture(studio, "bird.png").click({ modifiers: ["Shift"] });
  await gallery(studio).getByRole("button", { name: "Compare" }).click();
  const compare = studio.getByRole("dialog", { name: "Compare" });
  await expect(compare.getByRole("img")).toHaveCount(4);
  // Side by side, not each in the middle of a quarter of the window.
  const [left, right] = await Promise.all([0, 1].map((at) => compare.locator("[data-pane]").nth(at).boundingBox()));
  expect(left?.width).toBeCloseTo(left?.height ?? 0, 0);
  expect((right?.x ?? 0) - (left?.x ?? 0) - (left?.width ?? 0)).toBeCloseTo(4, 0);
  await compare.getByRole("application").focus();
  await studio.keyboard.press("+");
  const placed = () => compare.getByRole("img").evaluateAll((all) => all.map((img) => getComputedStyle(img).transform));
  await expect.poll(async () => new Set(await placed()).size).toBe(1);
  await expect.poll(async () => (await placed())[0]).not.toBe("none");
});

test("the viewer goes on through the gallery; parameters are used and pictures sent on", async ({ studio, host }) => {
  await picture(studio, "cat.png").dblclick();
  const viewer = studio.getByRole("dialog");
  await expect(viewer.getByText("Seed 11", { exact: true })).toBeVisible();
  await studio.keyboard.press("ArrowRight");
  await expect(viewer.getByText("Seed 12", { exact: true })).toBeVisible();
  await studio.keyboard.press("1");
  await expect(viewer.getByRole("button", { name: /^Zoom 100%/ })).toBeVisible();
  const image = viewer.getByRole("img");
  const place = async () => (await image.boundingBox()) ?? { x: 0, y: 0, width: 0 };
  // To the pixel, at the screen's own resolution.
  expect(Math.round((await place()).width)).toBe(96);
  const { x, y } = await place();
  await studio.keyboard.press("Shift+ArrowRight");
  await expect.poll(async () => (await place()).x).toBeLessThan(x);
  await studio.keyboard.press("1");
  await expect.poll(async () => (await place()).x).toBe(x);
  await studio.mouse.move(700, 450);
  await studio.mouse.down();
  await studio.mouse.move(730, 470, { steps: 3 });
  await studio.mouse.up();
  await expect.poll(async () => (await place()).x - x).toBe(30);
  expect((await place()).y - y).toBe(20);
  await studio.mouse.wheel(0, -400);
  await expect.poll(async () => (await place()).width).toBeGreaterThan(150);
  await studio.keyboard.press("Escape");
  await expect(picture(studio, "cat-2.png")).toHaveAttribute("aria-selected", "true");
  await expect(gallery(studio).getByRole("listbox")).toBeFocused();

  await gallery(studio).getByRole("button", { name: "Use these parameters" }).click();
  await expect(node(studio, "Prompt").getByRole("textbox", { name: "Prompt" })).toHaveValue("a red cat at night");
  await expect(node(studio, "Sampler").getByRole("spinbutton", { name: "Steps" })).toHaveValue("9");

  // The workflows that it is sent to have a picture of their own: this one has taken its place.
  const isOfDog = new RegExp(await hashOf(join(host.outputFolder, "b/dog.png")));
  await studio.keyboard.press("g");
  await picture(studio, "dog.png").click();
  await gallery(studio).getByRole("button", { name: "Send to" }).click();
  await studio.getByRole("menuitem", { name: "Image to image" }).click();
  await expect(studio.getByRole("tab", { name: /Image to image/ })).toBeVisible();
  await expect(node(studio, "Prompt").getByRole("textbox", { name: "Prompt" })).toHaveValue("a blue dog");
  await expect(node(studio, "Load Image").locator("img")).toHaveAttribute("src", isOfDog);

  await studio.locator(".react-flow__pane").click({ position: { x: 8, y: 8 } });
  await studio.keyboard.press("g");
  await gallery(studio).getByRole("button", { name: "Send to" }).click();
  await studio.getByRole("menuitem", { name: "Upscale" }).click();
  await expectWorkflow(studio, "Upscale");
  await expect(node(studio, "Load Image").locator("img")).toHaveAttribute("src", isOfDog);

  // To be inpainted, a picture is masked first.
  await studio.locator(".react-flow__pane").click({ position: { x: 8, y: 8 } });
  await studio.keyboard.press("g");
  await gallery(studio).getByRole("button", { name: "Send to" }).click();
  await studio.getByRole("menuitem", { name: "Inpaint" }).click();
  const mask = studio.getByRole("dialog", { name: "Mask" });
  await expect(mask.getByText(/ 0% painted/)).toBeVisible();
  await expect(mask.getByRole("application").locator("img").first()).toHaveAttribute("src", isOfDog);
  await studio.keyboard.press("Escape");
  await expect(mask).toHaveCount(0);
  await expectWorkflow(studio, "Inpaint");
});

test("a picture is dragged out under its own name, from where its whole file comes", async ({ studio, host }) => {
  // What is noted is what the browser hears of a real drag with the mouse.
  await studio.evaluate(() => {
    document.addEventListener("dragstart", ({ dataTransfer }) =>
      Object.assign(globalThis, {
        dragged: { download: dataTransfer?.getData("DownloadURL"), effect: dataTransfer?.effectAllowed },
      }),
    );
  });
  await picture(studio, "bird.png").hover();
  await studio.mouse.down();
  await studio.mouse.move(700, 700, { steps: 6 });
  await studio.mouse.up();
  const { download, effect } = await studio.evaluate(
    () => (globalThis as unknown as { dragged: { download: string; effect: string } }).dragged,
  );
  const file = join(host.outputFolder, "b/bird.png");
  const [, type, name, address] = /^([^:]+):([^:]+):(.+)$/.exec(download) ?? [];
  expect({ type, name, effect }).toEqual({ type: "image/png", name: "bird.png", effect: "copy" });
  expect(address).toBe(`${new URL(host.url).origin}/images/${await hashOf(file)}`);
  // The browser fetches it with what it knows of this page.
  const answer = await studio.request.get(address ?? "");
  expect(Buffer.compare(await answer.body(), await readFile(file))).toBe(0);
});
