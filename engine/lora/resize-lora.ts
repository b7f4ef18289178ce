import type { LoraPart, LoraUpdate } from "./lora-types.ts";
import { type Matrix, multiply, transpose } from "./matrix.ts";
import { type LowRank, type Truncation, truncatedMatrix, truncatedProduct } from "./svd.ts";

/** The change of one weight in full: Float32Array [out, in]. */
export async function fullDelta(update: LoraUpdate): Promise<Float32Array> {
  if (update.kind === "full") return update.delta();
  const { down, up } = asMatrices(update);
  return multiply(transpose(up), down).data;
}

/** The same changes with narrower matrices: those parts of each that matter most (singular value decomposition). */
export async function resizedPart(part: LoraPart, keep: Truncation, signal?: AbortSignal): Promise<LoraPart> {
  const updates = new Map<string, LoraUpdate>();
  for (const [module, update] of part.updates) {
    signal?.throwIfAborted();
    const { inFeatures, outFeatures } = update;
    const { left, right } = await truncated(update, keep);
    updates.set(module, {
      ...{ kind: "low-rank", inFeatures, outFeatures, rank: right.rows },
      down: right.data,
      up: transpose(left).data,
    });
    // Long work: let others have their turn.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return { updates, biasDiffs: part.biasDiffs };
}

async function truncated(update: LoraUpdate, keep: Truncation): Promise<LowRank> {
  const { inFeatures, outFeatures } = update;
  if (update.kind === "low-rank" && update.rank < Math.min(inFeatures, outFeatures)) {
    const { down, up } = asMatrices(update);
    return truncatedProduct(transpose(up), down, keep);
  }
  return truncatedMatrix({ rows: outFeatures, columns: inFeatures, data: await fullDelta(update) }, keep);
}

function asMatrices(update: LoraUpdate & { kind: "low-rank" }): { down: Matrix; up: Matrix } {
  const { rank, inFeatures, outFeatures, down, up } = update;
  return {
    down: { rows: rank, columns: inFeatures, data: down },
    up: { rows: rank, columns: outFeatures, data: up },
  };
}
