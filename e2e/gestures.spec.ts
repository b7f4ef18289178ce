import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Locator, Page } from "@playwright/test";
import { expectWorkflow, node, openByKeys } from "./actions.ts";
import { expect, test } from "./fixtures.ts";

/** What becomes of drags that do not end as they began. */
const heading = (page: Page, title: string) => node(page, title).getByRole("heading");
const link = (page: Page, name: string) => page.getByRole("group", { name, exact: true });
const input = (page: Page, id: string, name: string) =>
  page.locator(`.react-flow__node[data-id="${id}"] .react-flow__handle.target[data-handleid="${name}"]`);
const EMPTY = { x: 760, y: 770 };

async function drag(page: Page, from: Locator, to: Locator | { x: number; y: number }): Promise<void> {
  await from.hover();
  await page.mouse.down();
  const box = "x" in to ? { ...to, width: 0, height: 0 } : await to.boundingBox();
  await page.mouse.move((box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) / 2, { steps: 6 });
}

test.beforeEach(async ({ studio }) => {
  await expect(node(studio, "Sampler")).toBeVisible();
});

test("the link of an input is taken along from it: elsewhere, off, or back when what it is dropped on refuses it", async ({
  studio,
}) => {
  const positive = link(studio, "prompt conditioning → sampler positive");
  const negative = link(studio, "prompt conditioning → sampler negative");
  await drag(studio, input(studio, "sampler", "positive"), input(studio, "sampler", "negative"));
  await studio.mouse.up();
  await expect(negative).toBeAttached();
  await expect(positive).toHaveCount(0);
  await studio.keyboard.press("ControlOrMeta+z");
  await expect(positive).toBeAttached();

  await drag(studio, input(studio, "sampler", "positive"), input(studio, "save", "image"));
  await studio.mouse.up();
  await expect(studio.getByText(/the output is of another type than the input takes/)).toBeVisible();
  await expect(positive).toBeAttached();

  await drag(studio, input(studio, "sampler", "positive"), EMPTY);
  await studio.mouse.up();
  await expect(positive).toHaveCount(0);
  await expect(studio.getByRole("dialog")).toHaveCount(0);
  await studio.keyboard.press("ControlOrMeta+z");
  await expect(positive).toBeAttached();
  await expect(studio.getByRole("button", { name: "Undo" })).toBeDisabled();
});

test("Escape puts back what is dragged, and no other key is heard meanwhile", async ({ studio }) => {
  const title = heading(studio, "Sampler");
  const before = await title.boundingBox();
  await drag(studio, title, EMPTY);
  await studio.keyboard.press("Delete");
  await expect.poll(() => title.boundingBox()).not.toEqual(before);
  await studio.keyboard.press("Escape");
  await studio.mouse.move(300, 300, { steps: 3 });
  await studio.mouse.up();
  await expect.poll(() => title.boundingBox()).toEqual(before);

  await drag(studio, input(studio, "decode", "latent"), EMPTY);
  await studio.keyboard.press("Escape");
  await studio.mouse.up();
  await expect(link(studio, "sampler latent → decode latent")).toBeAttached();
  await expect(studio.getByRole("button", { name: "Undo" })).toBeDisabled();
});

test("keys in an open list or menu are its own; what is typed counts before a key saves or leaves the workflow", async ({
  studio,
}) => {
  await node(studio, "Save Image").getByRole("combobox", { name: "Format" }).click();
  await studio.keyboard.press("Delete");
  await studio.keyboard.press("Escape");
  await heading(studio, "Sampler").click({ button: "right" });
  await expect(studio.getByRole("menu")).toBeVisible();
  await studio.keyboard.press("Delete");
  await studio.keyboard.press("Escape");
  await expect(studio.getByRole("menu")).toHaveCount(0);
  await expect(node(studio, "Save Image")).toBeVisible();
  await expect(node(studio, "Sampler")).toBeVisible();

  const steps = node(studio, "Sampler").getByRole("spinbutton", { name: "Steps" });
  await steps.fill("33");
  const download = studio.waitForEvent("download");
  await studio.keyboard.press("ControlOrMeta+s");
  const saved = JSON.parse(await readFile(await (await download).path(), "utf8"));
  expect(saved.nodes.find(({ id }: { id: string }) => id === "sampler").params.steps).toBe(33);
  await steps.fill("34");
  await studio.keyboard.press("Alt+h");
  await expect(studio.getByRole("main", { name: "Start page" })).toBeVisible();
  await studio.getByRole("tab", { name: /^Text to image/ }).click();
  await expect(steps).toHaveValue("34");
});

test("a workflow that was copied as text is pasted; a dropped folder is told of, and what came with it is opened", async ({
  context,
  studio,
}) => {
  const tabs = studio.getByRole("tab", { name: /^Text to image/ });
  const file = resolve("resources/templates/text-to-image.json");
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const copy = (text: string) => studio.evaluate((words) => navigator.clipboard.writeText(words), text);
  await copy("a cat");
  await studio.keyboard.press("ControlOrMeta+v");
  const told = studio.getByText("The clipboard holds no nodes and no workflow.");
  await expect(told).toBeVisible();
  await expect(tabs).toHaveCount(1);
  // Words that are chosen are copied, and nodes once one of them is clicked.
  await told.click({ clickCount: 3 });
  await heading(studio, "Sampler").click();
  await studio.keyboard.press("ControlOrMeta+c");
  await expect.poll(() => studio.evaluate(() => navigator.clipboard.readText())).toContain("heddle-fragment");
  await copy(await readFile(file, "utf8"));
  await studio.keyboard.press("ControlOrMeta+v");
  await expect(tabs).toHaveCount(2);
  await expect(node(studio, "Sampler")).toBeVisible();

  const page = await context.newCDPSession(studio);
  const data = { items: [], files: [resolve("resources/templates"), file], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const)
    await page.send("Input.dispatchDragEvent", { type, ...EMPTY, data });
  await expect(studio.getByText("“templates” cannot be read.")).toBeVisible();
  await expect(tabs).toHaveCount(3);
});

test("undoing more than was done leaves a prompt that was written as it was before", async ({ studio }) => {
  const prompt = node(studio, "Prompt").getByRole("textbox");
  const before = await prompt.inputValue();
  await prompt.focus();
  await studio.keyboard.press("ControlOrMeta+a");
  await studio.keyboard.press("Delete");
  await studio.keyboard.type("a cat");
  await expect(prompt).toHaveValue("a cat");
  // In the field it is the browser that undoes.
  await studio.keyboard.press("ControlOrMeta+z");
  await expect(prompt).not.toHaveValue("a cat");
  await studio.keyboard.press("Escape");
  for (let times = 0; times < 5; times++) await studio.keyboard.press("ControlOrMeta+z");
  await expect(studio.getByRole("button", { name: "Undo" })).toBeDisabled();
  await expect(prompt).toHaveValue(before);
});

test("nodes dragged with Alt stay, and copies of them are dropped: one step of undo", async ({ studio }) => {
  const title = heading(studio, "Sampler");
  const before = await title.boundingBox();
  await studio.keyboard.down("Alt");
  await drag(studio, title, EMPTY);
  await studio.mouse.up();
  await studio.keyboard.up("Alt");
  await expect(title).toHaveCount(2);
  await expect.poll(() => title.first().boundingBox()).toEqual(before);
  await expect(link(studio, "prompt conditioning → sampler positive")).toBeAttached();
  await expect(link(studio, "prompt conditioning → sampler-2 positive")).toBeAttached();
  await expect(link(studio, "sampler latent → decode latent")).toBeAttached();
  await expect(studio.locator('.react-flow__node[data-id="sampler-2"]')).toHaveClass(/selected/);
  await studio.keyboard.press("ControlOrMeta+z");
  await expect(title).toHaveCount(1);
  await expect.poll(() => title.boundingBox()).toEqual(before);
  await expect(studio.getByRole("button", { name: "Undo" })).toBeDisabled();
});

test("a node behind one that is bypassed says so, and a deleted node leaves what it passed on", async ({ studio }) => {
  await heading(studio, "Image Size").click();
  await studio.keyboard.press("ControlOrMeta+b");
  const needs = node(studio, "Sampler").getByText(/Image Size.* is bypassed and has no linked input of type latent/);
  await expect(needs).toBeVisible();
  await expect(node(studio, "Sampler").getByText("Connect Latent to run this node.")).toHaveCount(0);
  await studio.keyboard.press("ControlOrMeta+z");
  await expect(needs).toHaveCount(0);

  await heading(studio, "Sampler").click();
  await studio.keyboard.press("Delete");
  await expect(link(studio, "size latent → decode latent")).toBeAttached();
  await studio.keyboard.press("ControlOrMeta+z");
  await expect(link(studio, "size latent → decode latent")).toHaveCount(0);
  await expect(link(studio, "size latent → sampler latent")).toBeAttached();
});

test("links of cards that are first seen from afar are drawn", async ({ studio }, testInfo) => {
  const id = (at: number) => `n${at}`;
  const nodes = Array.from({ length: 70 }, (_, at) => ({
    id: id(at),
    type: "invert-image",
    position: { x: (at % 10) * 400, y: Math.floor(at / 10) * 500 },
  }));
  const links = nodes.slice(1).map((_, at) => ({
    id: `l${at}`,
    from: { node: id(at), port: "image" },
    to: { node: id(at + 1), port: "image" },
  }));
  const file = testInfo.outputPath("many.json");
  await writeFile(file, JSON.stringify({ format: "heddle-workflow", version: 1, title: "Many", nodes, links }));
  await openByKeys(studio, file);
  await expectWorkflow(studio, "Many");
  await expect(async () => {
    await studio.keyboard.press(".");
    await expect(studio.locator(".react-flow__node")).toHaveCount(70, { timeout: 2_000 });
  }).toPass();
  await expect(studio.locator(".react-flow__edge")).toHaveCount(69);
});

test("what stands in a selected frame is clicked as ever, and stays where it is when the frame gets another corner", async ({
  studio,
}) => {
  await heading(studio, "VAE Decode").click();
  await heading(studio, "Save Image").click({ modifiers: ["Shift"] });
  await studio.keyboard.press("ControlOrMeta+g");
  await studio.keyboard.type("Output");
  await studio.keyboard.press("Enter");
  const frame = studio.getByRole("region", { name: "Output" });
  await frame.getByRole("heading", { name: "Output" }).click();
  const before = await heading(studio, "VAE Decode").boundingBox();
  const around = await frame.boundingBox();
  const corner = frame.locator(".react-flow__resize-control.handle.top.left");
  await drag(studio, corner, { x: (around?.x ?? 0) - 30, y: (around?.y ?? 0) - 30 });
  await studio.mouse.up();
  await expect.poll(async () => (await frame.boundingBox())?.width).toBeGreaterThan((around?.width ?? 0) + 20);
  expect(await heading(studio, "VAE Decode").boundingBox()).toEqual(before);
  await studio.keyboard.press("ControlOrMeta+z");
  await expect.poll(() => frame.boundingBox()).toEqual(around);

  await heading(studio, "VAE Decode").click();
  await expect(studio.locator('.react-flow__node[data-id="decode"]')).toHaveClass(/selected/);

  // What is done to a frame is done to what stands in it.
  await frame.getByRole("heading", { name: "Output" }).click();
  await studio.keyboard.press("ControlOrMeta+m");
  await expect(node(studio, "Save Image").getByText("Muted")).toBeVisible();
  await expect(node(studio, "VAE Decode").getByText("Muted")).toBeVisible();
  await expect(node(studio, "Sampler").getByText("Muted")).toHaveCount(0);
  await frame.getByRole("heading", { name: "Output" }).click({ button: "right" });
  await studio.getByRole("menuitem", { name: /^Unmute/ }).click();
  await expect(studio.getByText("Muted")).toHaveCount(0);

  // A selection that is drawn inside of a frame means what stands there, and a double-click there adds a node.
  const { x = 0, y = 0, width = 0, height = 0 } = around ?? {};
  const save = await node(studio, "Save Image").boundingBox();
  await studio.keyboard.down("Shift");
  await studio.mouse.move(x + 8, (save?.y ?? 0) - 8);
  await studio.mouse.down();
  await studio.mouse.move(x + width - 8, y + height - 60, { steps: 6 });
  await studio.mouse.up();
  await studio.keyboard.up("Shift");
  await expect(studio.locator('.react-flow__node[data-id="save"]')).toHaveClass(/selected/);
  await expect(studio.locator(".react-flow__node.selected")).toHaveCount(1);
  await studio.mouse.dblclick(x + width / 2, y + height - 8);
  await expect(studio.getByRole("combobox", { name: "Search nodes" })).toBeFocused();
});
