import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Browser, chromium, type Page } from "@playwright/test";
import { build, preview } from "vite";
import { z } from "zod";
import { HeddleError } from "../common/errors.ts";
import { findBrowser } from "../scripts/browser.ts";
import { round } from "./statistics.ts";

const CONFIG = resolve(import.meta.dirname, "../renderer/vite.config.ts");
const STAGE = { width: 1440, height: 900 };
/** How long the pointer pulls without a pause, and how far it gets before it turns. */
const PULL_MS = 1_500;
const PULL_PX = 400;
/** Where no card lies, between the first two rows. */
const EMPTY_SPOT = { x: 720, y: 480 };
/** Wheel steps through the gallery. */
const WHEELS = 90;
/** So many that the 95th percentile is not the first key alone, which compiles what it needs. */
const STROKES = 60;
/** How long a run is watched. */
const RUN_MS = 4_000;

/**
 * How a browser paces its frames: `unlimited`, the next is begun as soon as the one before is shown, so that an interval is
 * the time it takes to make one; `at60Hz`, as on a screen, where an interval lasts a tick (16.7) or several.
 */
const paces = { unlimited: ["--disable-frame-rate-limit", "--disable-gpu-vsync"], at60Hz: [] } as const;

/**
 * The editor in a headless browser with a mock host, for workflows of several sizes: opening, dragging, panning, typing,
 * undo, and the longest task while a run reports progress. Milliseconds.
 */
export async function run(args: string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({ args, options: { nodes: { type: "string", default: "100,1000,5000" } } });
  const browserFile = findBrowser();
  if (!browserFile) {
    throw new HeddleError({
      code: "no-browser",
      message: "There is no Chromium to measure the editor in.",
      help: "Install one: npx playwright install chromium.",
    });
  }
  const outDir = await mkdtemp(join(tmpdir(), "heddle-editor-"));
  await build({ configFile: CONFIG, mode: "bench", logLevel: "silent", build: { outDir, emptyOutDir: true } });
  const server = await preview({ configFile: CONFIG, logLevel: "silent", build: { outDir }, preview: { port: 0 } });
  try {
    const address = server.resolvedUrls?.local[0] ?? "";
    const figures: Record<string, unknown> = {};
    for (const [pace, args] of Object.entries(paces)) {
      const browser = await chromium.launch({
        executablePath: browserFile.executablePath,
        chromiumSandbox: process.getuid?.() !== 0,
        args: [...args],
      });
      try {
        const nodes: Record<string, unknown> = {};
        const before = await measureEmptyPage(browser);
        for (const count of values.nodes.split(",")) {
          const page = await browser.newPage({ viewport: STAGE });
          nodes[count] = await measure(page, `${address}?mock&pace=40&nodes=${count}`);
          await page.close();
        }
        const page = await browser.newPage({ viewport: STAGE });
        const gallery = await measureGallery(page, `${address}?mock&pictures=10000`);
        await page.close();
        figures[pace] = { emptyPage: { before, after: await measureEmptyPage(browser) }, nodes, gallery };
      } finally {
        await browser.close();
      }
    }
    return { what: "editor with a mock host, 1440 x 900, headless; milliseconds", ...figures };
  } finally {
    await new Promise((done) => server.httpServer.close(done));
    await rm(outDir, { recursive: true, force: true });
  }
}

/**
 * What of an interval is the browser's own: a page of one small square that follows the pointer, pulled and measured like the
 * canvas. It costs next to nothing to draw.
 */
async function measureEmptyPage(browser: Browser) {
  const page = await browser.newPage({ viewport: STAGE });
  await page.setContent(`<div style="position: fixed; width: 20px; height: 20px; background: grey"></div>`);
  await page.evaluate(`addEventListener("mousemove", ({ clientX, clientY }) => {
    document.querySelector("div").style.transform = "translate(" + clientX + "px, " + clientY + "px)";
  })`);
  const frames = await whilePulled(page, EMPTY_SPOT, await cpuClock(page));
  await page.close();
  return frames;
}

async function measure(page: Page, url: string): Promise<Record<string, unknown>> {
  await page.addInitScript(watch);
  const cpu = await cpuClock(page);
  await page.goto(url);
  const card = page.getByRole("article", { name: "Prompt" }).first();
  await card.waitFor();
  const open = await page.evaluate<number>("window.benchOpened");
  const openCpu = await cpu();
  const handle = await card.getByRole("heading").boundingBox();
  if (!handle) throw new Error("The first card is not in view");
  const grip = { x: handle.x + 60, y: handle.y + handle.height / 2 };
  const drag = await whilePulled(page, grip, cpu);
  const pan = await whilePulled(page, EMPTY_SPOT, cpu);
  await page.keyboard.press("ControlOrMeta+z");
  await page.locator(".react-flow__pane").click({ position: { x: 5, y: 5 } });

  const field = page.getByRole("textbox", { name: "Prompt" }).first();
  await field.focus();
  const typing = await latencies(page, STROKES, () => page.keyboard.press("x"), cpu);
  await page.evaluate("document.activeElement.blur()");
  const undo = await latencies(page, 1, () => page.keyboard.press("ControlOrMeta+z"), cpu);

  await page.evaluate("window.benchTasks.length = 0");
  await page.keyboard.press("ControlOrMeta+Enter");
  await page.getByRole("progressbar").first().waitFor();
  await page.waitForTimeout(RUN_MS);
  const tasks = await page.evaluate<number[]>("window.benchTasks");
  return {
    open: { wall: round(open), cpu: round(openCpu) },
    drag,
    pan,
    typing,
    undo,
    longestTaskDuringRun: round(Math.max(0, ...tasks)),
  };
}

/** The gallery with ten thousand pictures: until the first are there, and scrolling from the first to the last and back. */
async function measureGallery(page: Page, url: string): Promise<Record<string, unknown>> {
  await page.addInitScript(watch);
  const cpu = await cpuClock(page);
  await page.goto(url);
  await page.getByRole("article", { name: "Sampler" }).waitFor();
  await page.locator(".react-flow__pane").click({ position: { x: 5, y: 5 } });
  const start = await page.evaluate<number>("performance.now()");
  await page.keyboard.press("g");
  await page.getByRole("option").first().waitFor();
  const open = (await page.evaluate<number>("performance.now()")) - start;
  const list = page.getByRole("listbox", { name: "Pictures" });
  await page.waitForFunction("document.querySelector('[data-gallery-grid] > *')?.clientHeight > 100_000");
  await list.hover();
  const scroll = await framesOf(page, cpu, async () => {
    for (let step = 0; step < WHEELS; step++) await page.mouse.wheel(0, step < WHEELS / 2 ? 4_000 : -4_000);
  });
  const inPage = await page.getByRole("option").count();
  return {
    pictures: 10_000,
    open: round(open),
    scroll,
    tilesInPage: inPage,
  };
}

/** The frames while the pointer pulls something along, both ways, without a pause: two of its events are always under way. */
async function whilePulled(page: Page, from: { x: number; y: number }, cpu: CpuClock) {
  const client = await page.context().newCDPSession(page);
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  const frames = await framesOf(page, cpu, async () => {
    const startedAt = performance.now();
    let last: Promise<unknown> = Promise.resolve();
    for (;;) {
      const share = (performance.now() - startedAt) / PULL_MS;
      if (share > 1) break;
      const offset = PULL_PX * (1 - Math.abs(2 * share - 1));
      const at = { x: from.x + offset, y: from.y + offset / 2 };
      const next = client.send("Input.dispatchMouseEvent", { type: "mouseMoved", button: "left", buttons: 1, ...at });
      await last;
      last = next;
    }
    await last;
  });
  await page.mouse.up();
  await client.detach();
  return frames;
}

/**
 * The frames that are shown while `act` goes on. `interval`: from one to the next, by the browser's own trace of what its
 * display drew (layout, paint and raster are done by then; frames without a change are not drawn and do not count).
 * `dropped`: frames that the page had begun and the display never got.
 */
async function framesOf(page: Page, cpu: CpuClock, act: () => Promise<void>) {
  const browser = page.context().browser();
  if (!browser) throw new Error("The page has no browser");
  const before = await cpu();
  await browser.startTracing(page, { categories: TRACED });
  await act();
  const trace = traceSchema.parse(JSON.parse((await browser.stopTracing()).toString()));
  const used = (await cpu()) - before;
  const shown = trace.traceEvents
    .filter(({ name }) => name === "Display::FrameDisplayed")
    .map(({ ts }) => ts / 1_000)
    .sort((a, b) => a - b);
  const dropped = trace.traceEvents.filter(
    ({ name, ph, args }) =>
      name === "PipelineReporter" && ph === "b" && args?.frame_reporter?.state === "STATE_DROPPED",
  );
  return {
    interval: summary(shown.slice(1).map((at, index) => at - (shown[index] ?? at))),
    dropped: dropped.length,
    cpuPerFrame: round(used / Math.max(1, shown.length)),
  };
}

const TRACED = ["viz", "disabled-by-default-devtools.timeline.frame"];
const traceSchema = z.object({
  traceEvents: z.array(
    z.object({
      name: z.string(),
      ph: z.string(),
      ts: z.number(),
      args: z.object({ frame_reporter: z.object({ state: z.string() }).optional() }).optional(),
    }),
  ),
});

/** Time from a key to the frame that shows its effect. */
async function latencies(page: Page, times: number, press: () => Promise<void>, cpu: CpuClock) {
  await page.evaluate("window.benchKeys.length = 0");
  const before = await cpu();
  for (let n = 0; n < times; n++) {
    await press();
    await page.waitForFunction(`window.benchKeys.length > ${n}`);
  }
  const cpuPerKey = round(((await cpu()) - before) / times);
  return { ...summary(await page.evaluate<number[]>("window.benchKeys")), cpuPerKey };
}

/** CPU time of the page's main thread so far: other work on the machine does not count, as it does on the wall's clock. */
type CpuClock = () => Promise<number>;

async function cpuClock(page: Page): Promise<CpuClock> {
  const client = await page.context().newCDPSession(page);
  await client.send("Performance.setTimeDomain", { timeDomain: "threadTicks" });
  await client.send("Performance.enable");
  return async () => {
    const { metrics } = await client.send("Performance.getMetrics");
    return 1_000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN);
  };
}

function summary(values: readonly number[]) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN);
  return { median: at(0.5), p95: at(0.95), count: sorted.length };
}

/** Runs in the page, before anything else. */
const watch = `
  window.benchKeys = [];
  window.benchTasks = [];
  const look = () => {
    if (!document.querySelector(".react-flow__node article")) requestAnimationFrame(look);
    else requestAnimationFrame(() => { window.benchOpened = performance.now(); });
  };
  requestAnimationFrame(look);
  const painted = (done) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => done(performance.now());
    channel.port2.postMessage(0);
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Control" || event.key === "Meta") return;
    painted((now) => window.benchKeys.push(now - event.timeStamp));
  }, true);
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.benchTasks.push(entry.duration);
  }).observe({ entryTypes: ["longtask"] });
`;
