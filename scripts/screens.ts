import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import sharp from "sharp";
import { startHost } from "../e2e/fixtures.ts";
import { makePicture } from "../e2e/pictures.ts";
import { openFresh, screens, showTheme } from "../e2e/screens.ts";
import { findBrowser } from "./browser.ts";
import { build } from "./build.ts";

/**
 * Takes pictures of every screen, in both themes and in a small window, for looking at them and for `docs/screens`.
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
try {
  for (const screen of screens) {
    if (only && !only.includes(screen.name)) continue;
    const page = await openFresh(browser, host, "dark");
    const take = async (suffix: string) => {
      const png = await page.screenshot({ animations: "disabled" });
      await sharp(png)
        .webp({ quality: 86 })
        .toFile(join(values.out, `${screen.name}-${suffix}.webp`));
    };
    try {
      await screen.show(page, host);
      // Pictures come in a moment after the words.
      await page.waitForLoadState("networkidle");
      // The page's policy refuses the code that Playwright's own waiting would evaluate in it.
      while (!(await page.evaluate("[...document.images].every((image) => image.complete)"))) {
        await page.waitForTimeout(100);
      }
      await take("dark");
      await showTheme(page, "light");
      await take("light");
      await showTheme(page, "dark");
      await page.setViewportSize(SMALL);
      await take("small");
      console.log(screen.name);
    } catch (error) {
      console.error(`${screen.name}: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`);
      process.exitCode = 1;
    } finally {
      await page.context().close();
    }
  }
} finally {
  await browser.close();
}
