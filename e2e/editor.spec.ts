import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { drawLarge, node, openByKeys } from "./actions.ts";
import { expect, test } from "./fixtures.ts";

const heading = (page: Page, title: string) => node(page, title).getByRole("heading");
const choose = (page: Page, name: string | RegExp) => page.getByRole("menuitem", { name }).click();
const runButton = (page: Page) => page.getByRole("button", { name: "Run", exact: true });

test.beforeEach(async ({ studio }) => {
  await expect(node(studio, "Sampler")).toBeVisible();
});

test("a reload in the middle of a run goes on showing it, where the canvas was left", async ({ studio }) => {
  await drawLarge(studio, 20);
  await studio.mouse.move(600, 800);
  await studio.mouse.wheel(0, -200);
  const zoom = studio.getByRole("button", { name: /^Zoom \d+%/ });
  await expect(zoom).not.toHaveText("75%");
  const before = await zoom.textContent();
  await runButton(studio).click();
  await expect(node(studio, "Sampler").getByRole("progressbar")).toBeVisible();

  await studio.reload();
  await expect(node(studio, "Sampler").getByRole("progressbar")).toBeVisible();
  await expect(zoom).toHaveText(before ?? "");
  await studio.getByRole("button", { name: "Cancel", exact: true }).click();
  await expect(runButton(studio)).toBeVisible();
});

test("the context menu runs to a node, and mutes, colours, pins, explains and deletes", async ({ studio }) => {
  await heading(studio, "Prompt").click({ button: "right" });
  await choose(studio, /Run to here/);
  await expect(studio.getByRole("status").filter({ hasText: "Run finished" })).toBeAttached({ timeout: 90_000 });
  await expect(node(studio, "Sampler").getByText("Queued")).toHaveCount(0);
  await expect(node(studio, "Prompt").getByText(/\d (ms|s)|Cached/)).toBeVisible();
  // To there, and no further.
  for (const behind of ["Sampler", "VAE Decode", "Save Image"])
    await expect(node(studio, behind).getByText(/^\d[\d.,:]* (ms|s|min)|^Cached$/)).toHaveCount(0);
  await expect(node(studio, "Save Image").getByRole("button", { name: /^Open picture/ })).toHaveCount(0);

  await heading(studio, "Prompt").click();
  await studio.keyboard.press("Shift+F10");
  await choose(studio, /^Mute/);
  await expect(node(studio, "Prompt").getByText("Muted")).toBeVisible();
  await heading(studio, "Prompt").click({ button: "right" });
  await choose(studio, /^Pin( |$)/);
  await expect(node(studio, "Prompt").getByLabel("Pinned in place")).toBeVisible();
  const top = async (name: string) => (await heading(studio, name).boundingBox())?.y ?? 0;
  const apart = async () => Math.round((await top("Prompt")) - (await top("Sampler")));
  const pinned = await apart();
  await heading(studio, "Prompt").hover();
  await studio.mouse.down();
  await studio.mouse.move(500, 400, { steps: 4 });
  await studio.mouse.up();
  expect(await apart()).toBe(pinned);

  // Each setting says what it is for where it stands; the dialog has all of it.
  for (const field of await node(studio, "Sampler").locator("[data-param]").all())
    await expect(field.locator("[title]").first()).toHaveAttribute("title", /[a-z]{2,} [a-z]{2,}/);
  await heading(studio, "Prompt").click({ button: "right" });
  await choose(studio, "What this node does");
  const help = studio.getByRole("dialog");
  await expect(help.getByText(/Turns words into conditioning/)).toBeVisible();
  await expect(help.getByRole("heading", { name: "Settings" })).toBeVisible();
  await studio.keyboard.press("Escape");
  await heading(studio, "Prompt").click({ button: "right" });
  await choose(studio, /^Delete/);
  await expect(node(studio, "Prompt")).toHaveCount(0);
});

test("nodes are framed, moved with their frame, tidied and aligned; each is one step of undo", async ({ studio }) => {
  await heading(studio, "VAE Decode").click();
  await heading(studio, "Save Image").click({ modifiers: ["Shift"] });
  await studio.keyboard.press("ControlOrMeta+g");
  await studio.keyboard.type("Output");
  await studio.keyboard.press("Enter");
  const frame = studio.getByRole("region", { name: "Output" });
  await expect(frame).toBeVisible();

  // A copy of the frame has copies of what is in it; cut, the frame takes it along.
  const frames = studio.getByRole("region", { name: "Output" });
  await frame.getByRole("heading", { name: "Output" }).click();
  await studio.keyboard.press("ControlOrMeta+d");
  await expect(frames).toHaveCount(2);
  await expect(node(studio, "Save Image")).toHaveCount(2);
  await studio.keyboard.press("ControlOrMeta+x");
  await expect(frames).toHaveCount(1);
  await expect(node(studio, "Save Image")).toHaveCount(1);
  await studio.keyboard.press("ControlOrMeta+z");
  await studio.keyboard.press("ControlOrMeta+z");
  await expect(frames).toHaveCount(1);
  await expect(node(studio, "Save Image")).toHaveCount(1);

  const paper = () => frame.evaluate((element) => getComputedStyle(element as never).backgroundColor);
  const plain = await paper();
  const wide = await frame.boundingBox();
  await frame.getByRole("heading", { name: "Output" }).click();
  await studio.keyboard.press("Shift+F10");
  await choose(studio, "Colour");
  await choose(studio, "Green");
  await expect.poll(paper).not.toBe(plain);
  for (let times = 0; times < 2; times++) await studio.keyboard.press("Alt+Shift+ArrowDown");
  await expect.poll(async () => (await frame.boundingBox())?.height).toBeGreaterThan((wide?.height ?? 0) + 20);
  await studio.keyboard.press("ControlOrMeta+z");
  await expect.poll(() => frame.boundingBox()).toEqual(wide);
  await studio.keyboard.press("ControlOrMeta+z");
  await expect.poll(paper).toBe(plain);

  const before = await heading(studio, "Save Image").boundingBox();
  const title = frame.getByRole("heading", { name: "Output" });
  const grip = await title.boundingBox();
  await title.hover();
  await studio.mouse.down();
  await studio.mouse.move((grip?.x ?? 0) + 20, (grip?.y ?? 0) + 120, { steps: 6 });
  await studio.mouse.up();
  await expect
    .poll(async () => ((await heading(studio, "Save Image").boundingBox())?.y ?? 0) - (before?.y ?? 0))
    .toBeGreaterThan(60);
  await studio.keyboard.press("ControlOrMeta+z");
  await expect.poll(() => heading(studio, "Save Image").boundingBox()).toEqual(before);

  await studio.locator(".react-flow__pane").click({ position: { x: 8, y: 8 } });
  await studio.keyboard.press("Shift+L");
  const x = async (name: string) => (await heading(studio, name).boundingBox())?.x ?? 0;
  await expect.poll(async () => (await x("Save Image")) - (await x("VAE Decode"))).toBeGreaterThan(150);
  const around = await frame.boundingBox();
  const inner = await node(studio, "Save Image").boundingBox();
  expect(inner?.x).toBeGreaterThan(around?.x ?? 0);
  expect((inner?.x ?? 0) + (inner?.width ?? 0)).toBeLessThan((around?.x ?? 0) + (around?.width ?? 0));
  await studio.keyboard.press("ControlOrMeta+z");
  // The view stays where it went; one stands below the other again.
  await expect.poll(async () => Math.abs((await x("Save Image")) - (await x("VAE Decode")))).toBeLessThan(5);
});

test("a node that is dropped on a link becomes part of it", async ({ studio }) => {
  await studio.locator(".react-flow__pane").dblclick({ position: { x: 980, y: 12 } });
  await studio.getByRole("combobox", { name: "Search nodes" }).fill("Invert Image");
  await studio.keyboard.press("Enter");
  const invert = heading(studio, "Invert Image");
  // At the canvas's edge a drag moves the view too: what counts is the place among the others.
  const place = async () => {
    const [own, other] = [await invert.boundingBox(), await heading(studio, "Save Image").boundingBox()];
    return [Math.round((own?.x ?? 0) - (other?.x ?? 0)), Math.round((own?.y ?? 0) - (other?.y ?? 0))];
  };
  const before = await place();
  await invert.hover();
  await studio.mouse.down();
  // Where the link ends, not where it begins: that is near the canvas's edge, where dragging moves the view.
  const end = await studio
    .locator('.react-flow__node[data-id="save"] .react-flow__handle.target')
    .first()
    .boundingBox();
  await studio.mouse.move((end?.x ?? 0) - 8, (end?.y ?? 0) + (end?.height ?? 0) / 2, { steps: 8 });
  await studio.mouse.up();
  await expect(studio.getByRole("group", { name: /^decode image → invert-image / })).toBeAttached();
  await expect(studio.getByRole("group", { name: /^invert-image image → save image/ })).toBeAttached();
  await studio.keyboard.press("ControlOrMeta+z");
  await expect(studio.getByRole("group", { name: "decode image → save image" })).toBeAttached();
  // The drag and what came of it were one gesture.
  await expect.poll(place).toEqual(before);
});

test("a ComfyUI workflow opens with a report of what became of it", async ({ studio, host }) => {
  const path = join(host.homeFolder, "comfy.json");
  const api = {
    "1": { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "z_image.safetensors" } },
    "2": { class_type: "CLIPTextEncode", inputs: { text: "a red house", clip: ["1", 1] } },
    "3": { class_type: "SomethingNobodyKnows", inputs: { strength: 0.5, conditioning: ["2", 0] } },
  };
  await writeFile(path, JSON.stringify(api));
  await openByKeys(studio, path);
  const dialog = studio.getByRole("dialog", { name: "Workflow from ComfyUI" });
  await expect(dialog.getByText(/SomethingNobodyKnows/).first()).toBeVisible();
  await dialog.getByRole("button", { name: "Find the models…" }).click();
  await studio.getByRole("dialog", { name: "Missing models" }).getByRole("button", { name: "Open anyway" }).click();
  await expect(node(studio, "Prompt").getByRole("textbox", { name: "Prompt" })).toHaveValue("a red house");
});
