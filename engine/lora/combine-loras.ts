import type { LinearModule, LoraFactors, LoraPart } from "./lora-types.ts";
import { identity, transpose } from "./matrix.ts";

interface Weighted {
  readonly lora: LoraPart;
  /** Strength, usually -4 to 4. At 0 the LoRA is exactly off. */
  readonly weight: number;
  /** Factor to the strength in one module; 1 everywhere when absent. */
  readonly factorOf?: (module: string) => number;
}

const weightIn = ({ weight, factorOf }: Weighted, module: string): number =>
  factorOf === undefined ? weight : weight * factorOf(module);

/**
 * One low-rank pair per module for a whole stack of LoRAs: the model adds `(x a) b` to each linear layer's output.
 * Low-rank updates are set side by side along the rank. Full-rank ones are summed first and become one pair with an
 * identity, of rank min(in, out): exact, but as large as the weight itself. They can be left out here and merged into
 * the weights instead, one module at a time, with {@link differenceOf}.
 */
export async function combineLoras(
  stack: readonly Weighted[],
  fullRank: "include" | "omit" = "include",
): Promise<Map<string, LoraFactors>> {
  const combined = new Map<string, LoraFactors>();
  for (const [module, size] of changedModules(stack)) {
    const pairs = pairsOf(stack, module);
    const difference = fullRank === "include" ? await differenceOf(stack, module) : undefined;
    if (difference !== undefined) pairs.push(asPair(difference, size));
    if (pairs.length > 0) combined.set(module, sideBySide(pairs, size));
  }
  return combined;
}

function changedModules(stack: readonly Weighted[]): Map<string, LinearModule> {
  return new Map(stack.flatMap(({ lora }) => [...lora.updates]));
}

/** Modules that a stack changes in full, and not by narrow matrices. */
export function fullRankModules(stack: readonly Weighted[]): Set<string> {
  const modules = stack.flatMap((entry) => {
    const isFull = ([module, { kind }]: [string, { kind: string }]) => kind === "full" && weightIn(entry, module) !== 0;
    return [...entry.lora.updates].filter(isFull).map(([module]) => module);
  });
  return new Set(modules);
}

/** The full-rank changes of one module, weighted and summed: Float32Array [out, in]; undefined where there are none. */
export async function differenceOf(stack: readonly Weighted[], module: string): Promise<Float32Array | undefined> {
  const sums = new Map<string, Float32Array>();
  for (const entry of stack) {
    const update = entry.lora.updates.get(module);
    const weight = weightIn(entry, module);
    if (weight !== 0 && update?.kind === "full") addWeighted(sums, module, await update.delta(), weight);
  }
  return sums.get(module);
}

/** Bias changes of a stack, weighted and summed: Float32Array [out]. */
export function combineBiases(stack: readonly Weighted[]): Map<string, Float32Array> {
  const sums = new Map<string, Float32Array>();
  for (const entry of stack) {
    for (const [module, bias] of entry.lora.biasDiffs) {
      const weight = weightIn(entry, module);
      if (weight !== 0) addWeighted(sums, module, bias, weight);
    }
  }
  return sums;
}

function addWeighted(sums: Map<string, Float32Array>, module: string, values: Float32Array, weight: number): void {
  const sum = sums.get(module) ?? new Float32Array(values.length);
  for (let i = 0; i < sum.length; i++) sum[i]! += weight * values[i]!;
  sums.set(module, sum);
}

interface Pair {
  readonly rank: number;
  /** [rank, in] */
  readonly down: Float32Array;
  /** [rank, out] */
  readonly up: Float32Array;
  readonly weight: number;
}

function pairsOf(stack: readonly Weighted[], module: string): Pair[] {
  return stack.flatMap((entry) => {
    const update = entry.lora.updates.get(module);
    const weight = weightIn(entry, module);
    return weight === 0 || update?.kind !== "low-rank" ? [] : [{ ...update, weight }];
  });
}

function asPair(delta: Float32Array, { inFeatures: inputs, outFeatures: outputs }: LinearModule): Pair {
  if (inputs <= outputs) {
    const up = transpose({ rows: outputs, columns: inputs, data: delta }).data;
    return { rank: inputs, down: identity(inputs).data, up, weight: 1 };
  }
  return { rank: outputs, down: delta, up: identity(outputs).data, weight: 1 };
}

function sideBySide(pairs: readonly Pair[], { inFeatures: inputs, outFeatures: outputs }: LinearModule): LoraFactors {
  const rank = pairs.reduce((sum, pair) => sum + pair.rank, 0);
  const down = new Float32Array(rank * inputs);
  const b = new Float32Array(rank * outputs);
  let first = 0;
  for (const pair of pairs) {
    down.set(pair.down, first * inputs);
    const { up, weight } = pair;
    for (let i = 0; i < up.length; i++) b[first * outputs + i] = up[i]! * weight;
    first += pair.rank;
  }
  return { rank, a: transpose({ rows: rank, columns: inputs, data: down }).data, b };
}
