import type { LoraBlockRule, LoraReference } from "../types.ts";

/** The weight of a LoRA when `progress` (0 to 1) of a run's steps are done. */
export function weightAt({ weight, schedule = [] }: LoraReference, progress: number): number {
  const points = [...schedule].sort((a, b) => a.at - b.at);
  const after = points.findIndex(({ at }) => at > progress);
  const before = points[(after === -1 ? points.length : after) - 1];
  const next = after === -1 ? undefined : points[after];
  if (before === undefined) return weight * (next?.factor ?? 1);
  if (next === undefined) return weight * before.factor;
  const share = (progress - before.at) / (next.at - before.at);
  return weight * (before.factor + share * (next.factor - before.factor));
}

/** The factor to a LoRA's weight in one layer, by its canonical path ("layers.3.attention.to_q"). */
export function blockFactor(rules: readonly LoraBlockRule[], module: string): number {
  return rules.findLast((rule) => fits(rule, module))?.factor ?? 1;
}

function fits({ part, from, to }: LoraBlockRule, module: string): boolean {
  const names = module.split(".");
  const at = names.indexOf(part);
  if (at === -1) return false;
  if (from === undefined) return true;
  const number = Number(names[at + 1]);
  return number >= from && number <= (to ?? from);
}
