import { basename } from "node:path";
import * as ort from "onnxruntime-node";
import { z } from "zod";
import { HeddleError } from "../../../common/errors.ts";
import { type BuiltModel, GraphBuilder, type Value } from "../../onnx/graph-builder.ts";
import type { Feeds, SessionPool } from "../../runtime/session-pool.ts";
import type { WeightSet } from "../../weights/weight-set.ts";
import type { LinearModule } from "../linear-module.ts";
import { loraFeeds } from "../lora-feeds.ts";
import { BlockEmitter, type Rotary } from "./block-emitter.ts";
import { invalidConfig, PATCH, TIME_FEATURES, type ZImageConfig } from "./config.ts";
import { patchify, timeFeatures } from "./tokens.ts";
import type { PreparedRun } from "./transformer.ts";

/** `config.json` of a `ZImageControlNetModel`. */
const schema = z.looseObject({
  control_layers_places: z.array(z.int().min(0)).min(1),
  control_refiner_layers_places: z.array(z.int().min(0)).nullish(),
  control_in_dim: z.int().positive(),
  add_control_noise_refiner: z.enum(["control_layers", "control_noise_refiner"]).nullish(),
  n_refiner_layers: z.int().min(0),
});

export interface ControlNetConfig {
  /** Main layers that get a residual, one per control layer. */
  readonly layerPlaces: readonly number[];
  /** Noise refiner layers that get one. */
  readonly refinerPlaces: readonly number[];
  /** Channels of the control input. */
  readonly channels: number;
  /** Which blocks feed the noise refiner: none (v1), control blocks of their own, or the control layers themselves. */
  readonly refiner: "plain" | "control_noise_refiner" | "control_layers";
  readonly refinerLayers: number;
}

/** @throws HeddleError `config-invalid` */
export function parseControlNetConfig(json: unknown, path: string): ControlNetConfig {
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw invalidConfig(path, z.prettifyError(parsed.error));
  const c = parsed.data;
  return {
    layerPlaces: c.control_layers_places,
    refinerPlaces: c.control_refiner_layers_places ?? [],
    channels: c.control_in_dim,
    refiner: c.add_control_noise_refiner ?? "plain",
    refinerLayers: c.n_refiner_layers,
  };
}

interface ControlGraph extends BuiltModel {
  readonly modules: readonly LinearModule[];
}

/**
 * Graph of a Z-Image ControlNet (reference: diffusers models/controlnets/controlnet_z_image.py). It shares embedders,
 * refiners and pad tokens with the transformer and makes its own pass through the noise refiner.
 *
 * Inputs as the transformer's first segment, and `control_patches` `[image, 4 * channels]`, `strengths` `[control layers]`
 * and `refiner_strength` `[1]`; outputs `residual.<layer>` `[tokens, dim]`, to be added to the output of that main layer.
 */
function controlGraph(
  transformer: WeightSet,
  control: WeightSet,
  config: ZImageConfig,
  net: ControlNetConfig,
): ControlGraph {
  const graph = new GraphBuilder("z-image controlnet");
  const shared = new BlockEmitter(graph, transformer, config);
  const own = new BlockEmitter(graph, control, config);
  const { dim } = config;

  const patches = graph.input("patches", "float32", ["image", PATCH * PATCH * config.channels]);
  const controlPatches = graph.input("control_patches", "float32", ["image", PATCH * PATCH * net.channels]);
  const isPadding = graph.input("is_padding", "bool", ["image", 1]);
  const caption = graph.input("caption", "float32", ["caption", dim]);
  const strengths = graph.input("strengths", "float32", [net.layerPlaces.length]);
  const refinerStrength = graph.input("refiner_strength", "float32", [1]);
  const imageRotary = shared.rotaryInputs("image_rotary", "image");
  const rotary = shared.rotaryInputs("rotary", "tokens");
  const time = shared.timeEmbedding(graph.input("time", "float32", [1, TIME_FEATURES]));

  const linear = (path: string, x: Value) => own.linears.linear(path, x, dim, dim, { bias: true });
  /** Control blocks one after the other; each gives a hint besides its own output. Only block 0 sees the tokens `x`. */
  const controlBlocks = (
    paths: readonly string[],
    start: Value,
    x: Value,
    tables: Rotary,
    strengthOf: (index: number) => Value,
  ) => {
    let c = graph.op("Add", [linear(`${paths[0]}.before_proj`, start), x]);
    const hints = paths.map((path, i) => {
      c = own.block(path, c, tables, time);
      return graph.op("Mul", [linear(`${path}.after_proj`, c), strengthOf(i)]);
    });
    return { c, hints };
  };
  const numbered = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}.${i}`);
  const controlLayers = numbered("control_layers", net.layerPlaces.length);

  const embedder = `control_all_x_embedder.${PATCH}-1`;
  const embedded = own.linears.linear(embedder, controlPatches, PATCH * PATCH * net.channels, dim, { bias: true });
  let c = shared.withPadding(embedded, isPadding, "x_pad_token");
  let x = shared.embeddedPatches(patches, isPadding);
  const refinerHints = new Map<number, Value>();
  if (net.refiner !== "plain") {
    const paths =
      net.refiner === "control_layers" ? controlLayers : numbered("control_noise_refiner", net.refinerLayers);
    const refined = controlBlocks(paths, c, x, imageRotary, () => refinerStrength);
    c = refined.c;
    net.refinerPlaces.forEach((place, i) => {
      const hint = refined.hints[i];
      if (hint !== undefined) refinerHints.set(place, hint);
    });
  } else {
    for (const path of numbered("control_noise_refiner", net.refinerLayers)) c = own.block(path, c, imageRotary, time);
  }
  for (let i = 0; i < config.refinerLayers; i++) {
    x = shared.block(`noise_refiner.${i}`, x, imageRotary, time);
    const hint = refinerHints.get(i);
    if (hint !== undefined) x = graph.op("Add", [x, hint]);
  }
  const unified = graph.op("Concat", [x, caption], { axis: 0 });
  const joint = graph.op("Concat", [c, caption], { axis: 0 });
  const { hints } = controlBlocks(controlLayers, joint, unified, rotary, (i) =>
    graph.op("Gather", [strengths, graph.ints([i])]),
  );
  for (const [i, place] of net.layerPlaces.entries()) {
    graph.output(`residual.${place}`, hints[i]!, "float32", ["tokens", dim]);
  }
  return { ...graph.build(), modules: [...shared.linears.modules, ...own.linears.modules] };
}

/** Factors on a ControlNet's strength. */
export interface ControlProfile {
  /** One per control layer, in their order. */
  readonly layers: readonly number[];
  /** For what goes into the noise refiner of its own pass. */
  readonly refiner: number;
}

export const evenProfile = (layers: number): ControlProfile => ({
  layers: Array.from({ length: layers }, () => 1),
  refiner: 1,
});

/**
 * Refuses a ControlNet that was made for a transformer of other dimensions, whose parts it could not share.
 * @param net its `config.json`, which also holds `dim` and `n_heads`
 * @throws HeddleError `controlnet-mismatch`
 */
export function checkControlNetFits(
  net: { readonly path: string; readonly config: Readonly<Record<string, unknown>> },
  base: { readonly path: string; readonly config: ZImageConfig },
): void {
  const { dim, n_heads: heads } = net.config;
  const { layerPlaces } = parseControlNetConfig(net.config, net.path);
  const deepest = Math.max(...layerPlaces);
  const { config } = base;
  const misfit =
    dim !== config.dim
      ? `it is made for a model of width ${dim}, and this one's is ${config.dim}`
      : heads !== config.heads
        ? `it is made for a model of ${heads} attention heads, and this one has ${config.heads}`
        : deepest >= config.layers
          ? `it steers layer ${deepest + 1}, and this model has ${config.layers}`
          : undefined;
  if (misfit === undefined) return;
  throw new HeddleError({
    code: "controlnet-mismatch",
    message: `The ControlNet "${basename(net.path)}" does not fit the model: ${misfit}.`,
    help: "Use a ControlNet that was made for this model. Those of Z-Image (Union, Tile) fit the full Z-Image models only; there is none for the starter model.",
    field: "controlNet",
    details: { controlNet: net.path, model: base.path, dim, heads, deepest },
  });
}

/** Residuals by main layer: Float32Array `[tokens, dim]` each. */
export type ControlResiduals = ReadonlyMap<number, Float32Array>;

/** A ControlNet bound to the transformer whose parts it shares. */
export class ZImageControlNet {
  readonly config: ControlNetConfig;
  readonly #transformer: { weights: WeightSet; config: ZImageConfig };
  readonly #weights: WeightSet;
  readonly #pool: SessionPool;
  readonly #key: string;
  #graph: ControlGraph | undefined;

  constructor(
    weights: WeightSet,
    config: ControlNetConfig,
    transformer: { weights: WeightSet; config: ZImageConfig },
    pool: SessionPool,
  ) {
    this.config = config;
    this.#weights = weights;
    this.#transformer = transformer;
    this.#pool = pool;
    this.#key = `controlnet/${weights.fingerprint}/${transformer.weights.fingerprint}/${config.refiner}`;
  }

  /**
   * @param latent `[16, h, w]`, the noisy latent of the step
   * @param control `[channels, h, w]`, see {@link ControlNetConfig.channels}
   * @param time 1 - sigma
   * @param run what the transformer prepared for the same prompt and size
   * @param profile how much of `strength` each control layer, and what goes into the noise refiner, gets
   */
  async residuals(
    latent: Float32Array,
    control: Float32Array,
    time: number,
    run: PreparedRun,
    strength: number,
    profile: ControlProfile = evenProfile(this.config.layerPlaces.length),
  ): Promise<ControlResiduals> {
    const { config } = this.#transformer;
    this.#graph ??= controlGraph(this.#transformer.weights, this.#weights, config, this.config);
    const graph = this.#graph;
    const rows = run.shape.paddedImageTokens;
    const patches = (planes: Float32Array, channels: number) =>
      new ort.Tensor("float32", patchify(planes, channels, run.shape), [rows, PATCH * PATCH * channels]);
    const feeds: Feeds = {
      ...run.feeds,
      ...run.rotary,
      ...loraFeeds(graph.modules, run.updates, this.#pool),
      patches: patches(latent, config.channels),
      control_patches: patches(control, this.config.channels),
      time: new ort.Tensor("float32", timeFeatures(config, time), [1, TIME_FEATURES]),
      strengths: new ort.Tensor(
        "float32",
        Float32Array.from(profile.layers, (share) => strength * share),
        [profile.layers.length],
      ),
      refiner_strength: new ort.Tensor("float32", Float32Array.of(strength * profile.refiner), [1]),
    };
    const results = await this.#pool.use(
      this.#key,
      () => graph,
      (session) => session.run(feeds),
    );
    return new Map(this.config.layerPlaces.map((place) => [place, results[`residual.${place}`]!.data as Float32Array]));
  }
}
