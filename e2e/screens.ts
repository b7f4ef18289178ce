import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Browser, type BrowserContext, expect as base, type Page } from "@playwright/test";
import turbo from "../resources/templates/text-to-image.json" with { type: "json" };
import { drawLarge, node, openByKeys, setNumber, withoutFileHandles } from "./actions.ts";
import type { StudioHost } from "./fixtures.ts";

/** Also outside of a test, and on a slow machine: whatever is waited for may take this long. */
const PATIENCE_MS = 90_000;
const expect = base.configure({ timeout: PATIENCE_MS });

/** One thing that a person can have before them. */
export interface Screen {
  /** Also the name of its picture in docs/screens. */
  readonly name: string;
  /** Goes there from the canvas with the default workflow; there are four saved pictures. */
  readonly show: (page: Page, host: StudioHost) => Promise<void>;
  /** What else is set, in a window that nobody has used yet. */
  readonly settings?: { readonly tourSeen?: boolean; readonly language?: "zh-CN" };
  /** Whether all of the graph is brought into view again when the window becomes smaller: where the graph is what is shown. */
  readonly isOfGraph?: boolean;
  /** Whether it opens where one points, and again when the window becomes smaller: what it is of stands elsewhere then. */
  readonly isAtPoint?: boolean;
  /** Ends what would go on behind the screens that follow. */
  readonly leave?: (page: Page) => Promise<void>;
}

const dialog = (page: Page) => page.getByRole("dialog").last();

/** Runs a command by its name, as the palette lists it. */
export async function command(page: Page, name: string): Promise<void> {
  await page.keyboard.press("ControlOrMeta+k");
  const search = page.getByPlaceholder("Search commands", { exact: true });
  await search.fill(name);
  await page
    .getByRole("option", { name: new RegExp(`^${name}( |$)`) })
    .first()
    .click();
  await expect(search).toBeHidden();
}

const dialogOf =
  (name: string): Screen["show"] =>
  async (page) => {
    await command(page, name);
    await expect(dialog(page)).toBeVisible();
  };

const modelPage =
  (name: RegExp): Screen["show"] =>
  async (page, host) => {
    await dialogOf("Models")(page, host);
    await dialog(page).getByRole("button", { name }).first().click();
  };

/** With an installation of ComfyUI open in it. */
async function folderChooser(page: Page, host: StudioHost): Promise<void> {
  const installed = join(host.homeFolder, "programs", "ComfyUI");
  for (const name of ["comfy", "custom_nodes", "input", "models/loras", "output", "script_examples", ".git"])
    await mkdir(join(installed, name), { recursive: true });
  await modelPage(/^Folders and disk/)(page, host);
  await dialog(page).getByRole("textbox", { name: "Path of a folder" }).fill(installed);
  await dialog(page).getByRole("button", { name: "Browse…" }).click();
  await expect(page.getByText("This looks like an installation of ComfyUI.")).toBeVisible();
}

async function openGallery(page: Page): Promise<void> {
  await command(page, "Gallery");
  await expect(dialog(page).getByRole("option").nth(3)).toBeVisible();
}

/**
 * Opens the nodes of the default workflow that are named, where they are put, and the links among them; `more` goes along. No
 * link runs behind a card, which the layout of the whole workflow cannot say when cards are added or taken together.
 */
async function openPlaced(
  page: Page,
  { homeFolder }: StudioHost,
  places: Readonly<Record<string, { x: number; y: number }>>,
  more: {
    nodes: readonly object[];
    links: readonly { id: string; from: object; to: object }[];
    /** Inputs that are left open. */
    without?: readonly string[];
  } = { nodes: [], links: [] },
): Promise<void> {
  const isReplaced = (to: { node: string; port: string }) =>
    more.without?.includes(to.port) || more.links.some((link) => JSON.stringify(link.to) === JSON.stringify(to));
  const document = {
    ...turbo,
    title: "Red mushroom",
    nodes: [
      ...turbo.nodes.flatMap((one) => (places[one.id] ? [{ ...one, position: places[one.id] }] : [])),
      ...more.nodes,
    ],
    links: [
      ...turbo.links.filter(({ from, to }) => places[from.node] && places[to.node] && !isReplaced(to)),
      ...more.links,
    ],
  };
  const path = join(homeFolder, "placed.json");
  await writeFile(path, JSON.stringify(document));
  await openByKeys(page, path);
  // The one that is there at the start has a note.
  await expect(node(page, "Note")).toHaveCount(0);
  await expect(node(page, "Load Model")).toBeVisible();
}

/** Sampler and VAE Decode, to be taken together into one subgraph, with the dialog that asks how. */
async function collapse(page: Page, host: StudioHost): Promise<void> {
  await openPlaced(page, host, {
    model: { x: 0, y: 20 },
    prompt: { x: 340, y: -230 },
    size: { x: 340, y: 240 },
    sampler: { x: 680, y: 210 },
    decode: { x: 1020, y: 20 },
    save: { x: 1020, y: 210 },
  });
  await node(page, "VAE Decode").getByRole("heading").click();
  await node(page, "Sampler")
    .getByRole("heading")
    .click({ modifiers: ["Shift"] });
  await command(page, "Collapse into a subgraph");
  await dialog(page).getByRole("textbox", { name: "Name", exact: true }).fill("Draw");
  await dialog(page).getByRole("checkbox", { name: "Seed" }).check();
}

async function openTemplate(page: Page, name: RegExp): Promise<void> {
  await command(page, "New from template…");
  await dialog(page).getByRole("button", { name }).first().click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
}

/** Runs the workflow, to the picture on its node. */
async function run(page: Page): Promise<void> {
  await page.keyboard.press("ControlOrMeta+Enter");
  const picture = node(page, "Save Image").getByRole("button", { name: /^Open picture/ });
  await expect(picture).toBeVisible();
  await expect(page.getByRole("button", { name: "Run", exact: true })).toBeEnabled();
}

async function setUpMatrix(page: Page): Promise<void> {
  await command(page, "Try several values…");
  for (const [param, values] of [
    ["steps", "2, 8"],
    ["seed", "1, 2"],
  ] as const) {
    await dialog(page).getByRole("combobox", { name: "Add a parameter…" }).selectOption(`sampler\n${param}`);
    await dialog(page).getByRole("textbox", { name: "Values of" }).last().fill(values);
  }
}

/** Every screen there is, in the order in which one meets them. */
export const screens: readonly Screen[] = [
  {
    name: "canvas",
    isOfGraph: true,
    show: async (page) => {
      // The first window is there before the count of tokens is.
      await expect(node(page, "Prompt").getByText(/\d+ \/ \d+ tokens/)).toBeVisible();
    },
  },
  {
    name: "tour",
    settings: { tourSeen: false },
    show: async (page) => {
      await expect(page.getByRole("complementary", { name: "Your first picture" })).toBeVisible();
    },
  },
  {
    name: "chinese",
    settings: { language: "zh-CN" },
    show: async (page) => {
      await page.getByRole("tab", { name: "起始页" }).click();
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    },
  },
  {
    name: "start-page",
    show: async (page) => {
      await Promise.all([page.waitForEvent("download"), page.keyboard.press("ControlOrMeta+s")]);
      await page.getByRole("tab", { name: "Start page" }).click();
      await expect(page.getByRole("region", { name: "Recent workflows" })).toBeVisible();
    },
  },
  {
    name: "main-menu",
    show: async (page) => {
      await page.getByRole("button", { name: "Main menu" }).click();
      await expect(page.getByRole("menu")).toBeVisible();
    },
  },
  {
    name: "command-palette",
    show: async (page) => {
      await page.keyboard.press("ControlOrMeta+k");
      await expect(page.getByRole("option").first()).toBeVisible();
    },
  },
  {
    name: "node-search",
    show: async (page) => {
      await page.getByRole("toolbar").getByRole("button", { name: "Add node" }).click();
      await page.getByRole("combobox", { name: "Search nodes" }).fill("image");
      // The best is chosen, and in view.
      await expect(page.getByRole("option", { selected: true })).toBeInViewport({ ratio: 1 });
    },
  },
  {
    name: "context-menu",
    isAtPoint: true,
    show: async (page) => {
      await node(page, "Sampler").getByRole("heading").click({ button: "right" });
      await expect(page.getByRole("menu")).toBeVisible();
    },
  },
  {
    name: "node-help",
    show: async (page) => {
      await node(page, "Sampler").getByRole("heading").click({ button: "right" });
      await page.getByRole("menuitem", { name: "What this node does" }).click();
      await expect(dialog(page)).toBeVisible();
    },
  },
  {
    name: "problem",
    isOfGraph: true,
    show: async (page) => {
      await page.getByRole("group", { name: "model model → sampler model" }).focus();
      await page.keyboard.press("Enter");
      await page.keyboard.press("Delete");
      await expect(page.getByText("Connect Model to run this node.")).toBeVisible();
    },
  },
  {
    name: "widgets",
    isOfGraph: true,
    show: async (page, host) => {
      const stack = { id: "stack", type: "lora-stack", typeVersion: 1, mode: "active", position: { x: 340, y: 0 } };
      const link = (from: string, to: string, port: string, target = port) => ({
        id: `${from} ${to} ${target}`,
        from: { node: from, port },
        to: { node: to, port: target },
      });
      await openPlaced(
        page,
        host,
        {
          model: { x: 0, y: 0 },
          size: { x: 340, y: 390 },
          prompt: { x: 680, y: 0 },
          sampler: { x: 680, y: 290 },
        },
        {
          nodes: [{ ...stack, params: {} }],
          links: [
            link("model", "stack", "model"),
            link("model", "stack", "textEncoder"),
            link("stack", "sampler", "model"),
            link("stack", "prompt", "textEncoder"),
          ],
          // It would run behind the cards between.
          without: ["vae"],
        },
      );
      await node(page, "LoRA Stack").getByRole("button", { name: "Add LoRA" }).click();
      const prompt = node(page, "Prompt").getByRole("textbox", { name: "Prompt" });
      await prompt.fill("a (red:1.2) mushroom");
      await expect(node(page, "Prompt").getByText(/“\(red:1\.2\)”/)).toBeVisible();
      await page.locator(".react-flow__pane").click({ position: { x: 5, y: 5 } });
      await command(page, "Fit workflow in view");
    },
  },
  {
    name: "model-picker",
    show: async (page) => {
      await node(page, "Load Model").getByRole("combobox").first().click();
      await expect(page.getByPlaceholder("Search models")).toBeVisible();
    },
  },
  {
    name: "mask-editor",
    show: async (page) => {
      // On a light picture the red of the mask is seen.
      await openTemplate(page, /^Outpaint/);
      await node(page, "Load Image").getByRole("button", { name: "Paint a mask on this picture" }).click();
      const stage = dialog(page).getByRole("application");
      await expect(stage).toBeVisible();
      const box = await stage.boundingBox();
      if (!box) throw new Error("The picture has no place");
      const at = (x: number, y: number) => [box.x + box.width / 2 + x, box.y + box.height / 2 + y] as const;
      await page.mouse.move(...at(-90, 110));
      await page.mouse.down();
      for (const [x, y] of [
        [-40, 90],
        [20, 100],
        [80, 120],
      ] as const)
        await page.mouse.move(...at(x, y), { steps: 4 });
      await page.mouse.up();
      await expect(dialog(page).getByRole("button", { name: "Undo" })).toBeEnabled();
    },
  },
  {
    name: "form",
    show: async (page) => {
      await page.getByRole("button", { name: "Form", exact: true }).click();
      await expect(page.getByRole("button", { name: "Form", exact: true })).toHaveAttribute("aria-pressed", "true");
      await expect(node(page, "Sampler")).toHaveCount(0);
    },
  },
  {
    name: "result",
    isOfGraph: true,
    show: run,
  },
  {
    name: "queue",
    show: async (page) => {
      await run(page);
      await command(page, "Show or hide the queue");
      await expect(page.getByRole("complementary", { name: "Queue" })).toBeVisible();
    },
  },
  {
    name: "queue-at-work",
    show: async (page) => {
      // The results of this window beside the queue, which knows those of all.
      await run(page);
      await drawLarge(page, 20);
      await command(page, "Show or hide the queue");
      for (let times = 0; times < 3; times++) await page.keyboard.press("ControlOrMeta+Enter");
      const panel = page.getByRole("complementary", { name: "Queue" });
      await expect(panel.getByRole("region", { name: "Waiting" }).getByRole("listitem")).toHaveCount(2);
      await expect(panel.getByRole("progressbar")).toBeVisible();
      await expect(node(page, "Sampler").getByRole("progressbar")).toBeVisible();
    },
    leave: async (page) => {
      const panel = page.getByRole("complementary", { name: "Queue" });
      await panel.getByRole("button", { name: "Clear" }).click();
      await panel.getByRole("button", { name: "Stop this run" }).click();
      await expect(page.getByRole("button", { name: "Run", exact: true })).toBeVisible();
    },
  },
  {
    name: "run-log",
    show: async (page) => {
      await run(page);
      await command(page, "Show or hide the queue");
      await page.getByRole("button", { name: "Show in log" }).first().click();
      await expect(dialog(page).getByText(/Started: \d+ nodes/)).toBeVisible();
    },
  },
  {
    name: "tabs",
    isOfGraph: true,
    show: async (page) => {
      await openTemplate(page, /^Inpaint/);
      await setNumber(page, "Sampler", "Steps", 12);
      await openTemplate(page, /^Upscale/);
      await page.getByRole("tab", { name: /^Text to image/ }).click();
      await node(page, "Prompt").getByRole("textbox", { name: "Prompt" }).fill("a blue mushroom on a white background");
      await expect(node(page, "Prompt").getByText(/ 512 tokens$/)).toBeVisible();
    },
  },
  {
    name: "unsaved",
    show: async (page) => {
      await node(page, "Prompt").getByRole("textbox", { name: "Prompt" }).fill("a change");
      await command(page, "Close tab");
      await expect(dialog(page)).toBeVisible();
    },
  },
  {
    name: "viewer",
    show: async (page) => {
      await run(page);
      await node(page, "Save Image")
        .getByRole("button", { name: /^Open picture/ })
        .click();
      await expect(dialog(page).getByRole("img")).toBeVisible();
    },
  },
  { name: "gallery", show: openGallery },
  {
    name: "gallery-compare",
    show: async (page) => {
      await openGallery(page);
      await dialog(page).getByRole("option").nth(0).click();
      await dialog(page)
        .getByRole("option")
        .nth(1)
        .click({ modifiers: ["ControlOrMeta"] });
      await page.keyboard.press("c");
      await dialog(page).getByRole("button", { name: "What differs" }).click();
      await expect(dialog(page).getByRole("table")).toBeVisible();
    },
  },
  {
    name: "gallery-four",
    show: async (page) => {
      await openGallery(page);
      await dialog(page).getByRole("option").nth(0).click();
      await dialog(page)
        .getByRole("option")
        .nth(3)
        .click({ modifiers: ["Shift"] });
      await page.keyboard.press("c");
      await expect(dialog(page).getByRole("img")).toHaveCount(4);
    },
  },
  {
    name: "gallery-filters",
    show: async (page) => {
      await openGallery(page);
      await page.getByRole("button", { name: "Filters" }).click();
      await expect(page.getByRole("dialog", { name: "Filters" })).toBeVisible();
    },
  },
  {
    name: "gallery-trash",
    show: async (page) => {
      await openGallery(page);
      const pictures = dialog(page).getByRole("option");
      await pictures.nth(1).click();
      await pictures.nth(3).click({ modifiers: ["ControlOrMeta"] });
      await page.keyboard.press("Delete");
      await expect(dialog(page).getByText(/ in the trash\./)).toBeVisible();
      await dialog(page).getByRole("button", { name: "Trash", exact: true }).click();
      await expect(page.getByRole("dialog", { name: "Trash" })).toBeVisible();
      await expect(pictures).toHaveCount(2);
      await pictures.first().click();
    },
    // The screens that follow show them.
    leave: async (page) => {
      await page.keyboard.press("ControlOrMeta+a");
      await dialog(page).getByRole("button", { name: "Put back" }).click();
      await expect(page.getByText("The trash is empty.")).toBeVisible();
    },
  },
  {
    name: "models",
    show: async (page, host) => {
      await dialogOf("Models")(page, host);
      await expect(dialog(page).getByRole("region", { name: "Precision on this computer" })).toBeVisible();
    },
  },
  { name: "models-get", show: modelPage(/^Get models/) },
  { name: "models-downloads", show: modelPage(/^Downloads/) },
  { name: "models-folders", show: modelPage(/^Folders and disk/) },
  { name: "folder-chooser", show: folderChooser },
  {
    name: "subgraph",
    isOfGraph: true,
    show: async (page, host) => {
      await collapse(page, host);
      await dialog(page).getByRole("button", { name: "Done" }).click();
      await expect(node(page, "Draw")).toBeVisible();
      await command(page, "Fit workflow in view");
    },
  },
  { name: "subgraph-sockets", show: collapse },
  {
    name: "subgraph-inside",
    isOfGraph: true,
    show: async (page, host) => {
      await collapse(page, host);
      await dialog(page).getByRole("button", { name: "Done" }).click();
      await node(page, "Draw").getByRole("heading").dblclick();
      await expect(node(page, "Outputs")).toBeVisible();
      await expect(node(page, "Sampler").getByRole("button", { name: /^Seed .* set on Draw$/ })).toBeVisible();
    },
  },
  {
    name: "setting-menu",
    isAtPoint: true,
    show: async (page) => {
      await node(page, "Sampler").locator('[data-socket-row="steps"]').click({ button: "right" });
      await expect(page.getByRole("menu")).toBeVisible();
    },
  },
  {
    name: "form-arrange",
    show: async (page) => {
      await command(page, "Arrange the form…");
      await expect(dialog(page).getByRole("checkbox").first()).toBeVisible();
    },
  },
  { name: "matrix", show: setUpMatrix },
  {
    name: "matrix-results",
    show: async (page) => {
      await setUpMatrix(page);
      await dialog(page).getByRole("button", { name: "Queue 4 runs" }).click();
      await expect(page.getByText("4 of 4 done")).toBeVisible({ timeout: 2 * PATIENCE_MS });
    },
  },
  {
    name: "report",
    show: async (page, host) => {
      const path = join(host.homeFolder, "comfy.json");
      const api = {
        "1": { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "z_image.safetensors" } },
        "2": { class_type: "CLIPTextEncode", inputs: { text: "a red house", clip: ["1", 1] } },
        "3": { class_type: "SomethingNobodyKnows", inputs: { strength: 0.5, conditioning: ["2", 0] } },
      };
      await writeFile(path, JSON.stringify(api));
      const [chooser] = await Promise.all([page.waitForEvent("filechooser"), command(page, "Open…")]);
      await chooser.setFiles(path);
      await expect(dialog(page)).toBeVisible();
    },
  },
  { name: "templates", show: dialogOf("New from template…") },
  { name: "settings", show: dialogOf("Settings") },
  {
    name: "settings-devices",
    show: async (page, host) => {
      await dialogOf("Settings")(page, host);
      await dialog(page).getByRole("button", { name: "Devices" }).click();
      // Every device is tried first, in a process of its own.
      const machine = dialog(page).getByRole("region", { name: "This machine" });
      await expect(machine.getByRole("listitem").first()).toBeVisible();
    },
  },
  { name: "shortcuts", show: dialogOf("Keyboard shortcuts") },
  {
    name: "shortcuts-conflict",
    show: async (page, host) => {
      await dialogOf("Keyboard shortcuts")(page, host);
      await dialog(page).getByRole("searchbox").fill("queue");
      await dialog(page).getByRole("button", { name: "Change Q of Show or hide the queue" }).click();
      await page.keyboard.press("g");
      await expect(dialog(page).getByText("is also used by Gallery")).toBeVisible();
    },
  },
  { name: "about", show: dialogOf("About Heddle") },
  {
    name: "empty",
    show: async (page) => {
      await command(page, "New empty workflow");
      await expect(page.getByRole("heading", { name: "An empty workflow" })).toBeVisible();
    },
  },
];

/** A window that nobody has used yet, with the default workflow; close its context when it is done with. */
export async function openFresh(
  browser: Browser,
  host: StudioHost,
  screen: Pick<Screen, "settings">,
  prepare?: (context: BrowserContext) => Promise<void>,
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
  await withoutFileHandles(context);
  await prepare?.(context);
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const settings = { theme: "dark", tourSeen: true, ...screen.settings };
  await page.addInitScript((json) => localStorage.setItem("heddle.settings", json), JSON.stringify(settings));
  await page.goto(host.url);
  await expect(page.getByRole("article").first()).toBeVisible();
  await expect(page.getByText(/^(Ready|就绪)$/)).toBeVisible();
  return page;
}

/** The page in another theme, as it is. */
export async function showTheme(page: Page, theme: "dark" | "light" | "contrast"): Promise<void> {
  // Inherited colours would follow from element to element, a frame each.
  await page.addStyleTag({ content: "*, *::before, *::after { transition: none !important }" });
  const choice = page.getByRole("dialog").getByRole("combobox", { name: "Theme", exact: true });
  // Where it is chosen, it has to say so.
  if (await choice.isVisible()) await choice.selectOption(theme);
  else await page.evaluate(`document.documentElement.dataset.theme = ${JSON.stringify(theme)}`);
}
