import * as ort from "onnxruntime-node";
import type { SessionPool } from "../../runtime/session-pool.ts";
import type { WeightSet } from "../../weights/weight-set.ts";
import type { AutoencoderConfig } from "./config.ts";
import { decoderGraph, encoderGraph } from "./graph.ts";

/** Mean and log variance (clamped to [-30, 20]) of the latent distribution: Float32Array `[channels, H/8, W/8]` each. */
export interface LatentDistribution {
  readonly mean: Float32Array;
  readonly logVariance: Float32Array;
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

  constructor(weights: WeightSet, config: AutoencoderConfig, pool: SessionPool) {
    this.config = config;
    this.fingerprint = weights.fingerprint;
    this.#weights = weights;
    this.#pool = pool;
  }

  async warm(): Promise<void> {
    await this.#pool.use(
      this.#key("decoder"),
      () => decoderGraph(this.#weights, this.config),
      async () => undefined,
    );
  }

  /**
   * @param z unscaled latents `[channels, h, w]`
   * @returns picture `[3, 8h, 8w]`, about -1 to 1, not clamped.
   */
  async decode(z: Float32Array, size: PlaneSize): Promise<Float32Array> {
    const feeds = { z: new ort.Tensor("float32", z, [1, this.config.latentChannels, size.height, size.width]) };
    const results = await this.#pool.use(
      this.#key("decoder"),
      () => decoderGraph(this.#weights, this.config),
      (session) => session.run(feeds),
    );
    return results.image!.data as Float32Array;
  }

  /** @param image `[3, H, W]` in [-1, 1]; sides are multiples of 8. */
  async encode(image: Float32Array, size: PlaneSize): Promise<LatentDistribution> {
    const feeds = { image: new ort.Tensor("float32", image, [1, this.config.imageChannels, size.height, size.width]) };
    const results = await this.#pool.use(
      this.#key("encoder"),
      () => encoderGraph(this.#weights, this.config),
      (session) => session.run(feeds),
    );
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
