import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Browser, chromium, type Page } from "@playwright/test";
import { findBrowser } from "../scripts/browser.ts";
import { node } from "./actions.ts";
import { expect, test } from "./fixtures.ts";

/** How often the window is killed, and what it may lose. */
const KILLS = 20;
const MOST_LOST_MS = 1_000;
/** Every so often the whole browser is killed, else its page only, which is quicker to begin again. */
const WHOLE_BROWSER = 3;
/** A killing comes this long after the editing began, at random. */
const [EARLIEST_MS, LATEST_MS] = [150, 1_400];

/** A state of the document as a person sees it. */
interface Seen {
  prompt: string;
  steps: string;
}
interface Edit extends Seen {
  /** When it was made at the latest; never, when the window was gone before it said so. */
  at: number;
}

interface KillableBrowser {
  browser: Browser;
  page: Page;
  /** Ends every process of it, without a word. */
  kill(): Promise<void>;
}

/** A browser outside of Playwright's care, with a profile that survives it. */
async function openBrowser(profile: string): Promise<KillableBrowser> {
  const path = findBrowser()?.executablePath ?? chromium.executablePath();
  const child = spawn(
    path,
    [
      "--headless=new",
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
      "--no-first-run",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      "about:blank",
    ],
    { stdio: ["ignore", "ignore", "pipe"], detached: true },
  );
  const browser = await chromium.connectOverCDP(await debuggingAddress(child));
  const [context] = browser.contexts();
  const page = context?.pages()[0] ?? (await context?.newPage());
  if (!page) throw new Error("The browser opened no page");
  await page.setViewportSize({ width: 1440, height: 900 });
  return {
    browser,
    page,
    async kill() {
      const exited = new Promise((resolve) => child.once("exit", resolve));
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      await exited;
      await browser.close().catch(() => {});
    },
  };
}

async function debuggingAddress(child: ChildProcess): Promise<string> {
  if (!child.stderr) throw new Error("The browser has no output");
  for await (const line of createInterface({ input: child.stderr })) {
    const [address] = /ws:\/\/\S+/.exec(line) ?? [];
    if (address) {
      child.stderr.resume();
      return address;
    }
  }
  throw new Error("The browser ended without an address");
}

const prompt = (page: Page) => node(page, "Prompt").getByRole("textbox", { name: "Prompt" });
const steps = (page: Page) => node(page, "Sampler").getByRole("spinbutton", { name: "Steps" });

async function look(page: Page): Promise<Seen> {
  await expect(prompt(page)).toBeVisible({ timeout: 30_000 });
  return { prompt: await prompt(page).inputValue(), steps: await steps(page).inputValue() };
}

/** Edits until the window is gone; each edit is another state than all before. */
async function editOn(page: Page, from: number, edits: Edit[], isOver: () => boolean): Promise<number> {
  const { prompt: words, steps: number } = edits.at(-1) ?? (await look(page));
  let current: Seen = { prompt: words, steps: number };
  let count = from;
  while (!isOver()) {
    count++;
    current =
      count % 3 === 0 ? { ...current, steps: String(2 + (count % 40)) } : { ...current, prompt: `edit ${count}` };
    const edit = { ...current, at: Number.POSITIVE_INFINITY };
    edits.push(edit);
    if (count % 3 === 0) {
      await steps(page).fill(current.steps, { timeout: 2_000 });
      await steps(page).press("Enter", { timeout: 2_000 });
    } else await prompt(page).fill(current.prompt, { timeout: 2_000 });
    edit.at = performance.now();
  }
  return count;
}

test(`a window that is killed ${KILLS} times at random moments of editing loses less than a second`, async ({
  host,
}) => {
  test.setTimeout(240_000);
  const profile = await mkdtemp(join(tmpdir(), "heddle-profile-"));
  let open: KillableBrowser | undefined;
  try {
    open = await openBrowser(profile);
    await open.page.goto(host.url);
    let count = 0;
    const edits: Edit[] = [{ ...(await look(open.page)), at: performance.now() }];
    for (let kill = 0; kill < KILLS; kill++) {
      let isOver = false;
      const { page, browser } = open;
      const editing = editOn(page, count, edits, () => isOver).catch(() => edits.length + count);
      await new Promise((resolve) => setTimeout(resolve, EARLIEST_MS + Math.random() * (LATEST_MS - EARLIEST_MS)));
      isOver = true;
      const killedAt = performance.now();
      if (kill % WHOLE_BROWSER === 0) {
        // The whole browser at once, as when the machine kills it.
        await open.kill();
        open = await openBrowser(profile);
        await open.page.goto(host.url);
      } else {
        // Only the page, as when it runs out of memory.
        const fresh: Page = (await browser.contexts()[0]?.newPage()) ?? page;
        await fresh.setViewportSize({ width: 1440, height: 900 });
        const devtools = await browser.contexts()[0]?.newCDPSession(page);
        const crashed = page.waitForEvent("crash");
        devtools?.send("Page.crash").catch(() => {});
        await crashed;
        open = { ...open, page: fresh };
        await fresh.goto(host.url);
        await page.close().catch(() => {});
      }
      count = Math.max(count, await editing);

      const seen = await look(open.page);
      const sure = edits.findLastIndex(({ at }) => at <= killedAt - MOST_LOST_MS);
      const allowed = edits.slice(Math.max(0, sure)).map(({ prompt, steps }) => ({ prompt, steps }));
      expect(allowed, `after kill ${kill + 1}, ${edits.length} edits`).toContainEqual(seen);
      edits.splice(0, edits.length, { ...seen, at: performance.now() });
    }
  } finally {
    await open?.kill();
    await rm(profile, { recursive: true, force: true });
  }
});
