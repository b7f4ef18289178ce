/**
 * Runs every golden case of a folder laid out like `test/golden/` and prints each with its largest error.
 *
 *     npm run -s golden -- [DIR] [--only TEXT] [--markdown]
 *
 * With `--markdown`, prints one table of the largest errors by kind instead of a line for each case.
 */
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { bytesToFloats, readTensorBytes } from "../engine/weights/read-tensor.ts";
import { readSafetensorsHeader } from "../engine/weights/safetensors.ts";
import type { TensorInfo } from "../engine/weights/tensor.ts";
import { pool } from "./golden-kinds/load.ts";
import { modelKinds } from "./golden-kinds/models.ts";
import { noiseCases } from "./golden-kinds/noise.ts";
import { pipelineKinds } from "./golden-kinds/pipelines.ts";
import { samplingKinds } from "./golden-kinds/sampling.ts";
import type { GoldenCase, GoldenKind, GoldenTensor } from "./golden-kinds/types.ts";

const kinds: Record<string, GoldenKind> = { ...modelKinds, ...pipelineKinds, ...samplingKinds };

const specSchema = z.record(z.string(), z.object({ dtype: z.string(), shape: z.array(z.int()) }));
const manifestSchema = z.object({
  cases: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      file: z.string(),
      model: z.string().nullable(),
      inputs: specSchema,
      expected: specSchema,
      params: z.record(z.string(), z.unknown()),
      tolerance: z.object({
        exact: z.boolean().optional(),
        f32: z.object({ rel_l2: z.number().optional(), max_abs: z.number().optional() }).optional(),
      }),
    }),
  ),
});
type ManifestCase = z.infer<typeof manifestSchema>["cases"][number];

async function readGolden(info: TensorInfo): Promise<GoldenTensor> {
  const bytes = await readTensorBytes(info);
  const { dtype, shape } = info;
  if (dtype === "U8" || dtype === "BOOL") return { dtype, shape, data: bytes };
  if (dtype === "I64") return { dtype, shape, data: new BigInt64Array(bytes.buffer) };
  if (dtype === "I32") return { dtype, shape, data: new Int32Array(bytes.buffer) };
  if (dtype === "F64") return { dtype, shape, data: new Float64Array(bytes.buffer) };
  return { dtype, shape, data: bytesToFloats(bytes, info) };
}

interface Verdict {
  passed: boolean;
  text: string;
  /** Largest absolute error, and relative error in the Euclidean norm. */
  maxAbs?: number;
  relative?: number;
}

/** Largest error of one tensor against what is allowed. */
function compare(
  name: string,
  actual: ArrayLike<number | bigint> | undefined,
  golden: GoldenTensor,
  spec: ManifestCase,
): Verdict {
  if (actual === undefined) return { passed: false, text: `${name} was not computed` };
  if (actual.length !== golden.data.length) {
    return { passed: false, text: `${name} has ${actual.length} values, expected ${golden.data.length}` };
  }
  let maxAbs = 0;
  let error = 0;
  let norm = 0;
  for (let i = 0; i < actual.length; i++) {
    const expected = Number(golden.data[i]);
    const difference = Math.abs(Number(actual[i]) - expected);
    if (!(difference <= maxAbs)) maxAbs = difference;
    error += difference ** 2;
    norm += expected ** 2;
  }
  const relative = norm === 0 ? Math.sqrt(error) : Math.sqrt(error / norm);
  const text = `${name} max ${maxAbs.toExponential(1)} rel ${relative.toExponential(1)}`;
  const errors = { text, maxAbs, relative };
  if (spec.tolerance.exact === true || golden.data instanceof BigInt64Array) return { passed: maxAbs === 0, ...errors };
  // Rounding to 8 bits may fall on the other side of a tie.
  if (golden.data instanceof Uint8Array) return { passed: maxAbs <= 1, ...errors };
  const scale = name.startsWith("timesteps") ? 1000 : 1;
  const { max_abs = Number.POSITIVE_INFINITY, rel_l2 = Number.POSITIVE_INFINITY } = spec.tolerance.f32 ?? {};
  return { passed: maxAbs <= max_abs * scale && relative <= rel_l2, ...errors };
}

async function runCase(root: string, spec: ManifestCase, kind: GoldenKind): Promise<Verdict> {
  const file = await readSafetensorsHeader(join(root, spec.file));
  const read = async (names: Record<string, unknown>) =>
    Object.fromEntries(
      await Promise.all(
        Object.keys(names).map(async (name) => {
          const info = file.tensors.get(name);
          if (info === undefined) throw new Error(`${spec.file} lacks ${name}`);
          return [name, await readGolden(info)] as const;
        }),
      ),
    );
  const inputs = await read(spec.inputs);
  const expected = await read(spec.expected);
  const actual = await kind({ root, case: spec satisfies GoldenCase, inputs });
  const verdicts = Object.entries(expected).map(([name, golden]) => compare(name, actual[name], golden, spec));
  const failed = verdicts.filter((verdict) => !verdict.passed);
  return {
    passed: failed.length === 0,
    text: (failed.length > 0 ? failed : verdicts).map(({ text }) => text).join("; "),
    maxAbs: Math.max(...verdicts.map(({ maxAbs = Number.NaN }) => maxAbs)),
    relative: Math.max(...verdicts.map(({ relative = Number.NaN }) => relative)),
  };
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: "string" }, markdown: { type: "boolean", default: false } },
});
const root = resolve(positionals[0] ?? join(dirname(new URL(import.meta.url).pathname), "golden"));
const manifest = manifestSchema.parse(JSON.parse(await readFile(join(root, "manifest.json"), "utf8")));
const counts = { passed: 0, failed: 0, skipped: 0 };
const skippedKinds = new Set<string>();

const byKind = new Map<string, Verdict[]>();

function report(id: string, kind: string, verdict: Verdict): void {
  counts[verdict.passed ? "passed" : "failed"]++;
  byKind.set(kind, [...(byKind.get(kind) ?? []), verdict]);
  if (!values.markdown) console.log(`${verdict.passed ? "ok    " : "FAILED"} ${id}: ${verdict.text}`);
}

for (const spec of manifest.cases) {
  if (values.only !== undefined && !spec.id.includes(values.only) && !spec.kind.includes(values.only)) continue;
  const kind = kinds[spec.kind];
  if (kind === undefined) {
    counts.skipped++;
    skippedKinds.add(spec.kind);
    continue;
  }
  report(
    spec.id,
    spec.kind,
    await runCase(root, spec, kind).catch((error: unknown) => ({
      passed: false,
      text:
        error instanceof Error
          ? `${error.message} ${JSON.stringify("details" in error ? error.details : "")}`
          : String(error),
    })),
  );
}
if (values.only === undefined || "noise".includes(values.only)) {
  for (const { id, verdict } of await noiseCases(root)) report(id, "noise", verdict);
}
if (values.markdown) printTable();
await pool.dispose();
for (const kind of skippedKinds) console.log(`skipped: the kind "${kind}" is not known`);
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 ? 1 : 0;

function printTable(): void {
  console.log("| kind | cases | passed | largest absolute error | largest relative error |");
  console.log("| --- | --- | --- | --- | --- |");
  const figure = (verdicts: Verdict[], name: "maxAbs" | "relative") => {
    const errors = verdicts.map((verdict) => verdict[name]).filter((error) => error !== undefined);
    return errors.length === 0 ? "" : Math.max(...errors).toExponential(1);
  };
  for (const [kind, verdicts] of [...byKind].sort(([a], [b]) => a.localeCompare(b))) {
    const passed = verdicts.filter((verdict) => verdict.passed).length;
    const errors = `${figure(verdicts, "maxAbs")} | ${figure(verdicts, "relative")}`;
    console.log(`| ${kind} | ${verdicts.length} | ${passed} | ${errors} |`);
  }
}
