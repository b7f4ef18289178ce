import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type ElectronApplication, _electron as electron, expect, type Page, test } from "@playwright/test";
import { electronPackageFolder, installedElectron } from "../cli/electron-binary.ts";
import { drawLarge, node, setNumber, setSteps } from "./actions.ts";

const folder = electronPackageFolder();
const executablePath = folder === undefined ? undefined : installedElectron(folder);
const main = resolve(import.meta.dirname, "../dist/electron/main.js");

/** Why the real binary cannot run here; `undefined` where it can. */
function whyNot(): string | undefined {
  if (executablePath === undefined) return "Electron binary absent: it comes from GitHub with the first start";
  if (process.platform === "linux" && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY)
    return "Electron cannot open a window: there is no display";
  return undefined;
}

const reason = whyNot();

interface Desktop {
  app: ElectronApplication;
  page: Page;
  home: string;
}

/** A test of the real desktop app, with folders of its own; where it cannot run, its name says why. */
function desktopTest(name: string, body: (desktop: Desktop) => Promise<void>): void {
  if (reason !== undefined || executablePath === undefined) {
    test.skip(`${name} (not here. ${reason})`, () => {});
    return;
  }
  test(name, async () => {
    test.slow();
    const home = await mkdtemp(join(tmpdir(), "heddle-electron-"));
    const isRoot = process.getuid?.() === 0;
    const app = await electron.launch({
      executablePath,
      args: [main, ...(isRoot ? ["--no-sandbox"] : [])],
      env: { ...process.env, HEDDLE_HOME: home, HEDDLE_OUTPUT: join(home, "output") },
    });
    try {
      const page = await app.firstWindow();
      await expect(node(page, "Sampler")).toBeVisible({ timeout: 60_000 });
      await body({ app, page, home });
    } finally {
      await app.close();
      await rm(home, { recursive: true, force: true });
    }
  });
}

const picture = (page: Page) => node(page, "Save Image").getByRole("button", { name: /^Open picture/ });
const runButton = (page: Page) => page.getByRole("button", { name: "Run", exact: true });

/** What is noted in the main process while a test goes on. */
interface Noted {
  bars: number[];
  dragged: { file: string; hasIcon: boolean }[];
}
const noted = (app: ElectronApplication) => app.evaluate(() => (globalThis as unknown as { noted: Noted }).noted);

/** Notes what the app asks of its window, and lets the window do it. */
const noteBars = (app: ElectronApplication) =>
  app.evaluate(({ BrowserWindow }) => {
    const notes: Noted = { bars: [], dragged: [] };
    Object.assign(globalThis, { noted: notes });
    const [window] = BrowserWindow.getAllWindows();
    if (!window) throw new Error("there is no window");
    const setProgressBar = window.setProgressBar.bind(window);
    window.setProgressBar = (share, options) => {
      notes.bars.push(share);
      setProgressBar(share, options);
    };
  });

desktopTest(
  "the desktop app opens its window, runs the default workflow and keeps the page confined",
  async (desktop) => {
    const { app, page, home } = desktop;
    expect(new URL(page.url()).protocol).toBe("heddle:");
    expect(await page.evaluate("Object.keys(window.heddle).sort()")).toEqual([
      "connect",
      "dragFile",
      "kind",
      "placeOfFile",
    ]);
    expect(await page.evaluate("'require' in window || 'process' in window")).toBe(false);
    await page.keyboard.press("ControlOrMeta+Enter");
    await expect(page.locator("img[src^='/images/']").first()).toBeVisible({ timeout: 60_000 });
    await app.evaluate(({ shell }) => {
      const opened: string[] = [];
      Object.assign(globalThis, { opened });
      shell.openExternal = async (address) => void opened.push(address);
    });
    await page.evaluate("window.open('https://example.org/'); window.open('file:///etc/hosts')");
    const opened = () => app.evaluate(() => (globalThis as unknown as { opened: string[] }).opened);
    await expect.poll(opened).toEqual(["https://example.org/"]);
    expect(app.windows()).toHaveLength(1);
    // What the window remembers is in Heddle's folder, apart from other programs and other homes.
    expect(await app.evaluate(({ app: main }) => main.getPath("userData"))).toBe(join(home, "window"));
  },
);

desktopTest("menus cut to the system's clipboard and paste from it without asking", async ({ app, page }) => {
  const heading = node(page, "VAE Decode").getByRole("heading");
  const place = await heading.boundingBox();
  await heading.click();
  await page.keyboard.press("Shift+F10");
  await page.getByRole("menuitem", { name: /^Cut/ }).click();
  // Cut only once the clipboard has it.
  await expect(node(page, "VAE Decode")).toHaveCount(0);
  expect(await app.evaluate(({ clipboard }) => clipboard.readText())).toContain("vae-decode");
  await page.mouse.click((place?.x ?? 0) + 20, (place?.y ?? 0) + 5, { button: "right" });
  await page.getByRole("menuitem", { name: /^Paste/ }).click();
  await expect(node(page, "VAE Decode")).toBeVisible();
});

desktopTest(
  "a run shows how far it is on the icon in the dock and in the title bar, and both end with it",
  async (desktop) => {
    const { app, page } = desktop;
    await noteBars(app);
    const title = () => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getTitle());
    await drawLarge(page, 2);
    await runButton(page).click();
    await expect.poll(title, { timeout: 60_000 }).toMatch(/^\d+% · /);
    await expect(picture(page)).toBeVisible({ timeout: 180_000 });
    await expect(runButton(page)).toBeVisible();
    await expect.poll(async () => (await noted(app)).bars.at(-1)).toBe(-1);
    await expect.poll(title).not.toMatch(/^\d+% · /);
    const { bars } = await noted(app);
    const shares = bars.slice(0, -1);
    expect(shares.length).toBeGreaterThan(3);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...shares)).toBeLessThanOrEqual(1);
    // What is cancelled leaves no bar either.
    await setNumber(page, "Sampler", "Steps", 49);
    await runButton(page).click();
    await expect.poll(async () => (await noted(app)).bars.at(-1)).toBeGreaterThan(0);
    await page.getByRole("button", { name: "Cancel", exact: true }).click();
    await expect.poll(async () => (await noted(app)).bars.at(-1)).toBe(-1);
  },
);

desktopTest(
  "a long run that ends while the window is away is told by a notification of the system",
  async (desktop) => {
    const { app, page } = desktop;
    await page.context().addInitScript(() => {
      const told: { title: string; body: string; became?: string }[] = [];
      class Noting extends Notification {
        constructor(title: string, options?: NotificationOptions) {
          super(title, options);
          const one: (typeof told)[number] = { title, body: options?.body ?? "" };
          told.push(one);
          for (const became of ["show", "error"]) {
            this.addEventListener(became, () => {
              one.became = became;
            });
          }
        }
      }
      Object.assign(globalThis, { Notification: Noting, told });
      // The host tells of a run that took long; drawing so long would show nothing more.
      const listen = MessagePort.prototype.addEventListener;
      MessagePort.prototype.addEventListener = function (
        this: MessagePort,
        type: string,
        listener: never,
        options?: never,
      ) {
        const hear = listener as (event: { data: unknown }) => void;
        const change = ({ data }: MessageEvent) =>
          hear({ data: typeof data === "string" ? data.replace(/"totalMs":[\d.]+/g, '"totalMs":95000') : data });
        listen.call(this, type, type === "message" ? (change as never) : listener, options);
      } as typeof listen;
    });
    await page.reload();
    await expect(node(page, "Sampler")).toBeVisible({ timeout: 60_000 });
    // The app itself grants it, without a question.
    expect(await page.evaluate("Notification.permission")).toBe("granted");
    await page.keyboard.press("ControlOrMeta+,");
    await page
      .getByRole("dialog")
      .getByRole("checkbox", { name: /Tell me when a long run ends/ })
      .check();
    await page.keyboard.press("Escape");
    await setSteps(page, 2);
    await page.evaluate(() => {
      document.hasFocus = () => false;
    });
    await runButton(page).click();
    const told = () => page.evaluate(() => (globalThis as unknown as { told: { title: string; body: string }[] }).told);
    await expect
      .poll(told, { timeout: 90_000 })
      .toEqual([expect.objectContaining({ title: "Text to image", body: "Run finished in 1:35 min" })]);
    // Whether the system shows it is its own affair: some have nothing that would.
    await expect.poll(async () => (await told())[0]).toHaveProperty("became", expect.stringMatching(/^(show|error)$/));
    expect(app.windows()).toHaveLength(1);
  },
);

desktopTest("a picture is dragged out of the window as the file that it is", async (desktop) => {
  const { app, page, home } = desktop;
  await page.keyboard.press("ControlOrMeta+Enter");
  await expect(picture(page)).toBeVisible({ timeout: 90_000 });
  await app.evaluate(({ BrowserWindow }) => {
    const notes: Noted = { bars: [], dragged: [] };
    Object.assign(globalThis, { noted: notes });
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    if (!contents) throw new Error("there is no window");
    // The system's own drag would wait for a person.
    contents.startDrag = ({ file, icon }) => {
      notes.dragged.push({ file, hasIcon: typeof icon !== "string" && !icon.isEmpty() });
    };
  });
  const result = page
    .getByRole("complementary", { name: "Results" })
    .getByRole("button", { name: /^Picture/ })
    .first();
  const address = await result.locator("img").getAttribute("src");
  await result.hover();
  await page.mouse.down();
  await page.mouse.move(400, 500, { steps: 6 });
  await page.mouse.up();
  await expect.poll(async () => (await noted(app)).dragged).toHaveLength(1);
  const [dragged] = (await noted(app)).dragged;
  expect(dragged?.hasIcon).toBe(true);
  expect(dragged?.file.startsWith(join(home, "output"))).toBe(true);
  const bytes = await readFile(dragged?.file ?? "");
  const { createHash } = await import("node:crypto");
  expect(address).toContain(createHash("sha256").update(bytes).digest("hex"));
});

desktopTest("a workflow is saved with the system's dialog, and the next time without one", async (desktop) => {
  const { app, page, home } = desktop;
  const file = join(home, "Cats.json");
  await app.evaluate(({ dialog }, filePath) => {
    let asked = 0;
    dialog.showSaveDialog = async () => {
      asked++;
      Object.assign(globalThis, { asked });
      return { canceled: false, filePath };
    };
  }, file);
  const prompt = node(page, "Prompt").getByRole("textbox", { name: "Prompt" });
  for (const words of ["a first cat", "a second cat"]) {
    await prompt.fill(words);
    await page.keyboard.press("ControlOrMeta+s");
    await expect.poll(() => readFile(file, "utf8").catch(() => "")).toContain(words);
    await expect(page.getByRole("tab", { name: "Text to image", exact: true })).toBeVisible();
  }
  expect(await app.evaluate(() => (globalThis as unknown as { asked: number }).asked)).toBe(1);
});
