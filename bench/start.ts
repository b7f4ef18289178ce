import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { type Browser, chromium } from "@playwright/test";
import { HeddleError } from "../common/errors.ts";
import { findBrowser } from "../scripts/browser.ts";
import { build } from "../scripts/build.ts";
import { spread } from "./statistics.ts";

const heddle = join(import.meta.dirname, "../cli/launch.js");
const STAGE = { width: 1440, height: 900 };

/** Milliseconds since the host's process was started. */
interface Start {
  readonly listening: number;
  readonly firstPaint: number;
  /** The first node can be dragged, and Run pressed. */
  readonly interactive: number;
  readonly engineReady: number;
  /** Processes that the host had when it listened; the engine is one. */
  readonly childrenWhenListening: number;
  readonly bytes: number;
  /** CPU time of the page's main thread, and of the host, until then: other work on the machine does not count. */
  readonly pageCpu: number;
  readonly hostCpu: number;
}

/**
 * The start of the studio, cold but for the disk's cache: a fresh host process with empty folders, and a page without a cache
 * in a headless browser that runs already. Wall milliseconds from the start of the host's process.
 */
export async function run(args: string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({ args, options: { runs: { type: "string", default: "5" } } });
  const found = findBrowser();
  if (!found) {
    throw new HeddleError({
      code: "no-browser",
      message: "There is no Chromium to measure the start in.",
      help: "Install one: npx playwright install chromium.",
    });
  }
  await build();
  const browser = await chromium.launch({
    executablePath: found.executablePath,
    chromiumSandbox: process.getuid?.() !== 0,
  });
  try {
    // The first start warms the page cache and Node's cache of compiled code, and is not counted.
    await measure(browser);
    const starts: Start[] = [];
    for (let i = 0; i < Number(values.runs); i++) starts.push(await measure(browser));
    const of = (pick: keyof Start) => spread(starts.map((start) => start[pick]));
    return {
      what: "host with empty folders, headless Chromium without a cache, 1440 x 900; milliseconds since the host's start",
      listening: of("listening"),
      firstPaint: of("firstPaint"),
      interactive: of("interactive"),
      engineReady: of("engineReady"),
      /** From when the page was asked for: what a window costs where the host is there already. */
      pageAlone: spread(starts.map(({ interactive, listening }) => interactive - listening)),
      childrenWhenListening: of("childrenWhenListening"),
      pageCpu: of("pageCpu"),
      hostCpu: of("hostCpu"),
      pageBytes: of("bytes"),
    };
  } finally {
    await browser.close();
  }
}

async function measure(browser: Browser): Promise<Start> {
  const home = await mkdtemp(join(tmpdir(), "heddle-start-"));
  // The page's own policy would keep this from watching it.
  const context = await browser.newContext({ viewport: STAGE, bypassCSP: true });
  // An empty tab is there already, as the browser is.
  const page = await context.newPage();
  let bytes = 0;
  page.on("response", (response) => {
    bytes += Number(response.headers()["content-length"] ?? 0);
  });
  const client = await context.newCDPSession(page);
  await client.send("Performance.setTimeDomain", { timeDomain: "threadTicks" });
  await client.send("Performance.enable");
  await page.addInitScript(watch);
  const startedAt = Date.now();
  const child = spawn(process.execPath, [heddle, "serve", "--no-open", "--port", "0"], {
    env: { ...process.env, HEDDLE_HOME: home, HEDDLE_OUTPUT: join(home, "output"), HEDDLE_MODELS: "" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const url = await printedAddress(child);
    const listening = Date.now() - startedAt;
    const childrenWhenListening = await childrenOf(child);
    await page.goto(url);
    const since = async (name: string) => (await page.evaluate<number>(`window.${name}`)) - startedAt;
    await page.waitForFunction("window.benchInteractive && window.benchPainted");
    const { metrics } = await client.send("Performance.getMetrics");
    const pageCpu = 1_000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN);
    const hostCpu = await cpuOf(child);
    await page.getByText("Ready", { exact: true }).waitFor();
    const engineReady = Date.now() - startedAt;
    return {
      ...{ listening, childrenWhenListening, engineReady, bytes, pageCpu, hostCpu },
      firstPaint: await since("benchPainted"),
      interactive: await since("benchInteractive"),
    };
  } finally {
    await context.close();
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGTERM");
    await ended;
    await rm(home, { recursive: true, force: true });
  }
}

async function printedAddress(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const [address] = /https?:\/\/\S+/.exec(line) ?? [];
    if (address) return address;
  }
  throw new Error("The host ended and printed no address.");
}

/** Linux only; NaN elsewhere. */
async function childrenOf({ pid }: ChildProcess): Promise<number> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => undefined);
  return text === undefined ? Number.NaN : text.split(" ").filter(Boolean).length;
}

const TICKS_PER_SECOND = 100;

/** Milliseconds of user and system time so far. Linux only; NaN elsewhere. */
async function cpuOf({ pid }: ChildProcess): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The name may hold spaces; what counts comes after it.
  const [user, system] = text
    .slice(text.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13)
    .map(Number);
  return ((user ?? Number.NaN) + (system ?? Number.NaN)) * (1_000 / TICKS_PER_SECOND);
}

/** Runs in the page, before anything else: times on the clock that the host's start was read from. */
const watch = `
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.name === "first-contentful-paint") window.benchPainted = performance.timeOrigin + entry.startTime;
    }
  }).observe({ type: "paint", buffered: true });
  const look = () => {
    const card = document.querySelector(".react-flow__node article");
    const run = [...document.querySelectorAll("button")].find((button) => button.textContent.trim() === "Run");
    // Drawn, and nothing that keeps the thread busy: a task of its own is reached.
    if (card && run && !run.disabled) {
      requestAnimationFrame(() => setTimeout(() => {
        window.benchInteractive ??= performance.timeOrigin + performance.now();
      }));
    } else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
`;
