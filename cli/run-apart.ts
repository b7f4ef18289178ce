import { spawn } from "node:child_process";
import type { HeddleError } from "../common/errors.ts";
import {
  type EngineSettings,
  engineEnvironment,
  readEngineSettings,
} from "../server/engine-process/engine-settings.ts";
import { engineStoppedError } from "../server/engine-process/exit-error.ts";
import { ExitCode, setExitCode } from "./exit-code.ts";
import { isWatched, watchedEnvironment } from "./watched.ts";

/** What a person, or a program, ends a run with. */
const STOPS: readonly (NodeJS.Signals | null)[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** How this process is to compute where another one has found that out and watches it; else `undefined`. */
export function settingsFromWatcher(environment: NodeJS.ProcessEnv = process.env): EngineSettings | undefined {
  return isWatched(environment) ? readEngineSettings(environment) : undefined;
}

const ownCommand = () => [process.execPath, ...process.execArgv, ...process.argv.slice(1)];

/**
 * Runs this very command in a process of its own, which a driver may end without a word, and takes over how it ended.
 *
 * @param command the program and its arguments; tests give others
 * @returns what happened where the process did not end by itself
 */
export async function runApart(
  settings: EngineSettings,
  command: readonly string[] = ownCommand(),
): Promise<HeddleError | undefined> {
  const [program, ...args] = command;
  const env = { ...process.env, ...engineEnvironment(settings), ...watchedEnvironment };
  const child = spawn(program!, args, { stdio: "inherit", env });
  // The other one cancels its run and says so. Ctrl+C in a terminal goes to both, and is one wish (`run.ts`); where Windows has no
  // signals, passing it on would end the other one at once.
  const pass = (signal: NodeJS.Signals) => void (process.platform !== "win32" && child.kill(signal));
  process.on("SIGINT", pass).on("SIGTERM", pass);
  try {
    const exit = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => resolve({ code, signal }));
    });
    // Before it listened.
    if (STOPS.includes(exit.signal)) {
      setExitCode(ExitCode.cancelled);
      return undefined;
    }
    const known = Object.values(ExitCode).find((code) => code === exit.code);
    if (known === undefined) return engineStoppedError({ ...exit, errorOutput: "" }, false);
    setExitCode(known);
    return undefined;
  } finally {
    process.off("SIGINT", pass).off("SIGTERM", pass);
  }
}
