import { writeFile } from "node:fs/promises";
import { parentPort, workerData } from "node:worker_threads";
import { pseudoRandom } from "../support/encode-safetensors.ts";
import { checkFile, transformerModules } from "./check-file.ts";
import { corpus } from "./corpus.ts";
import { below, byteMutations, pick, rearrangeHeader, spoilHeader } from "./mutations.ts";

/** Answer to one case number; a case is fully given by the seed and its number. */
export interface CaseResult {
  readonly index: number;
  /** "loaded" or an error code; undefined when something went wrong. */
  readonly outcome?: string;
  readonly kind: string;
  readonly problem?: string;
}

const { seed, file } = workerData as { seed: number; file: string };
const specimens = await corpus();
const modules = await transformerModules();

async function runCase(index: number): Promise<CaseResult> {
  const random = pseudoRandom(seed * 1_000_003 + index);
  for (let warmUp = 0; warmUp < 4; warmUp++) random();
  const { kind, bytes, name } = pick(random, specimens);
  let mutated: Buffer = Buffer.from(bytes);
  const way = kind === "gguf" ? "bytes" : pick(random, ["bytes", "spoil", "rearrange", "rearrange"]);
  if (way === "spoil") mutated = spoilHeader(mutated, random);
  else if (way === "rearrange") mutated = rearrangeHeader(mutated, random);
  else
    for (let rounds = 1 + below(random, 3); rounds > 0; rounds--)
      mutated = pick(random, byteMutations)(mutated, random);
  await writeFile(file, mutated);
  try {
    return { index, kind, outcome: await checkFile(kind, file, mutated.length, modules) };
  } catch (error) {
    return { index, kind, problem: `${name}: ${error instanceof Error ? error.stack : String(error)}` };
  }
}

parentPort?.on("message", async (index: number) => parentPort?.postMessage(await runCase(index)));
parentPort?.postMessage("ready");
