import type { ComfyNode } from "../graph.ts";
import { file, mapSimply, rule } from "./simple-rule.ts";
import type { Mapping, MappingContext, MappingRule } from "./types.ts";

export const conditioningRules: readonly MappingRule[] = [
  rule("CLIPTextEncode", {
    to: "prompt",
    params: { text: "text" },
    inputs: { textEncoder: "clip" },
    outputs: ["conditioning"],
  }),
  rule("ConditioningZeroOut", {
    to: "conditioning-zero",
    inputs: { conditioning: "conditioning" },
    outputs: ["conditioning"],
  }),
  rule("ConditioningAverage", {
    to: "conditioning-average",
    params: { share: "conditioning_to_strength" },
    inputs: { first: "conditioning_to", second: "conditioning_from" },
    outputs: ["conditioning"],
  }),
  rule("ConditioningCombine", {
    to: "conditioning-combine",
    inputs: { first: "conditioning_1", second: "conditioning_2" },
    outputs: ["conditioning"],
  }),
  rule(["ModelSamplingAuraFlow", "ModelSamplingSD3"], {
    to: "model-sampling",
    params: { shift: "shift" },
    fixed: { fromSize: false },
    inputs: { model: "model" },
    outputs: ["model"],
  }),
  rule("ModelPatchLoader", {
    to: "load-controlnet",
    params: { controlNet: file("name") },
    outputs: ["controlNet"],
  }),
  { classes: ["QwenImageDiffsynthControlnet", "ZImageFunControlnet"], map: mapControl },
];

/** Repainting through a ControlNet (a mask, a picture to repaint) has no equal. */
function mapControl(node: ComfyNode, context: MappingContext): Mapping | undefined {
  if (["mask", "inpaint_image"].some((input) => context.sourceOf(node.id, input))) return undefined;
  return mapSimply(node, {
    to: "apply-controlnet",
    params: { strength: "strength" },
    fixed: { start: 0, end: 1 },
    inputs: { model: "model", controlNet: "model_patch", image: "image", vae: "vae" },
    outputs: ["model"],
  });
}
