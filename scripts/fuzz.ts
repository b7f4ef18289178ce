/**
 * `npm run fuzz -- N --seed S [--workflows]`: opens N damaged weight files (or workflows and pictures; default 1000) and
 * reports how each was taken.
 */
import { parseArgs } from "node:util";
import { runFuzz } from "../test/fuzz/run-fuzz.ts";
import { fuzzWorkflows } from "../test/fuzz/workflow-cases.ts";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: "string", default: "1" }, workflows: { type: "boolean", default: false } },
});
const [count, seed] = [Number(positionals[0] ?? 1000), Number(values.seed)];
if (!Number.isInteger(count) || count < 1 || !Number.isInteger(seed)) {
  console.error("usage: npm run fuzz -- [number of cases] [--seed number] [--workflows]");
  process.exit(2);
}

const started = performance.now();
const { outcomes, problems } = await (values.workflows ? fuzzWorkflows : runFuzz)(count, seed);
for (const [outcome, times] of [...outcomes].sort()) console.log(`${String(times).padStart(7)}  ${outcome}`);
for (const problem of problems) console.error(problem);
const seconds = ((performance.now() - started) / 1000).toFixed(1);
console.log(`${count} cases of seed ${seed} in ${seconds} s: ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
