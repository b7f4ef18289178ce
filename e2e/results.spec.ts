import { rm } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { expectWorkflow, node, openByKeys, setSteps, withoutFileHandles } from "./actions.ts";
import { expect, testOnFreshHost as test } from "./fixtures.ts";

test.use({ hostOf: "results" });

const results = (page: Page) => page.getByRole("complementary", { name: "Results" }).getByRole("listitem");
const picture = (page: Page) => node(page, "Save Image").getByRole("button", { name: /^Open picture/ });

test("a workflow that is opened again shows what it made, in any browser, until the pictures are deleted", async ({
  studio,
  host,
  browser,
}, testInfo) => {
  await setSteps(studio, 2);
  await studio.getByRole("button", { name: "Run", exact: true }).click();
  await expect(results(studio)).toHaveCount(1, { timeout: 90_000 });
  const download = studio.waitForEvent("download");
  await studio.keyboard.press("ControlOrMeta+s");
  const file = testInfo.outputPath("drawn.json");
  await (await download).saveAs(file);

  // Another workflow from the same template has made nothing yet.
  await studio.getByRole("tab", { name: /^Start page/ }).click();
  const start = studio.getByRole("main", { name: "Start page" });
  // The file that was saved is a recent workflow of the same name, above the templates.
  const recent = start.getByRole("region", { name: "Recent workflows" });
  await expect(recent.getByRole("button", { name: /^Text to image/ })).toBeVisible();
  await start
    .getByRole("region", { name: "From words" })
    .getByRole("button", { name: /^Text to image A prompt/ })
    .click();
  await expectWorkflow(studio, "Text to image");
  await expect(node(studio, "Save Image")).toBeVisible();
  await expect(results(studio)).toHaveCount(0);

  const context = await browser.newContext();
  await withoutFileHandles(context);
  const other = await context.newPage();
  await other.goto(host.url);
  await expect(node(other, "Sampler")).toBeVisible();
  await expect(results(other)).toHaveCount(0);
  await openByKeys(other, file);
  await expect(results(other)).toHaveCount(1);
  await expect(picture(other)).toBeVisible();
  // They are of an earlier run: nothing claims to be done, or cached.
  await expect(node(other, "Save Image").getByTitle(/^(Done|Unchanged|Cached)/)).toHaveCount(0);
  await expect(node(studio, "Save Image").getByTitle(/^(Done|Unchanged|Cached)/)).toHaveCount(0);

  await rm(host.outputFolder, { recursive: true });
  await other.reload();
  await expect(node(other, "Sampler")).toBeVisible();
  await expectWorkflow(other, "Text to image");
  await expect(results(other)).toHaveCount(0);
  await context.close();
});
