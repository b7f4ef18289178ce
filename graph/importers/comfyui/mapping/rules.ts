import { accelerationRules } from "./acceleration.ts";
import { conditioningRules } from "./conditioning.ts";
import { imageRules } from "./images.ts";
import { latentRules } from "./latents.ts";
import { loaderRules } from "./loaders.ts";
import { maskRules } from "./masks.ts";
import { samplingRules } from "./sampling.ts";
import { textRules } from "./text.ts";
import type { MappingRule } from "./types.ts";

const all: readonly MappingRule[] = [
  ...loaderRules,
  ...accelerationRules,
  ...conditioningRules,
  ...samplingRules,
  ...latentRules,
  ...imageRules,
  ...maskRules,
  ...textRules,
];

const byClass = new Map(all.flatMap((rule) => rule.classes.map((name) => [name, rule] as const)));

export function ruleFor(comfyClass: string): MappingRule | undefined {
  return byClass.get(comfyClass);
}
