import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Command } from "commander";
import { packageFacts } from "../server/package-facts.ts";
import { findDesktop } from "./electron-binary.ts";
import { serveUntilStopped } from "./serve.ts";

export function registerApp(program: Command): void {
  program
    .command("app")
    .description("open the studio: as a desktop app, or in the browser where Electron cannot be had")
    .option("--no-open", "do not open a browser, only print the address")
    .action((options: { open: boolean }) => openApp(options));
}

async function openApp(options: { open: boolean }): Promise<void> {
  const { folder } = packageFacts();
  await buildIfStale(folder);
  const desktop = await findDesktop();
  const reason =
    "reason" in desktop ? desktop.reason : await runDesktop(desktop.executable, join(folder, "dist/electron/main.js"));
  if (reason === undefined) return;
  process.stdout.write(`Electron cannot be used here: ${reason}. The studio runs in the browser instead.\n`);
  await serveUntilStopped(options);
}

/** A checkout carries its own build script; an installed package was built when it was made. */
async function buildIfStale(folder: string): Promise<void> {
  const script = join(folder, "scripts/build.ts");
  if (!existsSync(script)) return;
  const { build }: typeof import("../scripts/build.ts") = await import(pathToFileURL(script).href);
  await build();
}

const FAILED_START_MS = 10_000;
/** Nobody sends these from outside: the program ran into something. Chromium ends so where its sandbox is forbidden. */
const CRASHES: ReadonlySet<NodeJS.Signals> = new Set(["SIGTRAP", "SIGABRT", "SIGILL", "SIGSEGV", "SIGBUS"]);

/** Runs the desktop app to its end. Returns why it did not come up, if it ended with an error or crashed at once. */
export function runDesktop(executable: string, main: string): Promise<string | undefined> {
  const startedAt = performance.now();
  const child = spawn(executable, [main], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("exit", (code, signal) => {
      const isEarly = performance.now() - startedAt < FAILED_START_MS;
      if (isEarly && signal !== null && CRASHES.has(signal)) {
        resolve(`it crashed (${signal}) when it started; README.md says what to do where its sandbox is forbidden`);
      } else if (isEarly && signal === null && code !== 0) resolve(`it ended with code ${code} when it started`);
      else {
        process.exitCode = code ?? 1;
        resolve(undefined);
      }
    });
  });
}
