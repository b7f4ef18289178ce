import { findSamplerNames, type SamplerNames } from "../../../graph/importers/sampler-names.ts";
import { findDefinition } from "../../../nodes/definitions.ts";

/**
 * Solver and schedule of a scheduler's name, such as `DPM++ 2M Karras`, the same that an imported request gets; `undefined`
 * for one that there is not.
 */
export function sampling(scheduler: string): SamplerNames | undefined {
  return findSamplerNames(findDefinition, scheduler, undefined, "flow_match");
}
