import type { Page } from "@playwright/test";
import { node, setSteps } from "./actions.ts";
import { faults } from "./axe.ts";
import { expect, test } from "./fixtures.ts";

const tab = (page: Page, name: string | RegExp) => page.getByRole("tab", { name, exact: true });
const home = (page: Page) => page.getByRole("main", { name: "Start page" });
const row = (page: Page, command: string) =>
  page.getByRole("list", { name: "Keyboard shortcuts" }).getByRole("listitem").filter({ hasText: command });
const press = (page: Page, keys: string) => page.keyboard.press(keys);

test.beforeEach(async ({ studio }) => {
  await expect(node(studio, "Sampler")).toBeVisible();
});

test("the start page shows templates by what they draw, and workflows of before", async ({ studio }) => {
  const [download] = await Promise.all([studio.waitForEvent("download"), press(studio, "ControlOrMeta+s")]);
  await tab(studio, "Start page").click();
  await expect(home(studio).getByRole("region", { name: "Recent workflows" })).toBeVisible();
  // Templates that come first would move away from under the pointer when the list above them comes.
  await studio.addInitScript(() => {
    const page = globalThis as unknown as { firstOfHome?: string | null };
    new MutationObserver((_, observer) => {
      const first = document.querySelector("main section[aria-label]");
      if (!first) return;
      page.firstOfHome = first.getAttribute("aria-label");
      observer.disconnect();
    }).observe(document, { childList: true, subtree: true });
  });
  await studio.reload();
  await expect
    .poll(() => studio.evaluate(() => (globalThis as unknown as { firstOfHome?: string }).firstOfHome))
    .toBe("Recent workflows");
  const picture = home(studio)
    .getByRole("button", { name: /^Text to image/ })
    .locator("img")
    .first();
  await picture.scrollIntoViewIfNeeded();
  await expect
    .poll(() => picture.evaluate((img) => (img as unknown as { naturalWidth: number }).naturalWidth))
    .toBe(400);
  const search = home(studio).getByRole("searchbox", { name: "Search templates" });
  await search.fill("lora weights");
  const found = home(studio).getByRole("region", { name: "LoRA" }).getByRole("button");
  await expect(found.filter({ hasText: "LoRA weights, compared" })).toBeVisible();
  await expect(home(studio).getByRole("button", { name: /^Wildcards/ })).toHaveCount(0);
  await search.fill("nothing of the kind");
  await expect(home(studio).getByText("No template says “nothing of the kind”.")).toBeVisible();
  await search.fill("");

  const recent = home(studio).getByRole("region", { name: "Recent workflows" });
  await recent.getByRole("button", { name: new RegExp(download.suggestedFilename()) }).click();
  await expect(tab(studio, "Text to image")).toHaveCount(2);
  await expect(node(studio, "Sampler")).toBeVisible();
  await tab(studio, "Start page").click();
  await recent.getByRole("button", { name: "Forget Text to image" }).click();
  await expect(recent).toBeHidden();
});

test("the tour ends with a picture that somebody made", async ({ studio }) => {
  const tour = studio.getByRole("complementary", { name: "Your first picture" });
  await expect(tour.locator("[aria-current=step]")).toHaveText(/Write what you want to see/);
  await node(studio, "Prompt").getByRole("textbox", { name: "Prompt" }).fill("a yellow star on a purple background");
  await expect(tour.locator("[aria-current=step]")).toHaveText(/Press Run/);
  await expect(tour.getByRole("img", { name: "Done" })).toHaveCount(1);
  // It is of the workflow that it began with: there is nothing to write and to watch in an empty one.
  await studio.keyboard.press("Escape");
  await studio.keyboard.press("Alt+n");
  await expect(tour).toBeHidden();
  await tab(studio, /^Text to image/).click();
  await setSteps(studio, 2);
  await studio.getByRole("button", { name: "Run", exact: true }).click();
  await expect(tour.getByRole("heading", { name: "You made a picture" })).toBeVisible({ timeout: 90_000 });
  expect(await faults(studio)).toEqual([]);
  await tour.getByRole("button", { name: "Go on" }).click();
  await expect(tour).toBeHidden();
  await studio.reload();
  await expect(node(studio, "Sampler")).toBeVisible();
  await expect(tour).toBeHidden();
});

test("shortcuts are changed, their conflicts shown and settled, taken from ComfyUI and reset", async ({ studio }) => {
  await press(studio, "?");
  const dialog = studio.getByRole("dialog", { name: "Keyboard shortcuts" });
  await dialog.getByRole("searchbox").fill("queue");
  const queue = row(studio, "Show or hide the queue");
  await queue.getByRole("button", { name: "Change Q of Show or hide the queue" }).click();
  await press(studio, "g");
  await expect(queue.getByText("is also used by Gallery")).toBeVisible();
  await queue.getByRole("button", { name: "Only here" }).click();
  await expect(queue.getByText("is also used by Gallery")).toBeHidden();
  await press(studio, "Escape");
  await press(studio, "g");
  await expect(studio.getByRole("complementary", { name: "Queue" })).toBeVisible();
  await press(studio, "g");
  await expect(studio.getByRole("complementary", { name: "Queue" })).toBeHidden();

  await press(studio, "?");
  await dialog.getByRole("button", { name: "Reset all" }).click();
  await dialog.getByRole("combobox", { name: "Preset" }).selectOption("ComfyUI");
  await dialog.getByRole("searchbox").fill("start page");
  await expect(row(studio, "Start page").getByText("W", { exact: true })).toBeVisible();
  await dialog.getByRole("searchbox").fill("");
  const rows = studio.getByRole("list", { name: "Keyboard shortcuts" }).getByRole("listitem");
  await expect.poll(() => rows.count()).toBeGreaterThan(60);
  const withKeys = await rows.evaluateAll((all) =>
    all.map((each) => [each.querySelector("span")?.textContent ?? "", each.querySelector("kbd")?.textContent ?? ""]),
  );
  await press(studio, "Escape");
  await studio.getByRole("button", { name: "Main menu" }).click();
  await expect(studio.getByRole("menuitem").first()).toBeVisible();
  const inMenu = (
    await studio.getByRole("menuitem").evaluateAll((all) => all.map((item) => (item as HTMLElement).innerText))
  ).map((item) => item.split("\n")[0] ?? "");
  expect(inMenu.length).toBeGreaterThan(8);
  await press(studio, "Escape");
  await expect(studio.getByRole("menu")).toHaveCount(0);
  await press(studio, "w");
  await expect(home(studio)).toBeVisible();

  // The command palette has everything that has keys, with the keys that hold.
  await press(studio, "ControlOrMeta+k");
  for (const [name, keys] of [
    ["Run", "Ctrl+Enter"],
    ["Undo", "Ctrl+Z"],
    ["Collapse into a subgraph", "Ctrl+Shift+E"],
    ["Cut", "Ctrl+X"],
    ["Gallery", "G"],
  ] as const)
    await expect(studio.getByRole("option", { name: `${name} ${keys}`, exact: true })).toBeAttached();
  const listed = await studio
    .getByRole("option")
    .evaluateAll((all) =>
      all.map((each) => [each.querySelector("span")?.textContent ?? "", each.querySelector("kbd")?.textContent ?? ""]),
    );
  expect(listed).toEqual(expect.arrayContaining(withKeys));
  for (const item of inMenu) {
    await studio.getByRole("combobox", { name: "Command palette" }).fill(item);
    await expect(studio.getByRole("option").first(), item).toBeVisible();
  }
  await studio.getByRole("combobox", { name: "Command palette" }).fill("start page");
  await expect(studio.getByRole("option", { name: /Start page/ })).toContainText("W");
});

test("a long run that ends out of sight is told by the desktop, and brings its tab back", async ({
  page,
  host,
  context,
}) => {
  await context.grantPermissions(["notifications"]);
  await page.addInitScript(() => {
    // The browser's own, which headless nobody sees: what it was made with is noted.
    class Noted extends Notification {
      constructor(title: string, options?: NotificationOptions) {
        super(title, options);
        Object.assign(globalThis, { shown: this, shownText: `${this.title}: ${this.body}` });
      }
    }
    Object.assign(globalThis, { Notification: Noted });
    // Another window is in front.
    document.hasFocus = () => false;
  });
  // The host tells of a run that took long; drawing so long would show nothing more.
  await page.routeWebSocket(/\/rpc/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) =>
      socket.send(typeof message === "string" ? message.replace(/"totalMs":[\d.]+/g, '"totalMs":95000') : message),
    );
  });
  await page.goto(host.url);
  await expect(node(page, "Sampler")).toBeVisible();
  await press(page, "ControlOrMeta+,");
  const dialog = page.getByRole("dialog", { name: "Settings" });
  // The browser is asked first.
  const tell = dialog.getByRole("checkbox", { name: /Tell me when a long run ends/ });
  await tell.click();
  await expect(tell).toBeChecked();
  await press(page, "Escape");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  const shown = () => page.evaluate(() => (globalThis as unknown as { shownText?: string }).shownText);
  await expect.poll(shown, { timeout: 90_000 }).toBe("Text to image: Run finished in 1:35 min");
  await press(page, "Alt+h");
  await expect(home(page)).toBeVisible();
  await page.evaluate(() => (globalThis as unknown as { shown: { onclick(): void } }).shown.onclick());
  await expect(page.getByRole("tab", { name: /^Text to image/ })).toHaveAttribute("aria-selected", "true");
});

test("settings are found by a word; a notification is asked for when it is switched on", async ({
  studio,
  context,
}) => {
  await press(studio, "ControlOrMeta+,");
  const dialog = studio.getByRole("dialog", { name: "Settings" });
  // Who cannot read the language of the window finds their own.
  await dialog.getByRole("searchbox").fill("中文");
  await expect(dialog.getByRole("combobox", { name: "Language" })).toBeVisible();
  await dialog.getByRole("searchbox").fill("notification");
  const toggle = dialog.getByRole("checkbox", { name: /Tell me when a long run ends/ });
  await expect(toggle).toBeVisible();
  await expect(dialog.getByRole("checkbox")).toHaveCount(1);
  await context.grantPermissions(["notifications"]);
  await toggle.click();
  await expect(toggle).toBeChecked();
  await toggle.click();
  await expect(toggle).not.toBeChecked();
});

test("devices are told with what they are good for, and the precision that is chosen for a part is kept by the host", async ({
  studio,
}) => {
  const open = async () => {
    await press(studio, "ControlOrMeta+,");
    const dialog = studio.getByRole("dialog", { name: "Settings" });
    await dialog.getByRole("button", { name: "Devices" }).click();
    return dialog;
  };
  let dialog = await open();
  const machine = dialog.getByRole("region", { name: "This machine" });
  // Every device is tried in a process of its own.
  await expect(machine.getByRole("listitem").filter({ hasText: "Processor" })).toContainText("threads", {
    timeout: 60_000,
  });
  await expect(machine.getByText("In use")).toHaveCount(1);
  await expect(dialog.getByLabel("Compute with")).toHaveValue("auto");
  await expect(dialog.getByLabel("Memory for models")).toHaveValue("");
  await expect(dialog.getByText(/^Uses the processor: /)).toBeVisible();
  await expect(dialog.getByLabel("Transformer")).toHaveValue("auto");
  await dialog.getByLabel("Transformer").selectOption("reference");
  await expect(dialog.getByText("Memory 4 bytes a weight · exact")).toBeVisible();
  expect(await faults(studio, "[role=dialog]")).toEqual([]);

  await studio.reload();
  await expect(node(studio, "Sampler")).toBeVisible();
  dialog = await open();
  const precision = dialog.getByLabel("Transformer");
  await expect(precision).toHaveValue("reference");
  await expect(dialog.getByLabel("Text encoder")).toHaveValue("auto");
  await precision.selectOption({ label: "Automatic" });
  await expect(dialog.getByText("Memory 4 bytes a weight")).toBeHidden();
});

test("everything has its place in a window of 1024 by 640", async ({ studio }) => {
  await studio.setViewportSize({ width: 1024, height: 640 });
  for (let tabs = 0; tabs < 6; tabs++) await press(studio, "Alt+n");
  await press(studio, "q");
  const inside = async (name: string) => {
    const box = await studio.getByRole("button", { name, exact: true }).first().boundingBox();
    expect(box, name).not.toBeNull();
    expect((box?.x ?? 0) + (box?.width ?? 0), name).toBeLessThanOrEqual(1024);
    expect((box?.y ?? 0) + (box?.height ?? 0), name).toBeLessThanOrEqual(640);
  };
  for (const name of ["Run", "Main menu", "New workflow", "Command palette", "Close the queue", "Add node"])
    await inside(name);
  expect(await studio.evaluate("document.documentElement.scrollWidth")).toBe(1024);
  await expect(tab(studio, /^Untitled/).last()).toBeInViewport();

  // Where there is more is told by a line in strong contrast, in which nothing fades.
  await studio.evaluate(`document.documentElement.dataset.theme = "contrast"`);
  await press(studio, "ControlOrMeta+k");
  const commands = studio.getByRole("listbox");
  const edges = () =>
    commands.evaluate((list) => [getComputedStyle(list).borderTopColor, getComputedStyle(list).borderBottomColor]);
  const [none, line] = ["rgba(0, 0, 0, 0)", "rgb(255, 255, 255)"];
  await expect.poll(edges).toEqual([none, line]);
  await commands.evaluate((list) => list.scrollTo(0, list.scrollHeight));
  await expect.poll(edges).toEqual([line, none]);
});

test("the results are as wide as one draws them, with mouse and keyboard, and stay so", async ({ studio }) => {
  const strip = studio.getByRole("complementary", { name: "Results" });
  const edge = studio.getByRole("separator", { name: "Width of the results" });
  const width = async () => Math.round((await strip.boundingBox())?.width ?? 0);
  const before = await width();
  const at = (await edge.boundingBox())!;
  await studio.mouse.move(at.x + 4, 400);
  await studio.mouse.down();
  await studio.mouse.move(at.x - 96, 400, { steps: 4 });
  await studio.mouse.up();
  await expect.poll(width).toBe(before + 100);
  await edge.focus();
  await studio.keyboard.press("ArrowRight");
  await expect.poll(width).toBe(before + 84);
  await studio.reload();
  await expect.poll(width).toBe(before + 84);
  await edge.dblclick();
  await expect.poll(width).toBe(before);
});

test("a workflow that was dropped opens beside the one that is open", async ({ studio }) => {
  const text = JSON.stringify({ format: "heddle-workflow", version: 1, title: "Dropped", nodes: [], links: [] });
  const transfer = await studio.evaluateHandle((content) => {
    const data = new DataTransfer();
    data.items.add(new File([content], "dropped.json", { type: "application/json" }));
    return data;
  }, text);
  await studio.locator(".react-flow").dispatchEvent("drop", { dataTransfer: transfer });
  await expect(tab(studio, "Dropped")).toHaveAttribute("aria-selected", "true");
  await expect(tab(studio, "Text to image")).toBeVisible();
});

test("a screen whose code does not come says so, and opens once it comes", async ({ studio }) => {
  const isCodeOfScreens = /\/assets\/screens-[^/]*\.js$/;
  await studio.route(isCodeOfScreens, (route) => route.abort());
  // It is asked for when the page has nothing else to do, and once more for the person.
  const askedWhenIdle = studio.waitForEvent("requestfailed", (request) => isCodeOfScreens.test(request.url()));
  await studio.reload();
  await expect(node(studio, "Sampler")).toBeVisible();
  await askedWhenIdle;
  await press(studio, "ControlOrMeta+,");
  const refusal = studio.getByRole("dialog", { name: "This part of Heddle could not be loaded" });
  await expect(refusal.getByRole("button", { name: "Load the window again" })).toBeVisible();
  expect(await faults(studio, "[role=dialog]")).toEqual([]);
  await studio.unroute(isCodeOfScreens);
  await refusal.getByRole("button", { name: "Try again" }).click();
  await expect(studio.getByRole("dialog", { name: "Settings" })).toBeVisible();
});

test("a window whose Chinese words do not come opens in English and says so, and in Chinese once they come", async ({
  studio,
}) => {
  const isChinese = /\/assets\/chinese-[^/]*\.js$/;
  await studio.route(isChinese, (route) => route.abort());
  await studio.evaluate(() => localStorage.setItem("heddle.settings", JSON.stringify({ language: "zh-CN" })));
  await studio.reload();
  await expect(node(studio, "Sampler")).toBeVisible();
  const notice = studio.getByText(/^Chinese could not be loaded/);
  await expect(notice).toBeVisible();
  await expect(studio.locator("html")).toHaveAttribute("lang", "en");
  await studio.unroute(isChinese);
  await studio.reload();
  await expect(node(studio, "采样器")).toBeVisible();
  await expect(studio.locator("html")).toHaveAttribute("lang", "zh-CN");
  await expect(notice).toBeHidden();
});
