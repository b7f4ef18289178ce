import * as ort from "onnxruntime-node";
import { CancelledError } from "../../../common/errors.ts";
import type { Feeds, LoadableModel, SessionPool } from "../../runtime/session-pool.ts";
import type { SeamlessTiling } from "../../types.ts";
import type { WeightSet } from "../../weights/weight-set.ts";
import type { AutoencoderConfig } from "./config.ts";
import { ATTENDED_SHAPE, decoderGraph, decoderMiddleGraph, decoderUpGraph, encoderGraph } from "./graph.ts";
import { continued, cropped, decodeInTiles, reduced, type TiledSource } from "./tiling.ts";

/** Mean and log variance (clamped to [-30, 20]) of the latent distribution: Float32Array `[channels, H/8, W/8]` each. */
export interface LatentDistribution {
  readonly mean: Float32Array;
  readonly logVariance: Float32Array;
}

export interface AutoencoderOptions {
  /** Pictures with more pixels are decoded in tiles; see `tiling.ts` for what that changes. None by default. */
  readonly tileAbovePixels?: number;
}

/**
 * The most pixels whose decoding stays within `memoryBytes`, the weights aside: activations peak at about five float32
 * planes of the second-widest resolution's channels (measured: docs/performance.md).
 */
export function pixelsWithin(memoryBytes: number, { blockChannels }: AutoencoderConfig): number {
  const widest = blockChannels[1] ?? blockChannels[0]!;
  return memoryBytes / (5 * 4 * widest);
}

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
  readonly #tileAbovePixels: number;

  constructor(
    weights: WeightSet,
    config: AutoencoderConfig,
    pool: SessionPool,
    { tileAbovePixels = Number.POSITIVE_INFINITY }: AutoencoderOptions = {},
  ) {
    this.config = config;
    this.fingerprint = weights.fingerprint;
    this.#weights = weights;
    this.#pool = pool;
    this.#tileAbovePixels = tileAbovePixels;
  }

  async warm(seamless?: SeamlessTiling): Promise<void> {
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
    if (size.height * size.width * downscale ** 2 <= this.#tileAbovePixels) {
      return this.#decodeWhole(z, size, seamless);
    }
    return this.#decodeInTiles(z, size, signal, seamless);
  }

  async #decodeWhole(z: Float32Array, size: PlaneSize, seamless?: SeamlessTiling): Promise<Float32Array> {
    const build = () => decoderGraph(this.#weights, this.config, seamless);
    const results = await this.#run(`decoder${suffixOf(seamless)}`, build, {
      z: new ort.Tensor("float32", z, [1, this.config.latentChannels, size.height, size.width]),
      ...this.#attended(size),
    });
    return results.image!.data as Float32Array;
  }

  /**
   * What the size of the latents bounds (attention among it) runs on all of them; the rest in tiles, whose norms share
   * statistics taken from a smaller version of the picture, so that tiles do not differ in contrast and colour.
   */
  async #decodeInTiles(
    z: Float32Array,
    size: PlaneSize,
    signal: AbortSignal | undefined,
    seamless: SeamlessTiling | undefined,
  ): Promise<Float32Array> {
    const { latentChannels, imageChannels, downscale, blockChannels } = this.config;
    const buildMiddle = () => decoderMiddleGraph(this.#weights, this.config, seamless);
    const middle = await this.#run(`decoder middle${suffixOf(seamless)}`, buildMiddle, {
      z: new ort.Tensor("float32", z, [1, latentChannels, size.height, size.width]),
      ...this.#attended(size),
    });
    const features = { values: middle.features!.data as Float32Array, channels: blockChannels.at(-1)!, ...size };
    // Tiles hold what continues beyond the sides already.
    const around = (statistics: "measured" | "given") => (statistics === "measured" ? seamless : undefined);
    const build = (statistics: "measured" | "given"): LoadableModel => ({
      ...decoderUpGraph(this.#weights, this.config, statistics, around(statistics)),
      settings: { releaseMemory: true },
    });
    const run = (statistics: "measured" | "given", part: TiledSource, feeds: Feeds) => {
      if (signal?.aborted) throw new CancelledError();
      const shape = [1, part.channels, part.height, part.width];
      return this.#run(`decoder ${statistics}${suffixOf(around(statistics))}`, () => build(statistics), {
        features: new ort.Tensor("float32", part.values, shape),
        ...feeds,
      });
    };
    const { image: _, ...statistics } = await run("measured", reduced(features), {});
    const { source, margin } = continued(features, seamless);
    const planes = await decodeInTiles(source, { planes: imageChannels, scale: downscale }, async (tile) => {
      const results = await run("given", tile, statistics);
      return results.image!.data as Float32Array;
    });
    return cropped(
      { values: planes, channels: imageChannels, height: source.height * downscale, width: source.width * downscale },
      { vertical: margin.vertical * downscale, horizontal: margin.horizontal * downscale },
    );
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
