import type { Page } from "@playwright/test";
import { drawLarge, node, setSteps } from "./actions.ts";
import { expect, test } from "./fixtures.ts";

const panel = (page: Page) => page.getByRole("complementary", { name: "Queue" });
const waiting = (page: Page) => panel(page).getByRole("region", { name: "Waiting" }).getByRole("listitem");
const names = (page: Page) => waiting(page).evaluateAll((rows) => rows.map((row) => row.getAttribute("aria-label")));
const runButton = (page: Page) => page.getByRole("button", { name: "Run", exact: true });

async function rename(page: Page, title: string): Promise<void> {
  await page.getByRole("tab", { selected: true }).dblclick();
  const field = page.getByRole("textbox", { name: "Workflow title" });
  await field.fill(title);
  await field.press("Enter");
}

test.beforeEach(async ({ studio }) => {
  await expect(node(studio, "Sampler")).toBeVisible();
  await studio.locator(".react-flow__pane").click({ position: { x: 8, y: 8 } });
  await studio.keyboard.press("q");
  await expect(panel(studio)).toBeVisible();
});

test("runs wait in a queue that is reordered by drag and by keyboard, prioritised, thinned out and cleared", async ({
  studio,
}) => {
  await drawLarge(studio, 20);
  await runButton(studio).click();
  await expect(panel(studio).getByRole("region", { name: "Running" }).getByRole("progressbar")).toBeVisible();
  for (const title of ["Alder", "Birch", "Cedar"]) {
    await rename(studio, title);
    await studio.keyboard.press("ControlOrMeta+Enter");
    await expect(waiting(studio).filter({ hasText: title })).toHaveCount(1);
  }
  await expect(studio.getByRole("button", { name: "Queue, 3 waiting" })).toBeVisible();
  // Whatever stands before them, names begin below each other.
  const beginOf = async (name: string) =>
    (await panel(studio).getByText(name, { exact: true }).first().boundingBox())?.x;
  expect(await beginOf("Alder")).toBe(await beginOf("Text to image"));
  const order = async () => (await names(studio)).map((name) => name?.split(",")[0]);
  await expect.poll(order).toEqual(["Alder", "Birch", "Cedar"]);

  await waiting(studio).filter({ hasText: "Cedar" }).focus();
  await studio.keyboard.press("Alt+ArrowUp");
  await expect.poll(order).toEqual(["Alder", "Cedar", "Birch"]);
  await expect(panel(studio).getByRole("status")).toHaveText("Moved to place 2 of 3");

  const first = await waiting(studio).first().boundingBox();
  const grip = await waiting(studio).filter({ hasText: "Birch" }).locator("svg").first().boundingBox();
  await studio.mouse.move((grip?.x ?? 0) + 4, (grip?.y ?? 0) + 4);
  await studio.mouse.down();
  await studio.mouse.move((grip?.x ?? 0) + 4, (first?.y ?? 0) + 6, { steps: 10 });
  await studio.mouse.up();
  await expect.poll(order).toEqual(["Birch", "Alder", "Cedar"]);

  await waiting(studio).filter({ hasText: "Cedar" }).getByRole("button", { name: "More" }).click();
  await studio.getByRole("menuitemradio", { name: "High" }).click();
  await expect.poll(order).toEqual(["Cedar", "Birch", "Alder"]);
  await studio.keyboard.press("Escape");
  await waiting(studio).filter({ hasText: "Birch" }).focus();
  await studio.keyboard.press("Delete");
  await expect.poll(order).toEqual(["Cedar", "Alder"]);
  // The keyboard goes on at the next one, and behind the last at the one before.
  await expect(waiting(studio).filter({ hasText: "Alder" })).toBeFocused();
  await studio.keyboard.press("Delete");
  await expect.poll(order).toEqual(["Cedar"]);
  await expect(waiting(studio).filter({ hasText: "Cedar" })).toBeFocused();

  await panel(studio).getByRole("button", { name: "Clear" }).click();
  await expect(waiting(studio)).toHaveCount(0);
  await panel(studio).getByRole("button", { name: "Stop this run" }).click();
  await expect(runButton(studio)).toBeVisible();
  await expect(panel(studio).getByRole("region", { name: "Ended" }).getByRole("listitem").first()).toBeVisible();
});

test("several runs are queued with one press, and the next run is judged by the last", async ({ studio }) => {
  await studio.getByRole("button", { name: "New random seed" }).waitFor();
  // A number that no other test draws with: nothing of the run is cached.
  await setSteps(studio, 12);
  await runButton(studio).click();
  await expect(runButton(studio)).toBeVisible({ timeout: 90_000 });
  const ended = panel(studio).getByRole("region", { name: "Ended" }).getByRole("listitem");
  await expect(ended.first().getByRole("button", { name: /^Open picture/ })).toBeVisible();
  // Its time; its memory where it rose, and always where one points.
  const facts = node(studio, "Sampler").getByTitle(/^Done\. Meanwhile, the engine.+\d (MB|GB)/);
  await expect(facts).toHaveText(/^\d[\d.,:]* (ms|s|min)( · \+\d[\d.,]* (MB|GB))?$/);

  const before = await ended.count();
  await drawLarge(studio, 4);
  const count = studio.getByRole("spinbutton", { name: "How many runs to queue" });
  await count.fill("3");
  await runButton(studio).click();
  await expect(waiting(studio)).toHaveCount(2);
  await expect(
    waiting(studio)
      .first()
      .getByText(/^about /),
  ).toBeVisible();
  await panel(studio).getByRole("button", { name: "Clear" }).click();
  await panel(studio).getByRole("button", { name: "Stop this run" }).click();
  await expect(runButton(studio)).toBeVisible();
  await expect.poll(() => ended.count()).toBeGreaterThan(before + 1);
  await count.fill("1");
});

test("what is chosen runs by itself, and all that waits is cancelled at once", async ({ studio }) => {
  await drawLarge(studio, 20);
  const chosen = studio.locator(".react-flow__node.selected");
  await node(studio, "Prompt").getByRole("heading").click();
  await expect(chosen).toHaveCount(1);
  await node(studio, "Image Size")
    .getByRole("heading")
    .click({ modifiers: ["Shift"] });
  await expect(chosen).toHaveCount(2);
  await studio.keyboard.press("ControlOrMeta+Shift+Enter");
  await expect(studio.getByRole("status").filter({ hasText: "Run finished" })).toBeAttached({ timeout: 90_000 });
  await expect(node(studio, "Prompt").getByText(/\d (ms|s)|Cached/)).toBeVisible();
  await expect(node(studio, "Sampler").getByRole("progressbar")).toHaveCount(0);
  for (const other of ["Sampler", "VAE Decode", "Save Image"])
    await expect(node(studio, other).getByText(/^\d[\d.,:]* (ms|s|min)|^Cached$/)).toHaveCount(0);

  for (let times = 0; times < 2; times++) await studio.keyboard.press("ControlOrMeta+Enter");
  await expect(waiting(studio)).toHaveCount(1);
  await studio.keyboard.press("ControlOrMeta+k");
  await studio.getByPlaceholder("Search commands").fill("Cancel all");
  await studio.keyboard.press("Enter");
  await expect(waiting(studio)).toHaveCount(0);
  await expect(runButton(studio)).toBeVisible();
});

test("a run of an unchanged workflow says that nothing has changed", async ({ studio }) => {
  await setSteps(studio, 2);
  await runButton(studio).click();
  await expect(studio.getByRole("status").filter({ hasText: "Run finished" })).toBeAttached({ timeout: 90_000 });
  await expect(runButton(studio)).toBeVisible();
  await runButton(studio).click();
  const notice = studio.getByText("Nothing has changed since the last run, so the result is the same.");
  await expect(notice).toBeVisible();
  await expect(node(studio, "Sampler").getByText("Cached")).toBeVisible();
  // It is said of the workflow, and not over a dialog.
  await studio.getByRole("button", { name: "Main menu" }).click();
  await studio.getByRole("menuitem", { name: "Settings" }).click();
  await expect(studio.getByRole("dialog", { name: "Settings" })).toBeVisible();
  await expect(notice).toBeHidden();
  // Nor again to whoever comes back from another tab.
  await studio.keyboard.press("Escape");
  await studio.getByRole("button", { name: "New workflow" }).click();
  await expect(node(studio, "Sampler")).toHaveCount(0);
  await studio.getByRole("tab", { name: /Text to image/ }).click();
  await expect(node(studio, "Sampler").getByText("Cached")).toBeVisible();
  // What is said of a tab is said by the frame after it is shown.
  await studio.evaluate(() => new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown))));
  expect(await notice.count()).toBe(0);
});

test("with auto-run on, a change draws by itself", async ({ studio }) => {
  await setSteps(studio, 2);
  await studio.getByRole("button", { name: "Run after every change" }).click();
  await node(studio, "Prompt").getByRole("textbox", { name: "Prompt" }).fill("a brown boat on a cyan background");
  await expect(node(studio, "Save Image").getByRole("button", { name: /^Open picture/ })).toBeVisible({
    timeout: 90_000,
  });

  // Several changes with no pause between them draw once. The page's clock stands still meanwhile: this does not hang on speed.
  await expect(runButton(studio)).toBeVisible();
  await rename(studio, "Debounced");
  const drawn = panel(studio)
    .getByRole("region", { name: "Ended" })
    .getByRole("listitem")
    .filter({ hasText: "Debounced" });
  await studio.clock.install();
  await studio.clock.pauseAt(Date.now() + 60_000);
  for (const words of ["a red boat", "a red boat at sea", "a red boat at sea, at night"])
    await node(studio, "Prompt").getByRole("textbox", { name: "Prompt" }).fill(words);
  await expect(drawn).toHaveCount(0);
  await studio.clock.runFor(5_000);
  await studio.clock.resume();
  await expect(drawn).toHaveCount(1, { timeout: 90_000 });
  await expect(runButton(studio)).toBeVisible();
  await studio.clock.runFor(5_000);
  await expect(runButton(studio)).toBeVisible();
  await expect(drawn).toHaveCount(1);
  await studio.getByRole("button", { name: "Run after every change" }).click();
});

test("the log of a run speaks the language of the window, and is copied in English", async ({ studio, context }) => {
  await setSteps(studio, 2);
  // What another test has drawn would come from the cache, without steps.
  await node(studio, "Prompt").getByRole("textbox", { name: "Prompt" }).fill("a word in the log");
  await rename(studio, "Spoken");
  await runButton(studio).click();
  const drawn = panel(studio)
    .getByRole("region", { name: "Ended" })
    .getByRole("listitem")
    .filter({ hasText: "Spoken" });
  await expect(drawn).toHaveCount(1, { timeout: 90_000 });
  await studio.getByRole("button", { name: "Settings", exact: true }).click();
  await studio.getByRole("menuitemradio", { name: "简体中文" }).click();
  await studio.keyboard.press("Escape");

  const ended = studio.getByRole("complementary", { name: "队列" }).getByRole("region", { name: "已结束" });
  await ended.getByRole("listitem").filter({ hasText: "Spoken" }).getByRole("button", { name: "在日志中查看" }).click();
  const log = studio.getByRole("dialog", { name: "运行日志" });
  await expect(log.getByText(/开始：\d+ 个节点。$/)).toBeVisible();
  await expect(log.getByText(/采样器：第 2 \/ 2 步$/)).toBeVisible();
  await expect(log.getByText(/保存图像：完成，用时 /)).toBeVisible();
  const lines = await log.getByRole("listitem").allInnerTexts();
  expect(lines.filter((line) => !/\p{Script=Han}/u.test(line))).toEqual([]);

  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await log.getByRole("button", { name: "复制日志" }).click();
  await expect(studio.getByText("日志已复制")).toBeVisible();
  const copied = await studio.evaluate<string>("navigator.clipboard.readText()");
  expect(copied).toMatch(/Z Started: \d+ nodes\.\n[\s\S]*Sampler: 2 of 2\n/);
  expect(copied).not.toMatch(/\p{Script=Han}/u);
});
