/**
 * Benchmarks: `npm run bench -- NAME [options]`. Each prints one JSON object with medians, ratios and the machine;
 * nothing else goes to standard output. Figures in docs come from here, never from timed tests.
 */
import { HeddleError } from "../common/errors.ts";
import { restartWithAllocatorSettings } from "../engine/runtime/allocator-environment.ts";
import { machine } from "./machine.ts";

restartWithAllocatorSettings();

/** A benchmark is a module of this folder that exports `run(args)`; its result is printed as JSON. */
const benches: Record<string, () => Promise<{ run(args: string[]): Promise<Record<string, unknown>> }>> = {
  accuracy: () => import("./accuracy.ts"),
  accelerators: () => import("./accelerators.ts"),
  adherence: () => import("./adherence.ts"),
  api: () => import("./api.ts"),
  attention: () => import("./attention.ts"),
  batching: () => import("./batching.ts"),
  editor: () => import("./editor.ts"),
  "first-picture": () => import("./first-picture.ts"),
  queue: () => import("./queue.ts"),
  "half-range": () => import("./half-range.ts"),
  lora: () => import("./lora.ts"),
  memory: () => import("./memory.ts"),
  overhead: () => import("./overhead.ts"),
  start: () => import("./start.ts"),
  step: () => import("./step.ts"),
  vae: () => import("./vae.ts"),
  "seed-variance": () => import("./seed-variance.ts"),
};

const [name, ...args] = process.argv.slice(2);
const load = name === undefined ? undefined : benches[name];
if (load === undefined) {
  console.error(`Usage: npm run bench -- ${Object.keys(benches).join(" | ")}`);
  process.exit(2);
}
try {
  const result = await (await load()).run(args);
  console.log(JSON.stringify({ bench: name, date: new Date().toISOString(), machine: machine(), ...result }, null, 2));
} catch (error) {
  console.error(error instanceof HeddleError ? `${error.message} ${error.help}` : error);
  process.exitCode = 1;
}
