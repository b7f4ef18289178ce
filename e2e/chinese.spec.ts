import { join, resolve } from "node:path";
import type { Browser, BrowserContext, Page } from "@playwright/test";
import { expect, type StudioHost, testOnFreshHost as test } from "./fixtures.ts";
import { inChinese } from "./in-chinese.ts";
import { makePicture } from "./pictures.ts";
import { openFresh, screens } from "./screens.ts";

test.use({ hostOf: "chinese" });

test.describe.configure({ mode: "parallel" });

/** Dialogs, menus and palettes over the canvas, one after the other in one window. */
const OVER_THE_CANVAS = [
  "main-menu",
  "command-palette",
  "node-search",
  "node-help",
  "form-arrange",
  "matrix",
  "templates",
  "models",
  "models-get",
  "models-downloads",
  "models-folders",
  "settings",
  "settings-devices",
  "shortcuts",
  "about",
  "gallery-filters",
];
/** What changes the window, each from the beginning. */
const IN_THE_WINDOW = [
  "tour",
  "start-page",
  "problem",
  "widgets",
  "form",
  "mask-editor",
  "run-log",
  "subgraph-inside",
  "report",
  "unsaved",
];

test("nothing is in English over the canvas of a Chinese window", async ({ browser, host }) => {
  await makePictures(host);
  const page = await openChinese(browser, host);
  const found: string[] = [];
  for (const name of OVER_THE_CANVAS) {
    await show(page, host, name);
    found.push(...(await englishIn(page, name)));
    // A menu or a dialog of a dialog goes before what it is of.
    const open = page.locator("[role=dialog], [role=menu], [role=listbox]");
    for (let times = 0; times < 3 && (await open.count()) > 0; times++) {
      const before = await open.count();
      await page.keyboard.press("Escape");
      await expect.poll(() => open.count()).toBeLessThan(before);
    }
  }
  await page.context().close();
  expect([...new Set(found)]).toEqual([]);
});

test("nothing is in English in a Chinese window and on its nodes", async ({ browser, host }) => {
  await makePictures(host);
  const found: string[] = [];
  for (const name of IN_THE_WINDOW) {
    const page = await openChinese(browser, host, name);
    await show(page, host, name);
    found.push(...(await englishIn(page, name)));
    await page.context().close();
  }
  expect([...new Set(found)]).toEqual([]);
});

async function openChinese(browser: Browser, host: StudioHost, name?: string): Promise<Page> {
  const settings = { ...screens.find((screen) => screen.name === name)?.settings, language: "zh-CN" as const };
  return openFresh(browser, host, { settings }, listen);
}

async function show(page: Page, host: StudioHost, name: string): Promise<void> {
  const screen = screens.find((one) => one.name === name);
  if (!screen) throw new Error(`There is no screen ${name}`);
  await screen.show(inChinese(page), host);
}

async function makePictures({ outputFolder }: StudioHost): Promise<void> {
  const previews = resolve(import.meta.dirname, "../resources/templates/previews");
  for (const [seed, name] of ["text-to-image", "upscale", "wildcards", "hires-fix"].entries())
    await makePicture(outputFolder, {
      name: `${seed}.png`,
      prompt: PROMPT,
      seed,
      source: join(previews, `${name}.webp`),
    });
}

/** Writes down whatever a page says from its beginning on, in passing and to screen readers, too. */
async function listen(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const said = new Set<string>();
    Object.assign(globalThis, { said });
    const names = [
      "aria-label",
      "title",
      "placeholder",
      "alt",
      "aria-description",
      "aria-roledescription",
      "aria-valuetext",
    ];
    // What a person wrote, names in files, and what is printed on keys.
    const isOwn = (element: Element | null) => element?.closest("textarea, code, kbd, pre, script, style") !== null;
    const hear = (node: Node) => {
      if (node instanceof Text && !isOwn(node.parentElement)) said.add(`text\t${node.data}`);
      if (!(node instanceof Element)) return;
      for (const name of names) if (node.hasAttribute(name)) said.add(`${name}\t${node.getAttribute(name)}`);
      for (const child of node.childNodes) hear(child);
    };
    new MutationObserver((changes) => {
      for (const { type, target, addedNodes, attributeName } of changes) {
        if (type === "childList") addedNodes.forEach(hear);
        else if (type === "characterData") hear(target);
        else said.add(`${attributeName}\t${(target as Element).getAttribute(attributeName ?? "") ?? ""}`);
      }
    }).observe(document, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
      attributeFilter: names,
    });
  });
}

/** What a page said in English since it was asked last. */
async function englishIn(page: Page, screen: string): Promise<string[]> {
  expect(await page.locator("html").getAttribute("lang")).toBe("zh-CN");
  // Written as text: the compiler's own helpers are not in the page.
  const said = await page.evaluate<string[]>("{ const all = [...said]; said.clear(); all }");
  return said.flatMap((one) => {
    const [kind = "", ...text] = one.split("\t");
    const english = englishOf(text.join("\t"));
    return english === undefined ? [] : [`${screen}, ${kind}: ${english}`];
  });
}

const PROMPT = "a red mushroom";

/** The same in every language: names of programs, models, formats, libraries and licences, units, and what people wrote. */
const SAME = new RegExp(
  [
    String.raw`(?:\/|https?:)[\w./:-]*`,
    String.raw`[\w%{}-]+\.(?:png|json|safetensors|yaml|txt)`,
    String.raw`Comfy-Org\/\w+|[\w-]+\/[\w.-]+`,
    "Heddle Starter \\((?:turbo|base)\\)|Heddle|ComfyUI|Forge|Hugging Face|English|React Flow \\(xyflow\\)|Base UI",
    "Inter|Lucide|React|ONNX Runtime|elk \\(Eclipse Layout Kernel\\)|sharp, libvips|zustand, cmdk, i18next, TanStack Virtual, zod, oRPC",
    "ISC|MIT|Linux|(?:Apache|LGPL|EPL|OFL)-\\d\\.\\d",
    "Z-Image(?:-Turbo)?(?:-Fun-Controlnet-Union)?|ControlNet(?: Union)?|Turbo|LoRA|VAE|Lite|Qwen3(?:-4B)?|Flux|GGUF|starter",
    "Failed to (?:get a WebGPU adapter: No supported adapters|load shared library)|AMD EPYC|Intel|Apple",
    // Commands for a terminal, and what programs call settings.
    "heddle inspect|npm run setup:cuda|\\b[a-z]+\\.[a-z]+\\b",
    "Data URI",
    "neon-outline|\\bink\\b|\\bturbo\\b|SomethingNobodyKnows|\\bcomfy\\b|\\bconditioning\\b|Red mushroom|\\bDraw\\b|\\b(?:MB|KB|GB|ms|min|px|dB|MP)\\b",
    "a change|a red house|a red mushroom(?: on a light green background)?|a \\(red:1\\.2\\) mushroom|\\(red:1\\.2\\)|\\bmushroom\\b",
    "a desert at dawn with a (?:purple|green) balloon|a yellow star on a purple background|a brown boat on a cyan background",
    "a large orange cat on a gray background|green hills on a sunny day with a yellow house",
  ].join("|"),
  "g",
);

/**
 * A text that has words which are neither Chinese nor the same everywhere: any where no Chinese is beside them, two in a row
 * within Chinese, which has names of files and terms in it.
 */
function englishOf(text: string): string | undefined {
  const words = text.replaceAll(SAME, "·");
  const isEnglish = /\p{Script=Han}/u.test(text)
    ? /[A-Za-z]*[a-z]{2,}[,.:]? [a-z]{2,}/.test(words)
    : /[A-Z]?[a-z]{2,}/.test(words);
  return isEnglish ? text : undefined;
}
