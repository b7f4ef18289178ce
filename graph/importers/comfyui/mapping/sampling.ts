import type { JsonValue } from "../../../document.ts";
import type { ComfyNode } from "../graph.ts";
import { mapSimply, type ParamOrigin, readSeed, rule, seed, seedNotes } from "./simple-rule.ts";
import type { InputOrigin, Mapping, MappingContext, MappingRule, OutputTarget } from "./types.ts";

/** ComfyUI draws the noise of a batch as one tensor; everything else of its KSampler is the Sampler's usual way. */
const comfySampling = { batchNoise: "tensor", strengthRule: "rescale" };

const samplerParams: Readonly<Record<string, ParamOrigin>> = {
  steps: "steps",
  guidance: "cfg",
  solver: { widget: "sampler_name", read: readSolver, takesLinks: true },
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
    notes: (node) => seedNotes(node, "seed"),
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
    notes: seedNotes(node, "seed"),
  };
}

/** Part of a schedule, with or without noise of its own. */
function mapAdvanced(node: ComfyNode): Mapping {
  return mapSimply(node, {
    to: "sampler",
    params: {
      seed: seed("noise_seed"),
      ...samplerParams,
      startStep: { widget: "start_at_step", read: stepNumber, takesLinks: true },
      endStep: { widget: "end_at_step", read: stepNumber, takesLinks: true },
      addNoise: { widget: "add_noise", read: (value) => value !== "disable" },
      finish: { widget: "return_with_leftover_noise", read: (value) => value !== "enable" },
    },
    fixed: { ...comfySampling, denoise: 1 },
    inputs: samplerInputs,
    outputs: ["latent"],
    silent: ["control_after_generate"],
    notes: () => seedNotes(node, "noise_seed"),
  });
}

/** ComfyUI writes 10,000 for "to the end". */
function stepNumber(value: JsonValue): JsonValue {
  return typeof value === "number" ? Math.min(value, 1000) : value;
}

/** SamplerCustomAdvanced and the nodes that say what it does: noise, guider, sampler, sigmas. */
function mapCustomAdvanced(node: ComfyNode, context: MappingContext): Mapping | undefined {
  const noise = activeSource(node.id, "noise", context)?.node;
  const guider = activeSource(node.id, "guider", context)?.node;
  const guidance = guider && guiderOf(guider);
  if (!noise || !guidance || !["RandomNoise", "DisableNoise"].includes(noise.type)) return undefined;
  const plan = samplingPlan(node, guider.id, context);
  if (!plan) return undefined;
  return {
    ...customMapping(plan, context, {
      params: {
        seed: readSeed(noise.values.noise_seed ?? 0),
        guidance: guidance.scale,
        addNoise: noise.type === "RandomNoise",
      },
      inputs: { ...guidance.inputs, latent: { input: "latent_image" } },
      settings: { seed: { of: noise.id, input: "noise_seed" }, guidance: { of: guider.id, input: "cfg" } },
    }),
    absorbs: [noise.id, guider.id, ...plan.nodes],
    notes: [...seedNotes(noise, "noise_seed"), ...plan.notes],
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
  const plan = samplingPlan(node, node.id, context);
  if (!plan) return undefined;
  const { add_noise: addNoise, noise_seed: noiseSeed, cfg } = node.values;
  return {
    ...customMapping(plan, context, {
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
      settings: {},
    }),
    settings: {
      noise_seed: { part: 0, param: "seed" },
      cfg: { part: 0, param: "guidance" },
      add_noise: { part: 0, param: "addNoise" },
    },
    silent: ["control_after_generate"],
    absorbs: plan.nodes,
    notes: [...seedNotes(node, "noise_seed"), ...plan.notes],
  };
}

interface SamplingPlan {
  params: Record<string, JsonValue>;
  /** Where each param was set, by its name: that may have a link. */
  settings: Record<string, { of: string; input: string }>;
  /** Ids of the nodes that said so. */
  nodes: string[];
  /** All steps are run, so that the estimate of the clean picture is the result. */
  isWhole: boolean;
  notes: NonNullable<Mapping["notes"]>;
}

/**
 * Solver and schedule, when the nodes that name them are of the kind that the Sampler has settings for. `modelUser` is the
 * node that gets the model that is sampled with.
 */
function samplingPlan(node: ComfyNode, modelUser: string, context: MappingContext): SamplingPlan | undefined {
  const select = activeSource(node.id, "sampler", context)?.node;
  const solver = select && solverOf(select);
  const range = stepRange(node, context);
  const scheduler = range?.scheduler;
  if (solver === undefined || !range || scheduler?.type !== "BasicScheduler") return undefined;
  // How noise levels are spread comes from the scheduler's model, all else from the other.
  const [scheduled, sampled] = [shiftOf(scheduler.id, context), shiftOf(modelUser, context)];
  if (scheduled !== undefined && sampled !== undefined && scheduled !== sampled) return undefined;
  return {
    params: {
      solver,
      schedule: scheduler.values.scheduler ?? "simple",
      steps: scheduler.values.steps ?? 20,
      denoise: scheduler.values.denoise ?? 1,
      ...range.params,
    },
    settings: {
      solver: { of: select!.id, input: "sampler_name" },
      schedule: { of: scheduler.id, input: "scheduler" },
      steps: { of: scheduler.id, input: "steps" },
      denoise: { of: scheduler.id, input: "denoise" },
      ...range.settings,
    },
    nodes: [select!.id, scheduler.id, ...range.nodes],
    isWhole: range.nodes.length === 0,
    notes: shortenedSolvers.has(solver)
      ? [
          {
            code: "import-noise-level-left-out",
            message: `ComfyUI’s schedulers that are nodes of their own keep the noise level that ${solver} leaves out of a KSampler; here it is always left out.`,
            help: "The steps differ a little. Choose another solver to be exact.",
            field: "solver",
            details: { solver },
          },
        ]
      : [],
  };
}

/** KSampler's tables for these have one level more, without the one before the last. */
const shortenedSolvers: ReadonlySet<JsonValue> = new Set(["dpm_2", "dpm_2_ancestral", "uni_pc", "uni_pc_bh2"]);

/** Nodes for one solver each, with the settings that KSampler uses. */
const solverNodes: Readonly<Record<string, { solver: string; usual: Readonly<Record<string, JsonValue>> }>> = {
  SamplerEulerAncestral: { solver: "euler_ancestral", usual: { eta: 1, s_noise: 1 } },
  SamplerDPMPP_2S_Ancestral: { solver: "dpmpp_2s_ancestral", usual: { eta: 1, s_noise: 1 } },
  SamplerDPMPP_SDE: { solver: "dpmpp_sde", usual: { eta: 1, s_noise: 1, r: 0.5 } },
  SamplerDPMPP_2M_SDE: { solver: "dpmpp_2m_sde", usual: { solver_type: "midpoint", eta: 1, s_noise: 1 } },
  SamplerDPMPP_3M_SDE: { solver: "dpmpp_3m_sde", usual: { eta: 1, s_noise: 1 } },
  SamplerLMS: { solver: "lms", usual: { order: 4 } },
};

function solverOf({ type, values }: ComfyNode): JsonValue | undefined {
  if (type === "KSamplerSelect") return readSolver(values.sampler_name ?? "euler");
  const known = Object.hasOwn(solverNodes, type) ? solverNodes[type] : undefined;
  const isUsual = known && Object.entries(known.usual).every(([name, value]) => (values[name] ?? value) === value);
  return isUsual ? known.solver : undefined;
}

interface StepRange {
  /** What makes the noise levels. */
  scheduler: ComfyNode;
  params: Record<string, JsonValue>;
  settings: Record<string, { of: string; input: string }>;
  /** Nodes that split the levels. */
  nodes: string[];
}

/** Which of a scheduler's steps a sampler runs, through nodes that split them. */
function stepRange(node: ComfyNode, context: MappingContext): StepRange | undefined {
  let source = activeSource(node.id, "sigmas", context);
  const nodes: string[] = [];
  const settings: StepRange["settings"] = {};
  let [start, end] = [0, Number.POSITIVE_INFINITY];
  while (source?.node.type === "SplitSigmas") {
    const { id, values } = source.node;
    const step = values.step ?? 0;
    if (typeof step !== "number" || nodes.includes(id)) return undefined;
    if (context.sourceOf(id, "step")) settings[source.slot === 0 ? "endStep" : "startStep"] = { of: id, input: "step" };
    if (source.slot === 0) end = Math.min(end, step);
    else [start, end] = [start + step, end + step];
    nodes.push(id);
    source = activeSource(id, "sigmas", context);
  }
  // A part of a part is known only by its numbers.
  if (!source || (nodes.length > 1 && Object.keys(settings).length > 0)) return undefined;
  const params = {
    ...(start > 0 ? { startStep: start } : {}),
    ...(end < Number.POSITIVE_INFINITY ? { endStep: end, finish: false } : {}),
  };
  return { scheduler: source.node, params, settings, nodes };
}

/** Models behind each other; more is a loop. */
const MAX_MODELS = 500;

/** What decides on the sigma shift of the model that a node gets: the value set last, or else the loader. */
function shiftOf(nodeId: string, context: MappingContext): string | undefined {
  let id = nodeId;
  for (let hops = 0; hops < MAX_MODELS; hops++) {
    const found = context.sourceOf(id, "model")?.node;
    if (!found) return id === nodeId ? undefined : `loader ${id}`;
    const isSet = found.mode === "active" && found.type.startsWith("ModelSampling");
    if (isSet) return context.sourceOf(found.id, "shift") ? `node ${found.id}` : `shift ${found.values.shift}`;
    id = found.id;
  }
  return undefined;
}

function activeSource(id: string, input: string, context: MappingContext) {
  const source = context.sourceOf(id, input);
  return source?.node.mode === "active" ? source : undefined;
}

function customMapping(
  { params, settings, isWhole }: SamplingPlan,
  context: MappingContext,
  rest: Pick<SamplingPlan, "params" | "settings"> & { inputs: Record<string, InputOrigin> },
): Mapping {
  const latent: OutputTarget = { part: 0, port: "latent" };
  const linked = Object.entries({ ...settings, ...rest.settings }).filter(([, { of, input }]) =>
    context.sourceOf(of, input),
  );
  return {
    parts: [
      {
        type: "sampler",
        params: { ...comfySampling, ...params, ...rest.params },
        inputs: { ...rest.inputs, ...Object.fromEntries(linked) },
      },
    ],
    outputs: [latent, isWhole ? latent : undefined],
    settings: {},
    silent: [],
  };
}
