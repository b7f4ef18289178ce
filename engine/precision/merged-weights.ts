import { HeddleError } from "../../common/errors.ts";
import type { WeightSet } from "../weights/weight-set.ts";
import { type DerivationRequest, deriveWeights, type WeightChanges } from "./derive-weights.ts";
import { DerivedStore } from "./derived-store.ts";

/** Weights with changes merged into them. */
export interface MergedWeights {
  readonly weights: WeightSet;
  /** Paths of the layers that differ from the model's own. */
  readonly modules: ReadonlySet<string>;
}

/** Merged files that stay on the disk: what is drawn with now, and what it is compared with. */
const KEPT = 2;

interface MergeRequest extends Omit<DerivationRequest, "changes" | "cacheFolder"> {
  readonly changes: WeightChanges;
  /** Undefined where there is no cache. */
  readonly cacheFolder: string | undefined;
}

/**
 * Merges changes into a large model's weights, layer by layer on the way to the disk, so that memory holds one layer's
 * change at a time; what is there already is used again.
 *
 * @param request its needs name only the graphs that a change is in
 * @throws HeddleError `lora-needs-cache`, what {@link deriveWeights} throws
 */
export async function mergeWeights({ cacheFolder, ...request }: MergeRequest): Promise<MergedWeights> {
  if (cacheFolder === undefined) {
    throw new HeddleError({
      code: "lora-needs-cache",
      message: "A LoRA of this kind is merged into the model on disk, and there is no cache folder to do that in.",
      help: "Set a cache folder, or make a narrow LoRA of it first with Resize LoRA.",
      field: "loras",
    });
  }
  const weights = await deriveWeights({ ...request, cacheFolder });
  await new DerivedStore(cacheFolder).removeMerged(KEPT, weights.metadata.key);
  return { weights, modules: request.changes.modules };
}
