import * as ort from "onnxruntime-node";
import { CancelledError } from "../../../common/errors.ts";
import type { Feeds, SessionPool } from "../../runtime/session-pool.ts";
import type { ComponentPrecision } from "../component-precision.ts";
import { loraFeeds, noUpdates } from "../lora-feeds.ts";
import { PATCH, TIME_FEATURES, type ZImageConfig } from "./config.ts";
import type { ControlNetConfig } from "./controlnet-config.ts";
import {
  type ControlBlock,
  controlBlockGraph,
  controlBlocks,
  controlEmbedderGraph,
  sharedEmbedderGraph,
  sharedRefinerGraph,
} from "./controlnet-graphs.ts";
import { type Segment, Segments } from "./segments.ts";
import { patchify, timeFeatures } from "./tokens.ts";
import type { PreparedRun } from "./transformer.ts";

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

/** Residuals by main layer: Float32Array `[tokens, dim]` each. */
export type ControlResiduals = ReadonlyMap<number, Float32Array>;

export interface ControlNetParts {
  readonly net: ControlNetConfig;
  /** Of the transformer. */
  readonly config: ZImageConfig;
  readonly own: ComponentPrecision;
  /** Of the transformer, whose embedders, refiners and pad tokens it shares. */
  readonly shared: ComponentPrecision;
}

export interface ControlPass {
  /** `[16, h, w]`, the noisy latent of the step. */
  readonly latent: Float32Array;
  /** `[channels, h, w]`, see {@link ControlNetConfig.channels}. */
  readonly control: Float32Array;
  /** 1 - sigma */
  readonly time: number;
  /** What the transformer prepared for the same prompt and size. */
  readonly run: PreparedRun;
  readonly strength: number;
  /** How much of `strength` each control layer, and what goes into the noise refiner, gets; all of it by default. */
  readonly profile?: ControlProfile;
  readonly signal?: AbortSignal;
}

/** A ControlNet bound to the transformer whose parts it shares. It makes its own pass through the noise refiner. */
export class ZImageControlNet {
  readonly config: ControlNetConfig;
  readonly #base: ZImageConfig;
  readonly #own: Segments;
  readonly #shared: Segments;
  readonly #pool: SessionPool;

  constructor({ net, config, own, shared }: ControlNetParts, pool: SessionPool) {
    this.config = net;
    this.#base = config;
    this.#own = new Segments("controlnet", own);
    this.#shared = new Segments("controlnet-shared", shared);
    this.#pool = pool;
  }

  /** @throws HeddleError `cancelled` */
  async residuals(pass: ControlPass): Promise<ControlResiduals> {
    const { run, strength, profile = evenProfile(this.config.layerPlaces.length) } = pass;
    const { refiner, layers } = controlBlocks(this.config);
    const embedded = await this.#embedded(pass);
    const refined = await this.#blocks(refiner, pass, {
      ...embedded,
      rotary: imageRotary(run),
      strengthOf: () => strength * profile.refiner,
    });
    const hintAt = new Map(this.config.refinerPlaces.map((place, i) => [place, refined.hints[i]]));
    let { hidden } = embedded;
    const none = new ort.Tensor("float32", new Float32Array(1), [1, 1]);
    for (let i = 0; i < this.#base.refinerLayers; i++) {
      const segment = this.#shared.get(`refiner/${i}`, run.updates, (weights, forms) =>
        sharedRefinerGraph({ weights, config: this.#base, ...forms }, i),
      );
      const feeds = { hidden, hint: hintAt.get(i) ?? none, time_embedding: embedded.timeEmbedding };
      hidden = (await this.#run(segment, { ...feeds, ...imageRotary(run) }, pass)).hidden_out!;
    }
    const caption = run.feeds.caption!;
    const { hints } = await this.#blocks(layers, pass, {
      hidden: joined(hidden, caption),
      control: joined(refined.control, caption),
      timeEmbedding: embedded.timeEmbedding,
      rotary: run.rotary,
      strengthOf: (i) => strength * profile.layers[i]!,
    });
    return new Map(this.config.layerPlaces.map((place, i) => [place, hints[i]!.data as Float32Array]));
  }

  async #embedded(pass: ControlPass): Promise<Pick<BlockInputs, "hidden" | "control" | "timeEmbedding">> {
    const { run, latent, control, time } = pass;
    const rows = run.shape.paddedImageTokens;
    const patches = (planes: Float32Array, channels: number) =>
      new ort.Tensor("float32", patchify(planes, channels, run.shape), [rows, PATCH * PATCH * channels]);
    const own = this.#own.get("embedder", noUpdates, (weights, forms) =>
      controlEmbedderGraph({ weights, config: this.#base, ...forms }, this.config.channels),
    );
    const tokens = await this.#run(own, { control_patches: patches(control, this.config.channels) }, pass);
    const shared = this.#shared.get("embedder", run.updates, (weights, forms) =>
      sharedEmbedderGraph({ weights, config: this.#base, ...forms }),
    );
    const results = await this.#run(
      shared,
      {
        ...{
          patches: patches(latent, this.#base.channels),
          is_padding: run.feeds.is_padding!,
          control: tokens.control!,
        },
        time: new ort.Tensor("float32", timeFeatures(this.#base, time), [1, TIME_FEATURES]),
      },
      pass,
    );
    return { hidden: results.hidden!, control: results.control_out!, timeEmbedding: results.time_embedding! };
  }

  /** Blocks one after the other; some give a hint besides their own output. */
  async #blocks(
    blocks: readonly ControlBlock[],
    pass: ControlPass,
    { hidden, control, timeEmbedding, rotary, strengthOf }: BlockInputs,
  ): Promise<{ control: ort.Tensor; hints: ort.Tensor[] }> {
    let tokens = control;
    const hints: ort.Tensor[] = [];
    for (const [i, block] of blocks.entries()) {
      const name = `${block.path}${block.givesHint ? "/hint" : ""}`;
      const segment = this.#own.get(name, noUpdates, (weights, forms) =>
        controlBlockGraph({ weights, config: this.#base, ...forms }, block),
      );
      const results = await this.#run(
        segment,
        {
          ...{ control: tokens, time_embedding: timeEmbedding, ...rotary },
          ...(block.seesHidden && { hidden }),
          ...(block.givesHint && { strength: new ort.Tensor("float32", Float32Array.of(strengthOf(i)), [1]) }),
        },
        pass,
      );
      tokens = results.control_out!;
      if (results.hint !== undefined) hints.push(results.hint);
    }
    return { control: tokens, hints };
  }

  #run({ key, graph }: Segment, feeds: Feeds, { run, signal }: ControlPass): Promise<Feeds> {
    if (signal?.aborted) throw new CancelledError();
    return this.#pool.use(
      key,
      () => graph,
      (session) => session.run({ ...feeds, ...loraFeeds(graph.modules, run.updates, this.#pool) }),
    );
  }
}

interface BlockInputs {
  /** The transformer's tokens. */
  readonly hidden: ort.Tensor;
  readonly control: ort.Tensor;
  readonly timeEmbedding: ort.Tensor;
  readonly rotary: Feeds;
  strengthOf(index: number): number;
}

function imageRotary({ feeds }: PreparedRun): Feeds {
  const parts = ["cos", "sin", "positions"].map((part) => [`rotary_${part}`, feeds[`image_rotary_${part}`]!]);
  return Object.fromEntries(parts) as Feeds;
}

/** Image tokens and then the caption's, as the main layers have them. */
function joined(image: ort.Tensor, caption: ort.Tensor): ort.Tensor {
  const [first, second] = [image.data as Float32Array, caption.data as Float32Array];
  const values = new Float32Array(first.length + second.length);
  values.set(first);
  values.set(second, first.length);
  return new ort.Tensor("float32", values, [image.dims[0]! + caption.dims[0]!, image.dims[1]!]);
}
