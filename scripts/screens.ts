import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { chromium, type Page } from "@playwright/test";
import sharp from "sharp";
import { startHost } from "../e2e/fixtures.ts";
import { makePicture } from "../e2e/pictures.ts";
import { openFresh, type Screen, screens, showTheme } from "../e2e/screens.ts";
import { findBrowser } from "./browser.ts";
import { build } from "./build.ts";

/**
 * Takes pictures of every screen, in all three themes and in a small window, for looking at them and for `docs/screens`.
 * Ends with 1, and names them, when there are screens that could not be shown.
 *
 *     npm run screens [-- --only gallery,viewer] [--out FOLDER]
 */
const root = resolve(import.meta.dirname, "..");
const previews = join(root, "resources/templates/previews");
/** Pictures of templates, as if they had been drawn here. */
const drawn = [
  ["text-to-image", "a red mushroom on a light green background"],
  ["upscale", "a blue house on a yellow background"],
  ["wildcards", "an orange star on a black background"],
  ["prompt-builder", "a yellow star on a blue background"],
  ["hires-fix", "a red house under a mountain at sunset"],
  ["image-to-image", "a house under a starry sky"],
  ["inpaint", "a desert at dawn with a green balloon"],
  ["outpaint", "a desert at dawn with purple balloons"],
  ["inpaint-by-hand", "red houses at sunset"],
  ["seed-variance", "a purple square on a white background"],
  ["text-to-image-base", "a green tree and a yellow moon"],
  ["lora", "a butterfly, neon outline"],
] as const;
const SMALL = { width: 1024, height: 640 };
/** Two pictures that are alike are enough; something that goes on does not get more looks than this. */
const MOST_LOOKS = 6;

const { values } = parseArgs({
  options: { only: { type: "string" }, out: { type: "string", default: join(root, "docs/screens") } },
});
const only = values.only?.split(",");

await build();
await mkdir(values.out, { recursive: true });
await using started = await startHost();
const { host } = started;
for (const [at, [name, prompt]] of drawn.entries()) {
  const source = join(previews, `${name}.webp`);
  const made = new Date(2026, 10, 21, 9, 60 - at * 5);
  const file = `2026-11-21/${prompt.replaceAll(" ", "-")}-${at + 1}.png`;
  await makePicture(host.outputFolder, {
    name: file,
    prompt,
    seed: at + 1,
    steps: 4 + (at % 5),
    source,
    side: 384,
    at: made,
  });
}
const found = findBrowser();
const browser = await chromium.launch({
  chromiumSandbox: process.getuid?.() !== 0,
  ...(found ? { executablePath: found.executablePath } : {}),
});
const failed: string[] = [];
try {
  for (const screen of screens) {
    if (only && !only.includes(screen.name)) continue;
    const error = await attempt(screen)
      .catch(() => attempt(screen))
      .catch((reason: unknown) => reason);
    if (error === undefined) console.log(screen.name);
    else {
      failed.push(screen.name);
      console.error(`${screen.name}: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`);
    }
  }
} finally {
  await browser.close();
}
if (failed.length > 0) {
  console.error(`Not taken: ${failed.join(",")}`);
  process.exitCode = 1;
}

/** Goes to a screen in a window of its own and takes it; what it began ends with it. */
async function attempt(screen: Screen): Promise<void> {
  const page = await openFresh(browser, host, screen);
  try {
    await screen.show(page, host);
    await showTheme(page, "dark");
    await take(await settled(page), `${screen.name}-dark`);
    // Only colours change.
    for (const theme of ["light", "contrast"] as const) {
      await showTheme(page, theme);
      await take(await page.screenshot({ animations: "disabled" }), `${screen.name}-${theme}`);
    }
    await showTheme(page, "dark");
    await page.setViewportSize(SMALL);
    await take(await settled(page), `${screen.name}-small`);
    await screen.leave?.(page);
  } finally {
    await page.context().close();
  }
}

async function take(png: Buffer, name: string): Promise<void> {
  await sharp(png)
    .webp({ quality: 86 })
    .toFile(join(values.out, `${name}.webp`));
}

/** A picture of the page as it stays: what moves on its own, as a run does, is taken as it is after a few looks. */
async function settled(page: Page): Promise<Buffer> {
  await page.waitForLoadState("networkidle");
  // The page's policy refuses the code that Playwright's own waiting would evaluate in it; a promise it waits for itself.
  await page.evaluate(`document.fonts.ready.then(() => Promise.all([...document.images]
    .filter((image) => image.getBoundingClientRect().top < innerHeight && image.offsetParent !== null)
    .map((image) => image.decode().catch(() => undefined)))).then(() => undefined)`);
  let before = await page.screenshot({ animations: "disabled" });
  for (let looks = 1; looks < MOST_LOOKS; looks++) {
    const now = await page.screenshot({ animations: "disabled" });
    if (now.equals(before)) break;
    before = now;
  }
  return before;
}
