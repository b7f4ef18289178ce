import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { HeddleError } from "../../common/errors.ts";
import type { JsonValue } from "../../graph/document.ts";
import { addPngText } from "../../graph/embedding/png-text.ts";
import { openAnyWorkflow } from "../../graph/importers/index.ts";
import { parseWorkflowText } from "../../graph/parse.ts";
import { planExecution } from "../../graph/plan.ts";
import { serializeWorkflow } from "../../graph/serialize.ts";
import { validateWorkflow } from "../../graph/validate.ts";
import { findDefinition } from "../../nodes/definitions.ts";
import { pseudoRandom } from "../support/encode-safetensors.ts";
import { below, byteMutations, pick } from "./mutations.ts";

/** A case that takes longer counts as a hang. */
const LIMIT_MS = 1000;

type Random = () => number;

export interface WorkflowFuzzSummary {
  /** How often each outcome came: "opened", "imported", an error's code. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly problems: readonly string[];
}

/**
 * Opens workflows and pictures that were changed at random, cases 0 to `count` - 1 of a seed. Each must open (and then be
 * validated, planned, and written so that it opens again as the same) or be refused with a typed error, in time.
 */
export async function fuzzWorkflows(count: number, seed: number): Promise<WorkflowFuzzSummary> {
  const specimens = await workflowSpecimens();
  const outcomes = new Map<string, number>();
  const problems: string[] = [];
  for (let index = 0; index < count; index++) {
    const random = pseudoRandom(seed * 1_000_003 + index);
    for (let warmUp = 0; warmUp < 4; warmUp++) random();
    const { name, text, picture } = pick(random, specimens);
    const input = mutate(random, text, picture);
    const startedAt = performance.now();
    try {
      const outcome = openAndCheck(input);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    } catch (error) {
      problems.push(`case ${index} of seed ${seed}, ${name}: ${error instanceof Error ? error.stack : String(error)}`);
    }
    const ms = performance.now() - startedAt;
    if (ms > LIMIT_MS) problems.push(`case ${index} of seed ${seed}, ${name}: took ${Math.round(ms)} ms`);
  }
  return { outcomes, problems };
}

function openAndCheck(input: Uint8Array | string): string {
  let opened: ReturnType<typeof openAnyWorkflow>;
  try {
    opened = openAnyWorkflow(input, { definitions: findDefinition });
  } catch (error) {
    if (!(error instanceof HeddleError) || error.code === "internal-error") throw error;
    if (error.message === "" || error.help === "") throw new Error(`${error.code} without words`);
    return error.code;
  }
  const { document, report } = opened;
  validateWorkflow(document, findDefinition);
  planExecution(document, findDefinition);
  const text = serializeWorkflow(document);
  if (serializeWorkflow(parseWorkflowText(text).document) !== text)
    throw new Error("not the same when saved and opened again");
  if (!report) return "opened";
  const { total, mapped, kept, virtual } = report.nodes;
  if (mapped + kept + virtual !== total) throw new Error("the report does not add up");
  return "imported";
}

interface Specimen {
  name: string;
  text: string;
  /** The text inside a picture. */
  picture: Uint8Array;
}

async function workflowSpecimens(): Promise<Specimen[]> {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: "blue" } })
    .png()
    .toBuffer();
  const files = ["test/fixtures/comfyui", "test/fixtures/documents", "resources/templates"].flatMap((folder) =>
    readdirSync(path.join(root, folder))
      .filter((name) => name.endsWith(".json"))
      .map((name) => path.join(root, folder, name)),
  );
  const services = {
    fal: '{"endpoint":"fal-ai/z-image/turbo","input":{"prompt":"a","image_size":{"width":512,"height":512},"loras":[{"path":"a","scale":1}]}}',
    runware:
      '[{"taskType":"imageInference","positivePrompt":"a","width":512,"height":512,"lora":[{"model":"a","weight":1}]}]',
    a1111: "a\nNegative prompt: b\nSteps: 8, Sampler: Euler a, CFG scale: 1, Seed: 1, Size: 512x512",
  };
  const texts = [
    ...files.map((file): [string, string] => [path.basename(file), readFileSync(file, "utf8")]),
    ...Object.entries(services),
  ];
  return texts.map(([name, text]) => ({
    name,
    text,
    picture: addPngText(png, {
      [name === "a1111" ? "parameters" : name.includes(".api.") ? "prompt" : "workflow"]: text,
    }),
  }));
}

function mutate(random: Random, text: string, picture: Uint8Array): Uint8Array | string {
  const way = below(random, 10);
  if (way === 0) {
    let bytes: Buffer = Buffer.from(picture);
    for (let rounds = 1 + below(random, 3); rounds > 0; rounds--) bytes = pick(random, byteMutations)(bytes, random);
    return bytes;
  }
  if (way === 1) {
    let bytes: Buffer = Buffer.from(text);
    for (let rounds = 1 + below(random, 3); rounds > 0; rounds--) bytes = pick(random, byteMutations)(bytes, random);
    return bytes.toString("latin1");
  }
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    return text.slice(below(random, text.length), below(random, text.length) + 1) || text;
  }
  for (let rounds = 1 + below(random, 6); rounds > 0; rounds--) changeOne(random, value);
  return JSON.stringify(value);
}

const strange: readonly JsonValue[] = [
  null,
  true,
  0,
  -1,
  1e308,
  0.5,
  2 ** 60,
  "",
  "-10",
  "x".repeat(300),
  "../../etc/passwd",
  "<img src=x onerror=alert(1)>",
  "\u0000",
  "constructor",
  [],
  {},
  [[]],
  [1, 0],
  ["-10", 0],
  { __value__: [1] },
];

/** Changes one place in a value: replaces, removes, renames, doubles, or swaps it with another place. */
function changeOne(random: Random, root: JsonValue): void {
  const places: { holder: JsonValue[] | { [key: string]: JsonValue }; key: string }[] = [];
  const waiting: JsonValue[] = [root];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (typeof value !== "object" || value === null) continue;
    for (const [key, inner] of Object.entries(value)) {
      places.push({ holder: value as { [key: string]: JsonValue }, key });
      waiting.push(inner);
    }
  }
  if (places.length === 0) return;
  const { holder, key } = pick(random, places);
  const other = pick(random, places);
  const record = holder as { [key: string]: JsonValue };
  const copyOf = (value: JsonValue | undefined) => structuredClone(value ?? null);
  switch (below(random, 6)) {
    case 0:
      delete record[key];
      break;
    case 1:
      record[key] = copyOf((other.holder as { [key: string]: JsonValue })[other.key]);
      break;
    case 2:
      if (Array.isArray(holder)) holder.push(copyOf(record[key]));
      else record[`${key}2`] = copyOf(record[key]);
      break;
    case 3:
      if (Array.isArray(holder)) holder.reverse();
      else {
        record[pick(random, ["id", "type", "inputs", "links", "class_type", "toString", "widgets_values"])] = copyOf(
          record[key],
        );
      }
      break;
    default:
      record[key] = copyOf(pick(random, strange));
  }
}
