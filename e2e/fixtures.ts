import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { test as base, type Page } from "@playwright/test";
import { withoutFileHandles } from "./actions.ts";

export { expect } from "@playwright/test";

/** A real web host of its own, with empty folders of its own. */
export interface StudioHost {
  /** With the token. */
  url: string;
  process: ChildProcess;
  homeFolder: string;
  outputFolder: string;
  modelsFolder: string;
}

const START_MS = 30_000;

interface WorkerFixtures {
  host: StudioHost;
}

interface TestFixtures {
  /** A page with the studio open. */
  studio: Page;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  host: [
    // Playwright reads the names of the fixtures that are needed from this pattern.
    // biome-ignore lint/correctness/noEmptyPattern: none are needed
    async ({}, use) => {
      await using started = await startHost();
      await use(started.host);
    },
    { scope: "worker", timeout: START_MS * 2 },
  ],

  context: async ({ context }, use) => {
    // The driver answers the dialogs that browsers without ways back to files have; `files.spec.ts` has the others.
    await withoutFileHandles(context);
    await use(context);
  },

  studio: async ({ page, host }, use) => {
    await page.goto(host.url);
    await use(page);
  },
});

interface FreshHostOptions {
  /** The spec whose host it is: each gets a worker of its own, and so a host that no other spec has used. */
  hostOf: string;
}

/** For specs that count what a host has. They say `test.use({ hostOf: "their name" })`. */
export const testOnFreshHost = test.extend<object, WorkerFixtures & FreshHostOptions>({
  hostOf: ["", { option: true, scope: "worker" }],
  host: [
    async ({ hostOf }, use) => {
      if (hostOf === "") throw new Error('A spec on a fresh host says whose it is: test.use({ hostOf: "gallery" })');
      await using started = await startHost();
      await use(started.host);
    },
    { scope: "worker", timeout: START_MS * 2 },
  ],
});

/** A host with folders of its own, which go when it is disposed of; `ownFolder` is one that is empty. */
export async function startHost(
  environment: NodeJS.ProcessEnv = {},
  ownFolder?: string,
): Promise<AsyncDisposable & { host: StudioHost }> {
  const homeFolder = ownFolder ?? (await mkdtemp(join(tmpdir(), "heddle-e2e-")));
  const outputFolder = join(homeFolder, "output");
  const own = { HEDDLE_HOME: homeFolder, HEDDLE_OUTPUT: outputFolder, HEDDLE_MODELS: "", HEDDLE_THREADS: "1" };
  const serve = ["cli/launch.js", "serve", "--port", "0", "--no-open"];
  const child = spawn(process.execPath, serve, {
    cwd: resolve(import.meta.dirname, ".."),
    env: { ...process.env, ...own, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const end = async () => {
    await stop(child);
    await rm(homeFolder, { recursive: true, force: true });
  };
  try {
    const url = await printedAddress(child);
    const host = { url, process: child, homeFolder, outputFolder, modelsFolder: join(homeFolder, "models") };
    return { host, [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}

async function printedAddress(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error("The host has no output");
  const timer = setTimeout(() => child.kill("SIGKILL"), START_MS);
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const [address] = /https?:\/\/\S+/.exec(line) ?? [];
      if (address) return address;
    }
  } finally {
    clearTimeout(timer);
    child.stdout.resume();
  }
  throw new Error("`heddle serve` ended or took too long, and printed no address");
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await exited;
}
