import * as ort from "onnxruntime-node";
import type { BuiltModel } from "../../onnx/graph-builder.ts";
import { type Feeds, isOutOfMemory, type LoadableModel, type SessionPool } from "../../runtime/session-pool.ts";
import type { SeamlessTiling } from "../../types.ts";
import type { WeightSet } from "../../weights/weight-set.ts";
import type { AutoencoderConfig } from "./config.ts";
import {
  ATTENDED_SHAPE,
  decoderBaseGraph,
  decoderGraph,
  encoderEndGraph,
  encoderGraph,
  encoderStages,
  type GraphForms,
  type StripStage,
  type StripStorage,
  stripGraph,
  stripStages,
  type Upsampling,
} from "./graph.ts";
import { StripPlane } from "./strip-plane.ts";
import { runInStrips, STRIP_VALUES, type StripStart, startFrom } from "./strips.ts";

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
  /** {@link Upsampling}; `subpixel` by default. */
  readonly upsampling?: Upsampling | undefined;
}

const USUAL_PIXELS = 1024 ** 2;
/** Encoding a whole picture takes less than a third of decoding's memory (1.5 kB a pixel; docs/performance.md). */
const ENCODED_PIXELS = 3;

export interface PlaneSize {
  readonly height: number;
  readonly width: number;
}

/** How one picture is to be coded. */
export interface CodingOptions {
  readonly signal?: AbortSignal | undefined;
  /** The sides that continue on the opposite side. */
  readonly seamless?: SeamlessTiling | undefined;
  /** Told when memory did not suffice for the whole picture, and it is done in strips instead. */
  onShortOfMemory?(): void;
}

/** How a picture is done in strips. */
type StripWork = (storage: StripStorage) => Promise<Float32Array>;

/** The picture autoencoder, one picture at a time. */
export class Autoencoder {
  readonly config: AutoencoderConfig;
  readonly fingerprint: string;
  readonly #weights: WeightSet;
  readonly #pool: SessionPool;
  /** Largest pictures that are done whole; falls to what memory suffices for. */
  readonly #wholePixels: Record<"decoder" | "encoder", number>;
  readonly #valuesOfStrips: number;
  readonly #upsampling: Upsampling;
  #storage: StripStorage;

  constructor(
    weights: WeightSet,
    config: AutoencoderConfig,
    pool: SessionPool,
    {
      stripsAbovePixels = Number.POSITIVE_INFINITY,
      valuesOfStrips = STRIP_VALUES,
      upsampling = "subpixel",
    }: AutoencoderOptions = {},
  ) {
    this.config = config;
    this.fingerprint = weights.fingerprint;
    this.#weights = weights;
    this.#pool = pool;
    this.#wholePixels = { decoder: stripsAbovePixels, encoder: ENCODED_PIXELS * stripsAbovePixels };
    this.#valuesOfStrips = valuesOfStrips;
    this.#upsampling = upsampling;
    this.#storage = pool.keepsHalfPrecision ? "float16" : "float32";
  }

  async warm(seamless?: SeamlessTiling): Promise<void> {
    // Where memory is short most pictures are decoded in strips, and these sessions would only take some of it.
    if (this.#wholePixels.decoder < USUAL_PIXELS) return;
    await this.#pool.use(
      this.#key(`decoder${suffixOf(seamless)}`),
      () => decoderGraph(this.#weights, this.config, this.#forms(seamless)),
      async () => undefined,
    );
  }

  /**
   * @param z unscaled latents `[channels, h, w]`
   * @returns picture `[3, 8h, 8w]`, about -1 to 1, not clamped.
   */
  decode(z: Float32Array, size: PlaneSize, options: CodingOptions = {}): Promise<Float32Array> {
    const { seamless } = options;
    const part = `decoder${suffixOf(seamless)}`;
    return this.#code("decoder", size.height * size.width * this.config.downscale ** 2, options, {
      whole: async () => {
        const build = () => decoderGraph(this.#weights, this.config, this.#forms(seamless));
        const { image } = await this.#run(part, build, { z: this.#latents(z, size), ...this.#attended(size) });
        return image!.data as Float32Array;
      },
      inStrips: (storage) => this.#decodeInStrips(z, size, storage, options),
    });
  }

  /** What is at the size of the latents (attention among it) runs at once, the rest in strips: see `strips.ts`. */
  async #decodeInStrips(z: Float32Array, size: PlaneSize, storage: StripStorage, options: CodingOptions) {
    const { seamless } = options;
    const build = () => lean(decoderBaseGraph(this.#weights, this.config, { ...this.#forms(seamless), storage }));
    const base = await this.#run(`decoder base${suffixOf(seamless, storage)}`, build, {
      z: this.#latents(z, size),
      ...this.#attended(size),
    });
    const picture = await this.#strips(startFrom(base, storage), stripStages(this.config), storage, options);
    return picture.rows(0, picture.height, false).data as Float32Array;
  }

  /** @param image `[3, H, W]` in [-1, 1]; sides are multiples of 8. */
  async encode(image: Float32Array, size: PlaneSize, options: CodingOptions = {}): Promise<LatentDistribution> {
    const { seamless } = options;
    const part = `encoder${suffixOf(seamless)}`;
    const moments = await this.#code("encoder", size.height * size.width, options, {
      whole: async () => {
        const build = () => encoderGraph(this.#weights, this.config, this.#forms(seamless));
        const results = await this.#run(part, build, {
          image: new ort.Tensor("float32", image, [1, this.config.imageChannels, size.height, size.width]),
          ...this.#attended(this.#latentSize(size)),
        });
        return results.moments!.data as Float32Array;
      },
      inStrips: (storage) => this.#encodeInStrips(image, size, storage, options),
    });
    const half = moments.length / 2;
    return {
      mean: moments.slice(0, half),
      logVariance: moments.slice(half).map((value) => Math.min(20, Math.max(-30, value))),
    };
  }

  async #encodeInStrips(image: Float32Array, size: PlaneSize, storage: StripStorage, options: CodingOptions) {
    const { seamless } = options;
    const channels = this.config.imageChannels;
    const picture = new StripPlane({ channels, ...size }, size.height, "float32");
    picture.push(new ort.Tensor("float32", image, [1, channels, size.height, size.width]));
    const x = await this.#strips({ x: picture }, encoderStages(this.config), storage, options);
    const build = () => lean(encoderEndGraph(this.#weights, this.config, { ...this.#forms(seamless), storage }));
    const results = await this.#run(`encoder end${suffixOf(seamless, storage)}`, build, {
      x: x.rows(0, x.height, false),
      ...this.#attended(this.#latentSize(size)),
    });
    return results.moments!.data as Float32Array;
  }

  /** Up to the size that memory suffices for at once, others in strips. */
  async #code(
    coder: "decoder" | "encoder",
    pixels: number,
    { seamless, onShortOfMemory }: CodingOptions,
    { whole, inStrips }: { whole(): Promise<Float32Array>; inStrips: StripWork },
  ): Promise<Float32Array> {
    if (pixels <= this.#wholePixels[coder]) {
      try {
        return await whole();
      } catch (error) {
        if (!isOutOfMemory(error)) throw error;
        // It would fail again; and the session holds what memory it could get.
        this.#wholePixels[coder] = pixels - 1;
        await this.#pool.release(this.#key(`${coder}${suffixOf(seamless)}`));
        onShortOfMemory?.();
      }
    }
    const values = await inStrips(this.#storage);
    if (this.#storage === "float32" || values.every(Number.isFinite)) return values;
    // This model's values go beyond half precision.
    this.#storage = "float32";
    return inStrips("float32");
  }

  #strips(
    start: StripStart,
    stages: readonly StripStage[],
    storage: StripStorage,
    { signal, seamless }: CodingOptions,
  ): Promise<StripPlane> {
    return runInStrips(start, {
      ...{ stages, storage, signal, stripValues: this.#valuesOfStrips },
      continues: seamless?.vertical ?? false,
      run: (stage, feeds) =>
        this.#run(
          `${stage.path} ${stage.kind}${suffixOf(seamless, storage)}`,
          () => lean(stripGraph(this.#weights, this.config, stage, { ...this.#forms(seamless), storage })),
          feeds,
        ),
    });
  }

  #latents(z: Float32Array, { height, width }: PlaneSize): ort.Tensor {
    return new ort.Tensor("float32", z, [1, this.config.latentChannels, height, width]);
  }

  #latentSize({ height, width }: PlaneSize): PlaneSize {
    const { downscale } = this.config;
    return { height: height / downscale, width: width / downscale };
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

  #forms(seamless: SeamlessTiling | undefined): GraphForms {
    return { seamless, upsampling: this.#upsampling };
  }

  #key(part: string): string {
    return `vae/${this.fingerprint}/${this.#upsampling}/${part}`;
  }
}

/** With intermediate memory given back after every run. */
const lean = (graph: BuiltModel): LoadableModel => ({ ...graph, settings: { releaseMemory: true } });

/** Tells sessions apart by the sides that continue, and by how values between them are kept. */
function suffixOf(seamless: SeamlessTiling | undefined, storage?: StripStorage): string {
  const around = seamless && ` around ${seamless.horizontal ? "x" : ""}${seamless.vertical ? "y" : ""}`;
  return `${around ?? ""}${storage === undefined ? "" : ` in ${storage}`}`;
}
