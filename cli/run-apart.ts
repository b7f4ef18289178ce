import { spawn } from "node:child_process";
import type { HeddleError } from "../common/errors.ts";
import {
  type EngineSettings,
  engineEnvironment,
  readEngineSettings,
} from "../server/engine-process/engine-settings.ts";
import { engineStoppedError } from "../server/engine-process/exit-error.ts";
import { ExitCode } from "./exit-code.ts";

/** Set in the process that computes where another one watches it. */
const VARIABLE = "HEDDLE_RUN_APART";

/** How this process is to compute where another one has found that out and watches it; else `undefined`. */
export function settingsFromWatcher(environment: NodeJS.ProcessEnv = process.env): EngineSettings | undefined {
  return environment[VARIABLE] === undefined ? undefined : readEngineSettings(environment);
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
  const env = { ...process.env, ...engineEnvironment(settings), [VARIABLE]: "1" };
  const child = spawn(program!, args, { stdio: "inherit", env });
  // Ctrl+C in a terminal goes to both; the other one cancels its run and says so.
  const wait = () => {};
  const pass = (signal: NodeJS.Signals) => void child.kill(signal);
  process.on("SIGINT", wait).on("SIGTERM", pass);
  try {
    const exit = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => resolve({ code, signal }));
    });
    const known = Object.values(ExitCode).find((code) => code === exit.code);
    if (known === undefined) return engineStoppedError({ ...exit, errorOutput: "" }, false);
    process.exitCode = known;
    return undefined;
  } finally {
    process.off("SIGINT", wait).off("SIGTERM", pass);
  }
}
