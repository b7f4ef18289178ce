import * as ort from "onnxruntime-node";
import type { BuiltModel } from "../../onnx/graph-builder.ts";
import type { Feeds, LoadableModel, SessionPool } from "../../runtime/session-pool.ts";
import type { SeamlessTiling } from "../../types.ts";
import type { WeightSet } from "../../weights/weight-set.ts";
import type { AutoencoderConfig } from "./config.ts";
import { ATTENDED_SHAPE, decoderBaseGraph, decoderGraph, encoderGraph, stripGraph, stripStages } from "./graph.ts";
import { decodeInStrips, STRIP_VALUES } from "./strips.ts";

/** Mean and log variance (clamped to [-30, 20]) of the latent distribution: Float32Array `[channels, H/8, W/8]` each. */
export interface LatentDistribution {
  readonly mean: Float32Array;
  readonly logVariance: Float32Array;
}

export interface AutoencoderOptions {
  /** Pictures with more pixels are decoded in strips, which takes less memory; see `strips.ts`. None by default. */
  readonly stripsAbovePixels?: number;
  /** Values of the widest layer that a strip may have; see {@link STRIP_VALUES}. */
  readonly valuesOfStrips?: number;
}

const USUAL_PIXELS = 1024 ** 2;

export interface PlaneSize {
  readonly height: number;
  readonly width: number;
}

/** The picture autoencoder, one picture at a time. */
export class Autoencoder {
  readonly config: AutoencoderConfig;
  readonly fingerprint: string;
  readonly #weights: WeightSet;
  readonly #pool: SessionPool;
  readonly #stripsAbovePixels: number;
  readonly #valuesOfStrips: number;

  constructor(
    weights: WeightSet,
    config: AutoencoderConfig,
    pool: SessionPool,
    { stripsAbovePixels = Number.POSITIVE_INFINITY, valuesOfStrips = STRIP_VALUES }: AutoencoderOptions = {},
  ) {
    this.config = config;
    this.fingerprint = weights.fingerprint;
    this.#weights = weights;
    this.#pool = pool;
    this.#stripsAbovePixels = stripsAbovePixels;
    this.#valuesOfStrips = valuesOfStrips;
  }

  async warm(seamless?: SeamlessTiling): Promise<void> {
    // Where memory is short most pictures are decoded in strips, and these sessions would only take some of it.
    if (this.#stripsAbovePixels < USUAL_PIXELS) return;
    await this.#pool.use(
      this.#key(`decoder${suffixOf(seamless)}`),
      () => decoderGraph(this.#weights, this.config, seamless),
      async () => undefined,
    );
  }

  /**
   * @param z unscaled latents `[channels, h, w]`
   * @param seamless the sides that continue on the opposite side
   * @returns picture `[3, 8h, 8w]`, about -1 to 1, not clamped.
   */
  async decode(
    z: Float32Array,
    size: PlaneSize,
    signal?: AbortSignal,
    seamless?: SeamlessTiling,
  ): Promise<Float32Array> {
    const { downscale } = this.config;
    if (size.height * size.width * downscale ** 2 <= this.#stripsAbovePixels) {
      return this.#decodeWhole(z, size, seamless);
    }
    return this.#decodeInStrips(z, size, signal, seamless);
  }

  async #decodeWhole(z: Float32Array, size: PlaneSize, seamless?: SeamlessTiling): Promise<Float32Array> {
    const build = () => decoderGraph(this.#weights, this.config, seamless);
    const results = await this.#run(`decoder${suffixOf(seamless)}`, build, {
      z: new ort.Tensor("float32", z, [1, this.config.latentChannels, size.height, size.width]),
      ...this.#attended(size),
    });
    return results.image!.data as Float32Array;
  }

  /** What is at the size of the latents (attention among it) runs at once, the rest in strips: see `strips.ts`. */
  async #decodeInStrips(
    z: Float32Array,
    size: PlaneSize,
    signal: AbortSignal | undefined,
    seamless: SeamlessTiling | undefined,
  ): Promise<Float32Array> {
    const storage = this.#pool.keepsHalfPrecision ? "float16" : "float32";
    const build = (graph: BuiltModel): LoadableModel => ({ ...graph, settings: { releaseMemory: true } });
    const options = { seamless, storage } as const;
    const buildBase = () => build(decoderBaseGraph(this.#weights, this.config, options));
    const base = await this.#run(`decoder base${suffixOf(seamless)}`, buildBase, {
      z: new ort.Tensor("float32", z, [1, this.config.latentChannels, size.height, size.width]),
      ...this.#attended(size),
    });
    return decodeInStrips(base, {
      ...{ storage, signal, stripValues: this.#valuesOfStrips },
      stages: stripStages(this.config),
      continues: seamless?.vertical ?? false,
      run: (stage, feeds) =>
        this.#run(
          `decoder ${stage.path} ${stage.kind}${suffixOf(seamless)}`,
          () => build(stripGraph(this.#weights, this.config, stage, options)),
          feeds,
        ),
    });
  }

  /** @param size of the latents */
  #attended({ height, width }: PlaneSize): Feeds {
    if (!this.config.midAttention) return {};
    const shape = [1, this.config.blockChannels.at(-1)!, height, width];
    return { [ATTENDED_SHAPE]: new ort.Tensor("int64", BigInt64Array.from(shape, BigInt), [4]) };
  }

  #run(part: string, build: () => LoadableModel, feeds: Feeds): Promise<Feeds> {
    return this.#pool.use(this.#key(part), build, (session) => session.run(feeds));
  }

  /** @param image `[3, H, W]` in [-1, 1]; sides are multiples of 8. */
  async encode(image: Float32Array, size: PlaneSize, seamless?: SeamlessTiling): Promise<LatentDistribution> {
    const { downscale } = this.config;
    const build = () => encoderGraph(this.#weights, this.config, seamless);
    const results = await this.#run(`encoder${suffixOf(seamless)}`, build, {
      image: new ort.Tensor("float32", image, [1, this.config.imageChannels, size.height, size.width]),
      ...this.#attended({ height: size.height / downscale, width: size.width / downscale }),
    });
    const moments = results.moments!.data as Float32Array;
    const half = moments.length / 2;
    return {
      mean: moments.slice(0, half),
      logVariance: moments.slice(half).map((value) => Math.min(20, Math.max(-30, value))),
    };
  }

  /** Latents as the transformer sees them to the decoder's z. */
  unscale(latents: Float32Array): Float32Array {
    const { scale, shift } = this.config;
    return latents.map((value) => value / scale + shift);
  }

  /** A sample of the encoder's distribution to latents as the transformer sees them. */
  scale(sample: Float32Array): Float32Array {
    const { scale, shift } = this.config;
    return sample.map((value) => (value - shift) * scale);
  }

  #key(part: string): string {
    return `vae/${this.fingerprint}/${part}`;
  }
}

/** Tells sessions apart by the sides that continue. */
function suffixOf(seamless: SeamlessTiling | undefined): string {
  if (seamless === undefined) return "";
  return ` around ${seamless.horizontal ? "x" : ""}${seamless.vertical ? "y" : ""}`;
}
