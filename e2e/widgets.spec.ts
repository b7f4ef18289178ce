import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import sharp from "sharp";
import { node, openByKeys } from "./actions.ts";
import { faults } from "./axe.ts";
import { expect, test } from "./fixtures.ts";

async function add(page: Page, name: string) {
  await page.getByRole("toolbar").getByRole("button", { name: "Add node" }).click();
  await page.getByRole("combobox", { name: "Search nodes" }).fill(name);
  await page.keyboard.press("Enter");
  await expect(node(page, name)).toBeVisible();
}

/** A LoRA that is nothing but its header: enough to be listed. */
function emptyLora(triggers: string): Uint8Array {
  const header = new TextEncoder().encode(
    JSON.stringify({ __metadata__: { "modelspec.trigger_phrase": triggers, "modelspec.title": "Ink" } }),
  );
  const file = new Uint8Array(8 + header.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, 8);
  return file;
}

test.beforeAll(async ({ host }) => {
  await mkdir(join(host.modelsFolder, "loras"), { recursive: true });
  await writeFile(join(host.modelsFolder, "loras", "sumi.safetensors"), emptyLora("ink style"));
  const preview = sharp({ create: { width: 64, height: 64, channels: 3, background: "black" } });
  await writeFile(join(host.modelsFolder, "loras", "sumi.preview.png"), await preview.png().toBuffer());
  // A checkpoint is looked into before it is used: what cannot be is listed, with its picture, and says why.
  await mkdir(join(host.modelsFolder, "checkpoints"), { recursive: true });
  await writeFile(join(host.modelsFolder, "checkpoints", "harbour.safetensors"), emptyLora(""));
  await writeFile(join(host.modelsFolder, "checkpoints", "harbour.preview.png"), await preview.png().toBuffer());
  await mkdir(join(host.homeFolder, "wildcards", "nature"), { recursive: true });
  await writeFile(join(host.homeFolder, "wildcards", "nature", "flowers.txt"), "rose\ntulip");
});

test.beforeEach(async ({ studio }) => {
  await expect(node(studio, "Sampler")).toBeVisible();
});

test("models are searched for, and LoRAs reordered, weighted, switched and their words written", async ({ studio }) => {
  await add(studio, "LoRA Stack");
  const stack = node(studio, "LoRA Stack");
  const file = (number: number) => stack.getByRole("combobox", { name: new RegExp(`^LoRA ${number}:`) });
  await stack.getByRole("button", { name: "Add LoRA" }).click();
  await expect(stack.getByRole("combobox")).toHaveCount(2);
  // The list before it may still be on its way out.
  const search = (kind: string) => studio.getByRole("dialog", { name: kind }).getByPlaceholder("Search models");
  await file(1).click();
  await search("LoRA").fill("sumi");
  await expect(studio.getByRole("option")).toHaveCount(1);
  // What a LoRA draws is seen before it is chosen, where there is a picture of it.
  const preview = studio.getByRole("option").locator("img");
  const width = () => preview.evaluate((img) => (img as unknown as { naturalWidth: number }).naturalWidth);
  await expect.poll(width).toBeGreaterThan(0);
  await studio.keyboard.press("Enter");
  await expect(file(1)).toHaveAccessibleName(/sumi/i);
  await node(studio, "Load Model").getByRole("combobox").first().click();
  await search("Checkpoint").fill("harbour");
  await expect(studio.getByRole("option")).toHaveCount(1);
  await expect.poll(width).toBeGreaterThan(0);
  await studio.keyboard.press("Escape");
  await expect(file(1)).toHaveAccessibleName(/sumi/i);
  await file(2).click();
  await search("LoRA").fill("neon");
  await studio.keyboard.press("Enter");
  await expect(file(2)).toHaveAccessibleName(/neon/i);

  const weight = stack.getByRole("spinbutton", { name: "Weight 1" });
  await weight.fill("-3.75");
  await weight.press("Enter");
  await expect(weight).toHaveValue("-3.75");
  await stack.getByRole("button", { name: /^Place of LoRA 1/ }).focus();
  await studio.keyboard.press("ArrowDown");
  await expect(file(2)).toHaveAccessibleName(/sumi/i);
  await expect(stack.getByRole("spinbutton", { name: "Weight 2" })).toHaveValue("-3.75");
  const grip = stack.getByRole("button", { name: /^Place of LoRA 2/ });
  await expect(grip).toBeFocused();
  const from = (await grip.boundingBox())!;
  const to = (await stack.getByRole("button", { name: /^Place of LoRA 1/ }).boundingBox())!;
  await studio.mouse.move(from.x + 8, from.y + 8);
  await studio.mouse.down();
  await studio.mouse.move(to.x + 8, to.y - 8, { steps: 10 });
  await studio.mouse.up();
  await expect(file(1)).toHaveAccessibleName(/sumi/i);
  await stack.getByRole("switch", { name: "LoRA 2 on" }).click();
  await expect(stack.getByRole("switch", { name: "LoRA 2 on" })).not.toBeChecked();

  await stack.getByRole("button", { name: "Write “ink style” into the prompt" }).click();
  await expect(node(studio, "Prompt").getByRole("textbox", { name: "Prompt" })).toHaveValue(/, ink style$/);
});

test("the prompt editor completes, marks and warns, and counts tokens", async ({ studio }) => {
  await add(studio, "Wildcards");
  const words = node(studio, "Wildcards").getByRole("textbox", { name: "Text" });
  await words.fill("a __fl");
  await studio.keyboard.press("End");
  await studio.keyboard.type("o");
  await expect(studio.getByRole("option", { name: /nature\/flowers/ })).toBeVisible();
  expect(await faults(studio, "[role=listbox]")).toEqual([]);
  await studio.keyboard.press("Enter");
  await expect(words).toHaveValue("a __nature/flowers__");
  await words.fill("a {red|blue} __nowhere__");
  await expect(node(studio, "Wildcards").getByText("There is no wildcard file “nowhere”.")).toBeVisible();
  // What is chosen from stands on a ground of its own, what is not known is underlined, the rest is plain.
  const piece = (text: string) => node(studio, "Wildcards").locator("span").filter({ hasText: text }).last();
  await expect(piece("{red|blue}")).not.toHaveCSS("background-color", "rgba(0, 0, 0, 0)");
  await expect(piece("__nowhere__")).toHaveCSS("border-bottom-style", "dotted");

  const prompt = node(studio, "Prompt");
  const text = prompt.getByRole("textbox", { name: "Prompt" });
  await text.fill("a (red:1.3) cat {a|b}");
  await expect(prompt.getByText(/“\(red:1\.3\)”/)).toBeVisible();
  await expect(prompt.getByText(/“\{a\|b\}” is not chosen from here/)).toBeVisible();
  await expect(prompt.getByText(/^\d+ \/ 512 tokens$/)).toBeVisible();
  await text.fill("cat ".repeat(600));
  await expect(prompt.getByText(/^\d{3} \/ 512 tokens: the end is cut$/)).toBeVisible();

  await add(studio, "LoRA Stack");
  const stack = node(studio, "LoRA Stack");
  await stack.getByRole("combobox", { name: /^LoRA 1:/ }).click();
  await studio.getByPlaceholder("Search models").fill("sumi");
  await studio.keyboard.press("Enter");
  await expect(stack.getByRole("button", { name: /“ink style”/ })).toBeVisible();
  await text.fill("a cat <");
  await studio.keyboard.press("End");
  await studio.keyboard.type("lora:su");
  await expect(studio.getByRole("option", { name: /sumi.*trigger words/ })).toBeVisible();
  await studio.keyboard.press("Enter");
  await expect(text).toHaveValue("a cat ink style");
  await text.fill("a cat, ");
  await studio.keyboard.press("End");
  await studio.keyboard.type("in");
  await expect(studio.getByRole("option", { name: /ink style/ })).toBeVisible();
  await studio.keyboard.press("Tab");
  await expect(text).toHaveValue("a cat, ink style");
});

test("a size keeps its shape, is turned and takes a shape; seeds are exact", async ({ studio }) => {
  const size = node(studio, "Image Size");
  const side = (name: string) => size.getByRole("spinbutton", { name });
  const type = async (name: string, value: string) => {
    await side(name).fill(value);
    await side(name).press("Enter");
  };
  await type("Width", "512");
  await type("Height", "256");
  await size.getByRole("button", { name: /^Keep the shape/ }).click();
  await type("Width", "1024");
  await expect(side("Height")).toHaveValue("512");
  await studio.keyboard.press("Escape");
  await size.getByRole("button", { name: "Swap width and height" }).click();
  await expect(side("Width")).toHaveValue("512");
  await expect(side("Height")).toHaveValue("1024");
  await size.getByRole("button", { name: /Choose a shape/ }).click();
  await studio.getByRole("menuitem", { name: "1 : 1" }).click();
  await expect(side("Width")).toHaveValue("720");
  await expect(side("Height")).toHaveValue("720");

  const seed = node(studio, "Sampler").getByRole("textbox", { name: "Seed" });
  await seed.fill("9223372036854775807");
  await seed.press("Enter");
  await expect(seed).toHaveValue("9223372036854775807");
  await node(studio, "Sampler").getByRole("button", { name: "New random seed" }).click();
  await expect(seed).toHaveValue(/^\d+$/);
  await expect(seed).not.toHaveValue("9223372036854775807");
  await studio.keyboard.press("ControlOrMeta+z");
  await expect(seed).toHaveValue("9223372036854775807");
  const steps = node(studio, "Sampler").getByRole("spinbutton", { name: "Steps" });
  const box = (await steps.locator("..").boundingBox())!;
  await studio.mouse.move(box.x + 20, box.y + 10);
  await studio.mouse.down();
  const fill = steps.locator("..").locator("span").first();
  const filled = async () => (await fill.boundingBox())?.width ?? 0;
  const before = await filled();
  await studio.mouse.move(box.x + 120, box.y + 10, { steps: 5 });
  await studio.mouse.up();
  await expect(steps).not.toHaveValue("8");
  await expect.poll(filled).toBeGreaterThan(before + 20);
  // The whole scrubbing is one step, and so is a burst of the arrow keys.
  await studio.keyboard.press("ControlOrMeta+z");
  await expect(steps).toHaveValue("8");
  await steps.focus();
  for (const key of ["ArrowUp", "ArrowUp", "ArrowDown", "ArrowUp"]) await steps.press(key);
  await expect(steps).toHaveValue("10");
  await studio.keyboard.press("Escape");
  await studio.keyboard.press("ControlOrMeta+z");
  await expect(steps).toHaveValue("8");
});

test("compared pictures have a slider on their node", async ({ studio, host }) => {
  const id = (type: string, at: number, params: object) => ({
    ...{ id: `${type}-${at}`, type, typeVersion: 1, mode: "active", position: { x: 400 * at, y: 0 }, params },
  });
  const link = (from: string, to: string, port: string) => ({
    ...{ id: `${from} ${to}`, from: { node: from, port: "image" }, to: { node: to, port } },
  });
  const hash = "bc1990f3e0a57780f92185c436645adbb5dd66b5f7d013f984a99e93d8833fdc";
  const document = {
    ...{ format: "heddle-workflow", version: 1, title: "Compare" },
    nodes: [id("load-image", 0, { image: `sha256:${hash}` }), id("invert-image", 1, {}), id("compare-images", 2, {})],
    links: [
      link("load-image-0", "invert-image-1", "image"),
      link("load-image-0", "compare-images-2", "first"),
      link("invert-image-1", "compare-images-2", "second"),
    ],
  };
  const path = join(host.homeFolder, "compare.json");
  await writeFile(path, JSON.stringify(document));
  await openByKeys(studio, path);
  await expect(node(studio, "Compare Images")).toBeVisible();
  await studio.keyboard.press("ControlOrMeta+Enter");
  const split = node(studio, "Compare Images").getByRole("slider");
  await expect(split).toBeVisible({ timeout: 90_000 });
  await split.focus();
  await studio.keyboard.press("Home");
  await expect(split).toHaveAttribute("aria-valuenow", "0");
  await expect(node(studio, "Compare Images").getByRole("img")).toHaveCount(2);
  expect(await faults(studio, '[data-id^="compare-images"]')).toEqual([]);
});
