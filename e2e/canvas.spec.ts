import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Locator, Page } from "@playwright/test";
import sharp from "sharp";
import { addPngText } from "../graph/embedding/png-text.ts";
import { node } from "./actions.ts";
import { expect, test } from "./fixtures.ts";
import { makePicture } from "./pictures.ts";

const heading = (page: Page, title: string) => node(page, title).getByRole("heading");
const link = (page: Page, name: string) => page.getByRole("group", { name });
const search = (page: Page) => page.getByRole("combobox", { name: "Search nodes" });
const choose = (page: Page, name: string | RegExp) => page.getByRole("menuitem", { name }).click();
const socket = (page: Page, id: string, handle: string, side: "source" | "target") =>
  page.locator(`.react-flow__node[data-id="${id}"] .react-flow__handle.${side}[data-handleid="${handle}"]`);
const opacity = (locator: Locator) => locator.evaluate((element) => Number(getComputedStyle(element as never).opacity));
const left = async (page: Page, title: string) => Math.round((await heading(page, title).boundingBox())?.x ?? 0);
const top = async (page: Page, title: string) => Math.round((await heading(page, title).boundingBox())?.y ?? 0);

async function centre(locator: Locator) {
  const { x = 0, y = 0, width = 0, height = 0 } = (await locator.boundingBox()) ?? {};
  return { x: x + width / 2, y: y + height / 2 };
}

async function drag(page: Page, from: Locator, to: { x: number; y: number }) {
  await from.hover();
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 8 });
}

test.beforeEach(async ({ studio }) => {
  await expect(node(studio, "Sampler")).toBeVisible();
});

test("nodes are found by other programs' names and with slips, and previewed before they are added", async ({
  studio,
}) => {
  await studio.locator(".react-flow__pane").dblclick({ position: { x: 980, y: 20 } });
  // All of them stand under their categories, and the name of a category finds what is in it.
  for (const category of ["Loaders", "Conditioning", "Sampling", "Latent", "Image", "Output", "Utility"])
    await expect(studio.getByRole("group", { name: category, exact: true }).getByRole("option").first()).toBeAttached();
  await search(studio).fill("loaders");
  await expect(studio.getByRole("option", { name: /^Load Model/ })).toBeVisible();
  for (const [words, title] of [
    ["KSampler", "Sampler"],
    ["CLIP Text Encode", "Prompt"],
    ["vae dec", "VAE Decode"],
    ["upscl img", "Upscale Image"],
  ] as const) {
    await search(studio).fill(words);
    await expect(studio.getByRole("option").first()).toContainText(title);
  }
  // Beside the list stands what the node is: here that of the first result.
  await expect(studio.getByRole("dialog").getByText("Method")).toBeVisible();
  await search(studio).fill("no such node");
  await expect(studio.getByText("No node matches.")).toBeVisible();
});

test("every type of socket has a colour and a shape of its own, the same at both ends of a link", async ({
  studio,
}) => {
  const look = (locator: Locator) =>
    locator.evaluate((element) => ({
      color: getComputedStyle(element as never).color,
      shape: (element as unknown as Element).querySelector("path")?.getAttribute("d"),
    }));
  const outputs = [
    ["model", "model"],
    ["model", "textEncoder"],
    ["model", "vae"],
    ["prompt", "conditioning"],
    ["sampler", "latent"],
    ["decode", "image"],
    ["size", "width"],
  ] as const;
  const looks = await Promise.all(outputs.map(([id, handle]) => look(socket(studio, id, handle, "source"))));
  expect(new Set(looks.map(({ color }) => color)).size).toBe(outputs.length);
  expect(new Set(looks.map(({ shape }) => shape)).size).toBe(outputs.length);
  expect(looks[4]).toEqual(await look(socket(studio, "decode", "latent", "target")));
  const line = link(studio, "sampler latent → decode latent").locator("path").first();
  await expect(line).toHaveCSS("stroke", looks[4]!.color);
  // The one that is chosen stands out by its own light, not only by its width.
  await link(studio, "sampler latent → decode latent").focus();
  await studio.keyboard.press("Enter");
  await expect(line).not.toHaveCSS("stroke", looks[4]!.color);
  const stroke = await line.evaluate((path) => getComputedStyle(path as never).stroke);
  expect(Math.max(...(stroke.match(/\d+/g) ?? []).map(Number))).toBeGreaterThan(200);
});

test("a link shows what takes it, refuses with the reason, and offers what fits where it is dropped", async ({
  studio,
}) => {
  await drag(studio, socket(studio, "sampler", "latent", "source"), { x: 700, y: 760 });
  expect(await opacity(socket(studio, "decode", "latent", "target"))).toBe(1);
  await expect.poll(() => opacity(socket(studio, "decode", "vae", "target"))).toBeLessThan(0.5);
  await expect.poll(() => opacity(socket(studio, "save", "image", "target"))).toBeLessThan(0.5);
  const image = await socket(studio, "save", "image", "target").boundingBox();
  await studio.mouse.move((image?.x ?? 0) + 8, (image?.y ?? 0) + 8, { steps: 4 });
  await studio.mouse.up();
  await expect(studio.getByText(/the output is of another type than the input takes/)).toBeVisible();

  await drag(studio, socket(studio, "sampler", "latent", "source"), { x: 700, y: 760 });
  await studio.mouse.up();
  await expect(search(studio)).toBeVisible();
  await expect(studio.getByRole("option", { name: /^VAE Decode/ }).first()).toBeVisible();
  await expect(studio.getByRole("option", { name: /^Load Model/ })).toHaveCount(0);
  // Where nothing is a new node is meant: Enter takes no link away from one that is there.
  await expect(studio.getByRole("option").first()).toContainText("Sampler");
  await search(studio).fill("vae decode");
  await studio.locator('[cmdk-item][data-value="vae-decode"]').click();
  await expect(link(studio, "sampler latent → vae-decode latent")).toBeAttached();
  // One output feeds several inputs.
  await expect(link(studio, "sampler latent → decode latent")).toBeAttached();
  // An input takes one link: the one before gives way, and both come back with one step.
  await drag(
    studio,
    socket(studio, "vae-decode", "image", "source"),
    await centre(socket(studio, "save", "image", "target")),
  );
  await studio.mouse.up();
  await expect(link(studio, "vae-decode image → save image")).toBeAttached();
  const first = studio.getByRole("group", { name: "decode image → save image", exact: true });
  await expect(first).toHaveCount(0);
  await studio.keyboard.press("ControlOrMeta+z");
  await expect(first).toBeAttached();
  await expect(link(studio, "vae-decode image → save image")).toHaveCount(0);
});

test("a link is made, bent and taken away from the keyboard alone", async ({ studio }) => {
  const negative = node(studio, "Sampler").getByRole("button", { name: "Connect input Negative" });
  await negative.focus();
  await studio.keyboard.press("Enter");
  await expect(search(studio)).toBeFocused();
  await studio.keyboard.type("prompt cond");
  await studio.keyboard.press("Enter");
  await expect(link(studio, "prompt conditioning → sampler negative")).toBeAttached();
  await link(studio, "prompt conditioning → sampler negative").focus();
  await studio.keyboard.press("Shift+F10");
  await expect(studio.getByRole("menuitem", { name: "Disconnect" })).toBeVisible();
  await studio.getByRole("menuitem", { name: "Add reroute" }).press("Enter");
  await expect(link(studio, "reroute value → sampler negative")).toBeAttached();
  await studio.keyboard.press("ControlOrMeta+z");
  await expect(node(studio, "Reroute")).toHaveCount(0);
  await link(studio, "prompt conditioning → sampler negative").focus();
  await studio.keyboard.press("Enter");
  await studio.keyboard.press("Delete");
  await expect(link(studio, "prompt conditioning → sampler negative")).toHaveCount(0);
});

test("what the pointer chooses, moves, resizes and pans is done by key too, each burst in one step", async ({
  studio,
}) => {
  const card = (id: string) => studio.locator(`.react-flow__node[data-id="${id}"]`);
  const width = async (title: string) => Math.round((await node(studio, title).boundingBox())?.width ?? 0);
  const places = async () => Promise.all(["Sampler", "VAE Decode", "Save Image"].map((title) => left(studio, title)));
  const before = await places();
  await card("sampler").focus();
  await studio.keyboard.press("Space");
  await card("decode").focus();
  await studio.keyboard.press("Shift+Space");
  for (let times = 0; times < 3; times++) await studio.keyboard.press("Shift+ArrowRight");
  await expect.poll(async () => (await left(studio, "VAE Decode")) - before[1]!).toBeGreaterThan(20);
  const [sampler, decode, save] = await places();
  // To the pixel, which a view that is not at 100 % rounds.
  expect(Math.abs(sampler! - before[0]! - (decode! - before[1]!))).toBeLessThanOrEqual(1);
  expect(save).toBe(before[2]);
  await studio.keyboard.press("ControlOrMeta+z");
  await expect.poll(places).toEqual(before);

  // A node that has just been chosen otherwise has no focus, and moves all the same.
  await heading(studio, "Save Image").click();
  await card("save").blur();
  await studio.keyboard.press("ArrowLeft");
  await expect.poll(() => left(studio, "Save Image")).toBeLessThan(before[2]!);
  await studio.keyboard.press("ControlOrMeta+z");
  await expect.poll(places).toEqual(before);

  const narrow = await width("Save Image");
  for (let times = 0; times < 3; times++) await studio.keyboard.press("Alt+Shift+ArrowRight");
  await expect.poll(() => width("Save Image")).toBeGreaterThan(narrow + 30);
  await studio.keyboard.press("ControlOrMeta+z");
  await expect.poll(() => width("Save Image")).toBe(narrow);
  expect(await places()).toEqual(before);

  await studio.locator(".react-flow__pane").click({ position: { x: 8, y: 8 } });
  await studio.keyboard.press("ArrowRight");
  await expect.poll(() => left(studio, "Sampler")).toBe(before[0]! - 80);
  await studio.keyboard.press("Shift+ArrowLeft");
  await expect.poll(() => left(studio, "Sampler")).toBe(before[0]! + 240);
});

test("a node is put into a link by key in one step: the nearest that fits, or the one whose menu is open", async ({
  studio,
}) => {
  await studio.getByRole("toolbar").getByRole("button", { name: "Add node" }).click();
  await search(studio).fill("Invert Image");
  await studio.keyboard.press("Enter");
  const card = studio.locator('.react-flow__node[data-id="invert-image"]');
  await expect(card).toBeVisible();
  const before = studio.getByRole("group", { name: "decode image → save image", exact: true });
  const into = link(studio, "decode image → invert-image image");
  const onwards = link(studio, "invert-image image → save image");
  const expectInserted = async () => {
    await expect(into).toBeAttached();
    await expect(onwards).toBeAttached();
    await expect(before).toHaveCount(0);
    await studio.keyboard.press("ControlOrMeta+z");
    await expect(before).toBeAttached();
    await expect(into).toHaveCount(0);
    await expect(onwards).toHaveCount(0);
    await expect(card).toBeVisible();
  };
  await card.focus();
  await studio.keyboard.press("Space");
  await studio.keyboard.press("Shift+I");
  await expect(studio.getByText("The node is part of the link now.")).toBeVisible();
  await expectInserted();

  // The menu of a link names it where it fits, and where it does not there is no such thing.
  await link(studio, "prompt conditioning → sampler positive").focus();
  await studio.keyboard.press("Shift+F10");
  await expect(studio.getByRole("menuitem", { name: "Add reroute" })).toBeVisible();
  await expect(studio.getByRole("menuitem", { name: "Insert the chosen node here" })).toHaveCount(0);
  await studio.keyboard.press("Escape");
  await expect(studio.getByRole("menu")).toHaveCount(0);
  await before.focus();
  await studio.keyboard.press("Shift+F10");
  await studio.getByRole("menuitem", { name: "Insert the chosen node here" }).press("Enter");
  await expect(studio.getByRole("menu")).toHaveCount(0);
  await expectInserted();

  // What is linked already has no place in another link.
  await studio.keyboard.press("ControlOrMeta+Shift+z");
  await expect(into).toBeAttached();
  await card.focus();
  await studio.keyboard.press("Shift+F10");
  await expect(studio.getByRole("menuitem", { name: /^Duplicate/ })).toBeVisible();
  await expect(studio.getByRole("menuitem", { name: /^Insert into link/ })).toHaveCount(0);
});

test("a reroute bends a link and carries what the link carried", async ({ studio }) => {
  const path = link(studio, "prompt conditioning → sampler positive").locator("path").first();
  const middle = await path.evaluate((element) => {
    const curve = element as unknown as {
      getTotalLength(): number;
      getPointAtLength(at: number): DOMPoint;
      getScreenCTM(): DOMMatrix;
    };
    const point = curve.getPointAtLength(curve.getTotalLength() / 2).matrixTransform(curve.getScreenCTM());
    return { x: point.x, y: point.y };
  });
  await studio.mouse.click(middle.x, middle.y, { button: "right" });
  await choose(studio, "Add reroute");
  await expect(node(studio, "Reroute")).toBeVisible();
  await expect(link(studio, "prompt conditioning → reroute value")).toBeAttached();
  await expect(link(studio, "reroute value → sampler positive")).toBeAttached();
  await studio.keyboard.press("ControlOrMeta+z");
  await expect(node(studio, "Reroute")).toHaveCount(0);
});

test("nodes are chosen with a marquee, aligned, distributed, locked and collapsed", async ({ studio }) => {
  await studio.keyboard.down("Shift");
  await studio.mouse.move(640, 160);
  await studio.mouse.down();
  await studio.mouse.move(1240, 700, { steps: 6 });
  await studio.mouse.up();
  await studio.keyboard.up("Shift");
  await studio.keyboard.press("Shift+F10");
  await studio.getByRole("menuitem", { name: /^Align/ }).click();
  await choose(studio, /^(Align )?top/i);
  await expect.poll(async () => (await top(studio, "VAE Decode")) - (await top(studio, "Sampler"))).toBe(0);
  await studio.keyboard.press("ControlOrMeta+z");
  await expect.poll(async () => (await top(studio, "VAE Decode")) - (await top(studio, "Sampler"))).not.toBe(0);

  await drag(studio, heading(studio, "VAE Decode"), { x: 1010, y: 420 });
  await studio.mouse.up();
  await heading(studio, "Sampler").click();
  for (const title of ["VAE Decode", "Save Image"]) await heading(studio, title).click({ modifiers: ["Shift"] });
  await studio.keyboard.press("Shift+F10");
  await studio.getByRole("menuitem", { name: /^Align/ }).click();
  await choose(studio, "Distribute horizontally");
  const edges = async (title: string) => {
    const { x = 0, width = 0 } = (await node(studio, title).boundingBox()) ?? {};
    return { left: x, right: x + width };
  };
  const gaps = async () => {
    const [a, b, c] = await Promise.all(["Sampler", "VAE Decode", "Save Image"].map(edges));
    return Math.abs(b!.left - a!.right - (c!.left - b!.right));
  };
  await expect.poll(gaps).toBeLessThan(2);

  await heading(studio, "Sampler").click();
  await studio.keyboard.press("Shift+P");
  await expect(node(studio, "Sampler").getByLabel("Locked")).toBeVisible();
  // The canvas hears with its next frame that Shift is let go, which chooses several; a hand is not that quick.
  await studio.evaluate("new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))");
  const before = await left(studio, "Sampler");
  await drag(studio, heading(studio, "Sampler"), { x: 500, y: 700 });
  await studio.mouse.up();
  expect(await left(studio, "Sampler")).toBe(before);
  await studio.keyboard.press("Delete");
  await expect(studio.getByText("Locked nodes stay.")).toBeVisible();
  await expect(node(studio, "Sampler")).toBeVisible();
  await studio.keyboard.press("Shift+F10");
  await expect(studio.getByRole("menuitem", { name: /^Unlock/ })).toBeVisible();
  await expect(studio.getByRole("menuitem", { name: /^(Pin|Unpin)/ })).toHaveCount(0);
  // A menu takes the keyboard a moment after it is seen: until then Escape would let go of the node, too.
  await expect(studio.locator("[role=menu]:focus, [role=menu] :focus")).toHaveCount(1);
  await studio.keyboard.press("Escape");
  await expect(studio.getByRole("menu")).toHaveCount(0);
  await studio.keyboard.press("Shift+P");
  await expect(node(studio, "Sampler").getByLabel("Locked")).toHaveCount(0);

  await studio.keyboard.press("Alt+c");
  await expect(node(studio, "Sampler").getByRole("spinbutton", { name: "Steps" })).toHaveCount(0);
  await expect(link(studio, "sampler latent → decode latent")).toBeAttached();
  await studio.keyboard.press("F2");
  await studio.keyboard.type("My sampler");
  await studio.keyboard.press("Enter");
  await expect(node(studio, "My sampler")).toBeVisible();
  await studio.keyboard.press("ControlOrMeta+b");
  await expect(node(studio, "My sampler").getByText("Bypassed")).toBeVisible();

  // Each of these was one step.
  await studio.keyboard.press("ControlOrMeta+z");
  await expect(node(studio, "My sampler").getByText("Bypassed")).toHaveCount(0);
  await studio.keyboard.press("ControlOrMeta+z");
  await expect(node(studio, "Sampler")).toBeVisible();
  await studio.keyboard.press("ControlOrMeta+z");
  await expect(node(studio, "Sampler").getByRole("spinbutton", { name: "Steps" })).toBeVisible();
  await studio.keyboard.press("ControlOrMeta+z");
  await expect(node(studio, "Sampler").getByLabel("Locked")).toBeVisible();
  await studio.keyboard.press("ControlOrMeta+Shift+z");
  await expect(node(studio, "Sampler").getByLabel("Locked")).toHaveCount(0);
});

test("positions snap to the grid when that is wanted", async ({ studio }) => {
  await studio.keyboard.press("ControlOrMeta+k");
  await studio.getByRole("combobox").fill("snap");
  await studio.keyboard.press("Enter");
  await drag(studio, heading(studio, "VAE Decode"), { x: 1003, y: 407 });
  await studio.mouse.up();
  const place = studio.locator('.react-flow__node[data-id="decode"]');
  await expect
    .poll(() =>
      place.evaluate((element) =>
        /translate\((-?\d+)px, ?(-?\d+)px\)/
          .exec((element as never as { style: { transform: string } }).style.transform)
          ?.slice(1)
          .map((n) => Math.abs(Number(n) % 20)),
      ),
    )
    .toEqual([0, 0]);
});

test("notes are written in Markdown", async ({ studio }) => {
  await studio.locator(".react-flow__pane").dblclick({ position: { x: 980, y: 20 } });
  await search(studio).fill("note");
  await studio.keyboard.press("Enter");
  const note = node(studio, "Note").last();
  await note.dblclick();
  await note.getByRole("textbox").fill("# Plan\n\n- **two** things");
  await studio.locator(".react-flow__pane").click({ position: { x: 8, y: 200 } });
  await expect(note.getByRole("heading", { name: "Plan" })).toBeVisible();
  await expect(note.locator("strong", { hasText: "two" })).toBeVisible();
  // By key, too: Enter writes, Escape goes back to the canvas.
  await note.getByRole("heading", { name: "Plan" }).click();
  await studio.keyboard.press("Enter");
  await expect(note.getByRole("textbox")).toBeFocused();
  await studio.keyboard.press("ControlOrMeta+End");
  await studio.keyboard.type(" more");
  await studio.keyboard.press("Escape");
  await expect(note.getByText("things more")).toBeVisible();
  await studio.keyboard.press("ControlOrMeta+z");
  await expect(note.getByText("things more")).toHaveCount(0);
});

test("nodes travel to another window with the links among them, and back", async ({ studio, context, host }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await heading(studio, "VAE Decode").click();
  await heading(studio, "Save Image").click({ modifiers: ["Shift"] });
  await studio.keyboard.press("Shift+F10");
  await choose(studio, /^Cut/);
  await expect(node(studio, "Save Image")).toHaveCount(0);
  const other = await context.newPage();
  await other.goto(host.url);
  await expect(other.getByRole("button", { name: "Run", exact: true })).toBeVisible();
  await other.keyboard.press("Alt+n");
  await expect(other.getByRole("heading", { name: "An empty workflow" })).toBeVisible();
  await other.keyboard.press("ControlOrMeta+v");
  await expect(link(other, "decode image → save image")).toBeAttached();
  await other.close();
  await studio.keyboard.press("ControlOrMeta+z");
  await expect(link(studio, "sampler latent → decode latent")).toBeAttached();
  await studio.keyboard.press("ControlOrMeta+v");
  await expect(node(studio, "Save Image")).toHaveCount(2);
  // In the same workflow what fed them feeds the copies too.
  await expect(link(studio, "sampler latent → decode-2 latent")).toBeAttached();
});

test("a dropped picture becomes a Load Image node; one of Heddle's or ComfyUI's brings its workflow", async ({
  studio,
}) => {
  const plain = await sharp({ create: { width: 64, height: 64, channels: 3, background: "teal" } })
    .png()
    .toBuffer();
  const folder = test.info().outputPath();
  const devtools = await studio.context().newCDPSession(studio);
  /** As the system hands a file over that somebody drags from its desktop into the browser. */
  const drop = async (file: string) => {
    const at = { x: 500, y: 780, data: { items: [], files: [file], dragOperationsMask: 1 } };
    for (const type of ["dragEnter", "dragOver", "drop"] as const) {
      await devtools.send("Input.dispatchDragEvent", { type, ...at });
    }
  };
  const put = async (name: string, bytes: Uint8Array) => {
    await mkdir(folder, { recursive: true });
    const file = join(folder, name);
    await writeFile(file, bytes);
    return file;
  };
  await drop(await put("teal.png", plain));
  await expect(node(studio, "Load Image").locator("img")).toBeVisible();
  await makePicture(folder, { name: "own.png", prompt: "a blue boat", seed: 77 });
  await drop(join(folder, "own.png"));
  await expect(node(studio, "Prompt").getByRole("textbox", { name: "Prompt" })).toHaveValue("a blue boat");
  await expect(node(studio, "Sampler").getByRole("textbox", { name: "Seed" })).toHaveValue("77");
  const api = {
    "1": { class_type: "CLIPTextEncode", inputs: { text: "a red house" } },
  };
  await drop(await put("comfy.png", addPngText(plain, { prompt: JSON.stringify(api) })));
  await studio.getByRole("dialog").getByRole("button", { name: "Show the workflow" }).click();
  await expect(node(studio, "Prompt").getByRole("textbox", { name: "Prompt" })).toHaveValue("a red house");
});
