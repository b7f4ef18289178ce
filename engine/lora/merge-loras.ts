import { HeddleError } from "../../common/errors.ts";
import type { LoraMerge } from "../types.ts";
import type { LinearModule, LoraPart, LoraUpdate } from "./lora-types.ts";
import { fullDelta } from "./resize-lora.ts";

interface Weighted {
  readonly part: LoraPart;
  readonly weight: number;
}

/**
 * Several LoRAs as one, module by module:
 *
 * - `sum`: their changes added up, as a stack of them applies them.
 * - `average`: the sum over the sum of the weights' sizes, so that together they are as strong as one.
 * - `ties`: of each only the `density` (0 to 1) of the largest changes; where they pull in different directions, the
 *   stronger direction wins and its changes are averaged (TIES-Merging, arXiv 2306.01708). Weights count before directions
 *   are compared, as in mergekit, so that a negative weight turns a LoRA's direction; PEFT, which agrees otherwise, compares
 *   the changes without their weights.
 *
 * @throws HeddleError `lora-merge-empty` when all weights are 0
 */
export function mergedPart(
  items: readonly Weighted[],
  { method, density }: Pick<LoraMerge, "method" | "density">,
): LoraPart {
  const active = items.filter(({ weight }) => weight !== 0);
  const total = active.reduce((sum, { weight }) => sum + Math.abs(weight), 0);
  if (total === 0) {
    throw new HeddleError({
      code: "lora-merge-empty",
      message: "There is nothing to merge: every LoRA has the weight 0.",
      help: "Give at least one of them another weight.",
      field: "weight1",
    });
  }
  const scaled = method === "average" ? active.map(({ part, weight }) => ({ part, weight: weight / total })) : active;
  const modules = new Map(scaled.flatMap(({ part }) => [...part.updates]));
  const updates = new Map<string, LoraUpdate>();
  for (const [module, size] of modules) {
    const changes = scaled.flatMap(({ part, weight }) => {
      const update = part.updates.get(module);
      return update === undefined ? [] : [{ update, weight }];
    });
    updates.set(module, method === "ties" ? ties(changes, density, size) : sum(changes, size));
  }
  return { updates, biasDiffs: method === "ties" ? averageBiases(scaled) : sumOfBiases(scaled) };
}

interface Change {
  readonly update: LoraUpdate;
  readonly weight: number;
}

function sum(changes: readonly Change[], { inFeatures, outFeatures }: LinearModule): LoraUpdate {
  if (changes.every(({ update }) => update.kind === "low-rank"))
    return sideBySide(changes, { inFeatures, outFeatures });
  return {
    ...{ kind: "full", inFeatures, outFeatures },
    async delta() {
      const result = new Float32Array(inFeatures * outFeatures);
      for (const { update, weight } of changes) {
        const delta = await fullDelta(update);
        for (let i = 0; i < result.length; i++) result[i]! += weight * delta[i]!;
      }
      return result;
    },
  };
}

function sideBySide(changes: readonly Change[], { inFeatures, outFeatures }: LinearModule): LoraUpdate {
  const pairs = changes.flatMap(({ update, weight }) => (update.kind === "low-rank" ? [{ ...update, weight }] : []));
  const rank = pairs.reduce((total, pair) => total + pair.rank, 0);
  const down = new Float32Array(rank * inFeatures);
  const up = new Float32Array(rank * outFeatures);
  let first = 0;
  for (const pair of pairs) {
    down.set(pair.down, first * inFeatures);
    for (let i = 0; i < pair.up.length; i++) up[first * outFeatures + i] = pair.weight * pair.up[i]!;
    first += pair.rank;
  }
  return { kind: "low-rank", inFeatures, outFeatures, rank, down, up };
}

function ties(changes: readonly Change[], density: number, { inFeatures, outFeatures }: LinearModule): LoraUpdate {
  return {
    ...{ kind: "full", inFeatures, outFeatures },
    async delta() {
      const deltas: Float32Array[] = [];
      for (const { update, weight } of changes) {
        const delta = trimmed(await fullDelta(update), density);
        deltas.push(delta.map((value) => value * weight));
      }
      return agreed(deltas);
    },
  };
}

/** Only the largest values, by size; the rest becomes 0. */
export function trimmed(values: Float32Array, density: number): Float32Array {
  const kept = Math.floor(density * values.length);
  if (kept >= values.length) return values;
  if (kept === 0) return new Float32Array(values.length);
  const threshold = values.map(Math.abs).sort()[values.length - kept]!;
  return values.map((value) => (Math.abs(value) >= threshold ? value : 0));
}

/**
 * For each place the direction in which most is pulled, and the mean of what pulls there. Where both sides pull alike it is
 * upwards, as in PEFT (`calculate_majority_sign_mask`) and mergekit; the paper leaves it open.
 */
export function agreed(deltas: readonly Float32Array[]): Float32Array {
  const result = new Float32Array(deltas[0]!.length);
  for (let i = 0; i < result.length; i++) {
    let pull = 0;
    for (const delta of deltas) pull += delta[i]!;
    let [total, count] = [0, 0];
    for (const delta of deltas) {
      const value = delta[i]!;
      if (value === 0 || value > 0 !== pull >= 0) continue;
      total += value;
      count++;
    }
    result[i] = count === 0 ? 0 : total / count;
  }
  return result;
}

function sumOfBiases(items: readonly Weighted[]): Map<string, Float32Array> {
  const sums = new Map<string, Float32Array>();
  for (const { part, weight } of items) {
    for (const [module, bias] of part.biasDiffs) {
      const known = sums.get(module) ?? new Float32Array(bias.length);
      sums.set(
        module,
        known.map((value, i) => value + weight * bias[i]!),
      );
    }
  }
  return sums;
}

/** Biases are few and not trimmed. */
function averageBiases(items: readonly Weighted[]): Map<string, Float32Array> {
  const counts = new Map<string, number>();
  for (const { part } of items)
    for (const module of part.biasDiffs.keys()) counts.set(module, (counts.get(module) ?? 0) + 1);
  return new Map(
    [...sumOfBiases(items)].map(([module, bias]) => [module, bias.map((value) => value / counts.get(module)!)]),
  );
}
