import { exec } from "node:child_process";
import { availableParallelism } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * Runs everything that looks at the sources without running them, side by side, the longest first. Prints what each says as
 * soon as it ends, and fails when one does; the others are heard all the same.
 *
 *     node scripts/check.ts
 */
const checks = [
  "tsc -p renderer/tsconfig.json",
  "tsc -p tsconfig.json",
  "biome check .",
  "npm run -s deps",
  "knip",
  "tsc -p e2e/tsconfig.json",
  "tsc -p client/tsconfig.json --noEmit",
];

interface Outcome {
  command: string;
  passed: boolean;
  seconds: number;
  /** All that it printed. */
  output: string;
}

/** Runs commands, `atOnce` at a time in the order given, and hears each as it ends. Resolves with whether all have passed. */
export async function runChecks(
  commands: readonly string[],
  atOnce: number,
  hear: (outcome: Outcome) => void,
): Promise<boolean> {
  const waiting = [...commands];
  let passed = true;
  const work = async () => {
    for (let command = waiting.shift(); command !== undefined; command = waiting.shift()) {
      const outcome = await run(command);
      passed &&= outcome.passed;
      hear(outcome);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return passed;
}

function run(command: string): Promise<Outcome> {
  const startedAt = performance.now();
  const root = resolve(import.meta.dirname, "..");
  const path = `${join(root, "node_modules/.bin")}${delimiter}${process.env.PATH}`;
  const options = { cwd: root, maxBuffer: 2 ** 28, env: { ...process.env, PATH: path } };
  return new Promise((resolve) => {
    exec(command, options, (error, stdout, stderr) => {
      const seconds = (performance.now() - startedAt) / 1000;
      // What ended by a signal or could not be started says so only here.
      const reason = error !== null && typeof error.code !== "number" ? `${error.message}\n` : "";
      resolve({ command, passed: error === null, seconds, output: stdout + stderr + reason });
    });
  });
}

function print({ command, passed, seconds, output }: Outcome): void {
  console.log(`${passed ? "ok    " : "FAILED"} ${command} (${seconds.toFixed(1)} s)`);
  if (output.trim() !== "") console.log(output.trimEnd());
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const passed = await runChecks(checks, availableParallelism(), print);
  process.exitCode = passed ? 0 : 1;
}
