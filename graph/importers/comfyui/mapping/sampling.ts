import type { JsonValue } from "../../../document.ts";
import type { ComfyNode } from "../graph.ts";
import { mapSimply, type ParamOrigin, readSeed, rule, seed, seedNotes } from "./simple-rule.ts";
import type { InputOrigin, Mapping, MappingContext, MappingRule, OutputTarget } from "./types.ts";

/** ComfyUI draws the noise of a batch as one tensor; everything else of its KSampler is the Sampler's usual way. */
const comfySampling = { batchNoise: "tensor", strengthRule: "rescale" };

const samplerParams: Readonly<Record<string, ParamOrigin>> = {
  steps: "steps",
  guidance: "cfg",
  solver: { widget: "sampler_name", read: readSolver },
  schedule: "scheduler",
};

const samplerInputs = { model: "model", positive: "positive", negative: "negative", latent: "latent_image" };

export const samplingRules: readonly MappingRule[] = [
  rule("KSampler", {
    to: "sampler",
    params: { seed: seed("seed"), ...samplerParams, denoise: "denoise" },
    fixed: comfySampling,
    inputs: samplerInputs,
    outputs: ["latent"],
    silent: ["control_after_generate"],
    notes: ({ values }) => seedNotes(values.seed),
  }),
  { classes: ["KSampler (Efficient)"], map: mapEfficientSampler },
  { classes: ["KSamplerAdvanced"], map: mapAdvanced },
  { classes: ["SamplerCustomAdvanced"], map: mapCustomAdvanced },
  { classes: ["SamplerCustom"], map: mapCustom },
];

/** The `_gpu` forms draw their noise elsewhere and are the same otherwise. */
function readSolver(value: JsonValue): JsonValue {
  return typeof value === "string" ? value.replace(/_gpu$/, "") : value;
}

/** A KSampler that decodes its result by itself and passes its inputs on. */
function mapEfficientSampler(node: ComfyNode): Mapping {
  const sampler = mapSimply(node, {
    to: "sampler",
    params: { seed: seed("seed"), ...samplerParams, denoise: "denoise" },
    fixed: comfySampling,
    inputs: { ...samplerInputs, vae: "optional_vae" },
    silent: ["control_after_generate", "preview_method", "vae_decode"],
  });
  return {
    ...sampler,
    parts: [
      ...sampler.parts,
      {
        type: "vae-decode",
        params: {},
        inputs: { latent: { part: 0, port: "latent" }, vae: { input: "optional_vae" } },
      },
    ],
    outputs: [
      { passes: "model" },
      { passes: "positive" },
      { passes: "negative" },
      { part: 0, port: "latent" },
      { passes: "optional_vae" },
      { part: 1, port: "image" },
    ],
    notes: seedNotes(node.values.seed),
  };
}

/** Part of a schedule, with or without noise of its own. */
function mapAdvanced(node: ComfyNode): Mapping {
  const { values } = node;
  return mapSimply(node, {
    to: "sampler",
    params: {
      seed: seed("noise_seed"),
      ...samplerParams,
      startStep: { widget: "start_at_step", read: stepNumber },
      endStep: { widget: "end_at_step", read: stepNumber },
      addNoise: { widget: "add_noise", read: (value) => value !== "disable" },
      finish: { widget: "return_with_leftover_noise", read: (value) => value !== "enable" },
    },
    fixed: { ...comfySampling, denoise: 1 },
    inputs: samplerInputs,
    outputs: ["latent"],
    silent: ["control_after_generate"],
    notes: () => seedNotes(values.noise_seed),
  });
}

/** ComfyUI writes 10,000 for "to the end". */
function stepNumber(value: JsonValue): JsonValue {
  return typeof value === "number" ? Math.min(value, 1000) : value;
}

/** SamplerCustomAdvanced and the nodes that say what it does: noise, guider, sampler, sigmas. */
function mapCustomAdvanced(node: ComfyNode, context: MappingContext): Mapping | undefined {
  const noise = context.sourceOf(node.id, "noise")?.node;
  const guider = context.sourceOf(node.id, "guider")?.node;
  const plan = samplingPlan(node, context);
  const guidance = guider && guiderOf(guider);
  if (!noise || !guidance || !plan || !["RandomNoise", "DisableNoise"].includes(noise.type)) return undefined;
  return {
    ...customMapping(plan, {
      params: {
        seed: readSeed(noise.values.noise_seed ?? 0),
        guidance: guidance.scale,
        addNoise: noise.type === "RandomNoise",
      },
      inputs: { ...guidance.inputs, latent: { input: "latent_image" } },
    }),
    absorbs: [noise.id, guider.id, ...plan.nodes],
    notes: seedNotes(noise.values.noise_seed),
  };
}

function guiderOf(guider: ComfyNode): { scale: JsonValue; inputs: Record<string, InputOrigin> } | undefined {
  const of = guider.id;
  if (guider.type === "BasicGuider") {
    return { scale: 1, inputs: { model: { of, input: "model" }, positive: { of, input: "conditioning" } } };
  }
  if (guider.type !== "CFGGuider") return undefined;
  return {
    scale: guider.values.cfg ?? 1,
    inputs: {
      model: { of, input: "model" },
      positive: { of, input: "positive" },
      negative: { of, input: "negative" },
    },
  };
}

function mapCustom(node: ComfyNode, context: MappingContext): Mapping | undefined {
  const plan = samplingPlan(node, context);
  if (!plan) return undefined;
  const { add_noise: addNoise, noise_seed: noiseSeed, cfg } = node.values;
  return {
    ...customMapping(plan, {
      params: {
        seed: readSeed(noiseSeed ?? 0),
        guidance: cfg ?? 1,
        addNoise: addNoise !== false && addNoise !== "disable",
      },
      inputs: {
        model: { input: "model" },
        positive: { input: "positive" },
        negative: { input: "negative" },
        latent: { input: "latent_image" },
      },
    }),
    settings: {
      noise_seed: { part: 0, param: "seed" },
      cfg: { part: 0, param: "guidance" },
      add_noise: { part: 0, param: "addNoise" },
    },
    silent: ["control_after_generate"],
    absorbs: plan.nodes,
    notes: seedNotes(noiseSeed),
  };
}

interface SamplingPlan {
  params: Record<string, JsonValue>;
  /** Ids of the nodes that said so. */
  nodes: string[];
  /** All steps are run, so that the estimate of the clean picture is the result. */
  isWhole: boolean;
}

/** Solver and schedule, when the nodes that name them are of the kind that the Sampler has settings for. */
function samplingPlan(node: ComfyNode, context: MappingContext): SamplingPlan | undefined {
  const select = context.sourceOf(node.id, "sampler")?.node;
  let sigmas = context.sourceOf(node.id, "sigmas");
  const part: Record<string, JsonValue> = {};
  const nodes: string[] = [];
  if (sigmas?.node.type === "SplitSigmas" && sigmas.node.mode === "active") {
    const step = sigmas.node.values.step ?? 0;
    Object.assign(part, sigmas.slot === 0 ? { endStep: step, finish: false } : { startStep: step });
    nodes.push(sigmas.node.id);
    sigmas = context.sourceOf(sigmas.node.id, "sigmas");
  }
  const scheduler = sigmas?.node;
  if (select?.type !== "KSamplerSelect" || scheduler?.type !== "BasicScheduler") return undefined;
  if (select.mode !== "active" || scheduler.mode !== "active") return undefined;
  return {
    params: {
      solver: readSolver(select.values.sampler_name ?? "euler"),
      schedule: scheduler.values.scheduler ?? "simple",
      steps: scheduler.values.steps ?? 20,
      denoise: scheduler.values.denoise ?? 1,
      ...part,
    },
    nodes: [select.id, scheduler.id, ...nodes],
    isWhole: Object.keys(part).length === 0,
  };
}

function customMapping(
  { params, isWhole }: SamplingPlan,
  rest: { params: Record<string, JsonValue>; inputs: Record<string, InputOrigin> },
): Mapping {
  const latent: OutputTarget = { part: 0, port: "latent" };
  return {
    parts: [{ type: "sampler", params: { ...comfySampling, ...params, ...rest.params }, inputs: rest.inputs }],
    outputs: [latent, isWhole ? latent : undefined],
    settings: {},
    silent: [],
  };
}
