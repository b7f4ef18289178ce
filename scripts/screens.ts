import { mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { chromium, type Page } from "@playwright/test";
import sharp from "sharp";
import { startHost } from "../e2e/fixtures.ts";
import { makePicture } from "../e2e/pictures.ts";
import { command, openFresh, type Screen, screens, showTheme } from "../e2e/screens.ts";
import { findBrowser } from "./browser.ts";
import { build } from "./build.ts";

/**
 * Takes pictures of every screen, in all three themes and in a small window, for looking at them and for `docs/screens`.
 * Ends with 1, and names them, when there are screens that could not be shown.
 *
 *     npm run screens [-- --only gallery,viewer] [--out FOLDER]
 */
const root = resolve(import.meta.dirname, "..");
const templates = join(root, "resources/templates");
/** Pictures of templates, as if they had been drawn here. */
const drawn = [
  ["previews/text-to-image", "a red mushroom on a light green background"],
  ["previews/upscale", "a blue house on a yellow background"],
  ["previews/wildcards", "an orange star on a black background"],
  ["previews/prompt-builder", "a yellow star on a blue background"],
  ["previews/hires-fix", "a red house under a mountain at sunset"],
  ["pictures/aae97e9ec31fff5ad981626299010ef395dca352bf339058d40f85fa915c1d84", "red houses at sunset"],
  [
    "pictures/bc1990f3e0a57780f92185c436645adbb5dd66b5f7d013f984a99e93d8833fdc",
    "a desert at dawn with purple balloons",
  ],
  ["previews/upscale-with-model", "mountains at sunset"],
  ["previews/text-to-image-base", "a green tree and a yellow moon"],
  ["previews/lora", "a butterfly, neon outline"],
  ["previews/lora-lab", "a butterfly, neon and ink"],
  ["previews/safety-check", "a red mushroom, out of focus"],
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
await using started = await startHost({}, await neutralFolder());
const { host } = started;
for (const [at, [name, prompt]] of drawn.entries()) {
  const source = join(templates, `${name}.webp`);
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
      await take(await page.screenshot(), `${screen.name}-${theme}`);
    }
    await showTheme(page, "dark");
    await page.setViewportSize(SMALL);
    if (screen.isOfGraph) await command(page, "Fit workflow in view");
    if (screen.isAtPoint) {
      await page.keyboard.press("Escape");
      await screen.show(page, host);
    }
    await take(await settled(page), `${screen.name}-small`);
    await screen.leave?.(page);
  } finally {
    await page.context().close();
  }
}

/** A folder whose name can be shown: that of nobody's machine. Another one where somebody takes pictures at the same time. */
async function neutralFolder(): Promise<string> {
  const usual = join(tmpdir(), "heddle");
  return mkdir(usual).then(
    () => usual,
    () => mkdtemp(`${usual}-`),
  );
}

async function take(png: Buffer, name: string): Promise<void> {
  await sharp(png)
    .webp({ quality: 86 })
    .toFile(join(values.out, `${name}.webp`));
}

/** A picture of the page as it stays: what moves on its own, as a run does, is taken as it is after a few looks. */
async function settled(page: Page): Promise<Buffer> {
  // Nothing is pointed at, and what was said in passing is gone.
  await page.mouse.move(0, 0);
  for (const notice of await page
    .locator("[aria-live=polite] > [data-tone=success], [aria-live=polite] > [data-tone=info]")
    .all())
    await notice.waitFor({ state: "detached" });
  await page.waitForLoadState("networkidle");
  // The page's policy refuses the code that Playwright's own waiting would evaluate in it; a promise it waits for itself.
  await page.evaluate(`document.fonts.ready.then(() => Promise.all([...document.images]
    .filter((image) => image.getBoundingClientRect().top < innerHeight && image.offsetParent !== null)
    .map((image) => image.decode().catch(() => undefined)))).then(() => undefined)`);
  let before = await page.screenshot();
  for (let looks = 1; looks < MOST_LOOKS; looks++) {
    const now = await page.screenshot();
    if (now.equals(before)) break;
    before = now;
  }
  return before;
}
