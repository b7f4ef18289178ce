import { totalmem } from "node:os";
import { CancelledError, HeddleError } from "../common/errors.ts";
import { pictureToPlanes, planesToPicture } from "./image/planes.ts";
import { LoraRegistry } from "./lora-registry.ts";
import { ModelRegistry } from "./model-registry.ts";
import type { Autoencoder } from "./models/autoencoder-kl/autoencoder.ts";
import { fitLatentPreview, type LatentPreview, previewPixels } from "./models/autoencoder-kl/latent-preview.ts";
import type { PreparedRun, ZImageTransformer } from "./models/z-image/transformer.ts";
import { flowVelocity } from "./pipeline/flow-velocity.ts";
import { SessionPool } from "./runtime/session-pool.ts";
import { guidanceFromCfgScale } from "./sampling/guidance.ts";
import { addNoise } from "./sampling/inpaint.ts";
import { findSolver } from "./sampling/names.ts";
import { TorchGenerator } from "./sampling/noise.ts";
import { ancestralNoise } from "./sampling/noise-source.ts";
import type { SigmaTable } from "./sampling/schedules/flow-match.ts";
import { planSigmas } from "./sampling/sigmas.ts";
import type { Solver } from "./sampling/solvers/solver.ts";
import type {
  Checkpoint,
  Conditioning,
  DiffusionModel,
  ImageBatch,
  InferenceEngine,
  Latent,
  OpenedLora,
  RgbImage,
  SampleRequest,
  TextEncoderModel,
  VaeModel,
} from "./types.ts";

export interface EngineOptions {
  /** Weights kept loaded, in bytes. Default: half of the machine's memory. */
  memoryBudgetBytes?: number;
  threads?: number;
  /** Where tokenizers of single-file text encoders are looked for. */
  modelsFolders?: readonly string[];
}

const MAX_SEED = 2n ** 63n - 1n;
/** Picture pixels per latent pixel and side. */
const LATENT_SCALE = 8;

export function createEngine(options: EngineOptions = {}): InferenceEngine {
  return new Engine(options);
}

class Engine implements InferenceEngine {
  readonly #pool: SessionPool;
  readonly #models: ModelRegistry;
  readonly #loras: LoraRegistry;
  readonly #previews = new Map<string, Promise<LatentPreview>>();

  constructor({ memoryBudgetBytes = totalmem() / 2, threads, modelsFolders = [] }: EngineOptions) {
    this.#pool = new SessionPool({ memoryBudgetBytes, ...(threads === undefined ? {} : { threads }) });
    this.#models = new ModelRegistry(this.#pool, modelsFolders);
    this.#loras = new LoraRegistry(this.#models);
  }

  get sessionsCreated(): number {
    return this.#pool.created;
  }

  openCheckpoint(path: string): Promise<Checkpoint> {
    return this.#models.open(path);
  }

  openLora(path: string, model: DiffusionModel, textEncoder?: TextEncoderModel): Promise<OpenedLora> {
    return this.#loras.open(path, model, textEncoder);
  }

  async warm(component: DiffusionModel | TextEncoderModel | VaeModel, signal: AbortSignal): Promise<void> {
    throwIfCancelled(signal);
    if (component.kind === "model") await this.#models.transformer(component.transformer).warm();
    else if (component.kind === "textEncoder") await this.#models.textEncoder(component.encoder).warm();
    else await this.#models.autoencoder(component.vae).warm();
    throwIfCancelled(signal);
  }

  async encodePrompt(encoder: TextEncoderModel, text: string, signal: AbortSignal): Promise<Conditioning> {
    throwIfCancelled(signal);
    const tokenizer = await this.#models.tokenizer(encoder.tokenizerPath);
    const { ids, truncatedTokens } = tokenizer.encodePrompt(text);
    const model = this.#models.textEncoder(encoder.encoder);
    const embeddings = await model.encode(ids, await this.#loras.textEncoderUpdates(encoder));
    throwIfCancelled(signal);
    return {
      kind: "conditioning",
      embeddings,
      tokens: ids.length,
      width: model.config.hidden,
      truncatedTokens,
      text,
      encoder,
    };
  }

  async sample(request: SampleRequest): Promise<Latent> {
    const { latent, signal } = request;
    const transformer = this.#models.transformer(request.model.transformer);
    const size = latentSize(latent);
    checkFits(request, transformer);
    const { shift } = request.model;
    const table = planSigmas({
      solver: request.solver,
      schedule: request.schedule,
      steps: request.steps,
      denoise: request.denoise,
      shift,
    });
    const { solve } = findSolver(request.solver);
    const steps = table.sigmas.length - 1;
    const guidance = guidanceFromCfgScale(request.guidanceScale);
    const updates = await this.#loras.transformerUpdates(request.model);
    const positive = await transformer.prepare(request.positive, size, updates);
    const negative =
      guidance === 0 ? undefined : await transformer.prepare(await this.#negativeOf(request), size, updates);
    const preview = request.vae === undefined ? undefined : await this.#previewOf(request.vae);

    const itemLength = transformer.config.channels * size.height * size.width;
    const samples = new Float32Array(latent.batch * itemLength);
    const seeds: string[] = [];
    const shared = request.batchNoise === "tensor" ? new TorchGenerator(request.seed) : undefined;
    for (let item = 0; item < latent.batch; item++) {
      const seed = shared === undefined ? wrapSeed(request.seed + BigInt(item)) : request.seed;
      const noise = (shared ?? new TorchGenerator(seed)).randn(itemLength);
      const clean = latent.samples?.subarray(item * itemLength, (item + 1) * itemLength);
      samples.set(
        await runItem(
          { solve, table, shift, transformer, positive, negative, guidance, noise, clean, seed, signal },
          (step, denoised) =>
            request.onProgress({
              step: item * steps + step,
              steps: latent.batch * steps,
              ...(preview === undefined ? {} : { preview: previewImage(preview, denoised, size) }),
            }),
        ),
        item * itemLength,
      );
      seeds.push(seed.toString());
    }
    return { ...latent, samples, seeds };
  }

  async decode(model: VaeModel, latent: Latent, signal: AbortSignal): Promise<ImageBatch> {
    const vae = this.#models.autoencoder(model.vae);
    if (latent.samples === null) {
      throw new HeddleError({
        code: "latent-empty",
        message: "There is nothing to decode: this latent is only a size.",
        help: "Put a Sampler between the size and the VAE.",
        field: "latent",
      });
    }
    const size = latentSize(latent);
    const itemLength = latent.samples.length / latent.batch;
    const items: RgbImage[] = [];
    for (let item = 0; item < latent.batch; item++) {
      throwIfCancelled(signal);
      const z = vae.unscale(latent.samples.subarray(item * itemLength, (item + 1) * itemLength));
      const planes = await vae.decode(z, size);
      const seed = latent.seeds?.[item];
      items.push({
        width: latent.width,
        height: latent.height,
        data: planesToPicture(planes, latent.height, latent.width),
        ...(seed === undefined ? {} : { seed }),
      });
    }
    return { kind: "image", items };
  }

  async encode(model: VaeModel, image: ImageBatch, signal: AbortSignal): Promise<Latent> {
    const vae = this.#models.autoencoder(model.vae);
    const first = image.items[0];
    if (
      first === undefined ||
      image.items.some(({ width, height }) => width !== first.width || height !== first.height)
    ) {
      throw new HeddleError({
        code: "image-sizes-differ",
        message: "The pictures of a batch must all have the same size.",
        help: "Resize them to one size first.",
        field: "image",
      });
    }
    const { width, height } = first;
    const parts: Float32Array[] = [];
    for (const { data } of image.items) {
      throwIfCancelled(signal);
      const { mean } = await vae.encode(pictureToPlanes(data, height, width), { height, width });
      parts.push(vae.scale(mean));
    }
    const samples = new Float32Array(parts.length * parts[0]!.length);
    for (const [i, part] of parts.entries()) samples.set(part, i * part.length);
    return { kind: "latent", width, height, samples, batch: parts.length };
  }

  async countTokens(encoder: TextEncoderModel, text: string): Promise<number> {
    const tokenizer = await this.#models.tokenizer(encoder.tokenizerPath);
    return tokenizer.encodePrompt(text, Number.POSITIVE_INFINITY).ids.length;
  }

  dispose(): Promise<void> {
    return this.#pool.dispose();
  }

  async #negativeOf(request: SampleRequest): Promise<Conditioning> {
    return request.negative ?? this.encodePrompt(request.positive.encoder, "", request.signal);
  }

  #previewOf(model: VaeModel): Promise<LatentPreview> {
    const vae: Autoencoder = this.#models.autoencoder(model.vae);
    let fitting = this.#previews.get(vae.fingerprint);
    if (fitting === undefined) {
      fitting = fitLatentPreview(vae);
      fitting.catch(() => this.#previews.delete(vae.fingerprint));
      this.#previews.set(vae.fingerprint, fitting);
    }
    return fitting;
  }
}

interface ItemRun {
  solve: Solver;
  table: SigmaTable;
  /** The model's sigma shift. */
  shift: number;
  transformer: ZImageTransformer;
  positive: PreparedRun;
  negative: PreparedRun | undefined;
  /** g of the official form. */
  guidance: number;
  noise: Float32Array;
  /** Latents of the picture to start from; pure noise when absent. */
  clean: Float32Array | undefined;
  seed: bigint;
  signal: AbortSignal;
}

/** One item of a batch, from noise to clean latents. */
async function runItem(run: ItemRun, onStep: (step: number, denoised: Float32Array) => void): Promise<Float32Array> {
  const { solve, table, shift, transformer, positive, negative, guidance, noise, clean, seed, signal } = run;
  const first = table.sigmas[0];
  if (first === undefined) return clean ?? noise;
  return solve({
    velocity: flowVelocity({ transformer, positive, negative, guidance: { guidance }, signal }),
    x: clean === undefined ? noise.map((value) => value * first) : addNoise(clean, noise, first),
    sigmas: table.sigmas,
    timesteps: table.timesteps,
    noise: ancestralNoise(seed),
    shift,
    signal,
    onStep: ({ index, denoised }) => onStep(index + 1, denoised),
  });
}

function latentSize(latent: Latent): { height: number; width: number } {
  return { height: latent.height / LATENT_SCALE, width: latent.width / LATENT_SCALE };
}

function checkFits({ model, positive, latent }: SampleRequest, transformer: ZImageTransformer): void {
  if (positive.width !== transformer.config.captionDim) {
    throw new HeddleError({
      code: "encoder-mismatch",
      message: `The prompt was encoded with ${positive.width} features a token, but this model reads ${transformer.config.captionDim}.`,
      help: "Use the text encoder of the same model.",
      field: "positive",
    });
  }
  const step = model.sizeLimits?.multipleOf ?? LATENT_SCALE * 2;
  if (latent.width % step !== 0 || latent.height % step !== 0) {
    throw new HeddleError({
      code: "size-not-multiple",
      message: `${latent.width} x ${latent.height} is not a size that this model can draw.`,
      help: `Use a width and a height that are multiples of ${step}.`,
      field: "latent",
    });
  }
}

function previewImage(
  preview: LatentPreview,
  latents: Float32Array,
  size: { height: number; width: number },
): RgbImage {
  const pixels = previewPixels(preview, latents);
  return { width: size.width, height: size.height, data: new Uint8Array(pixels.buffer) };
}

const wrapSeed = (seed: bigint): bigint => seed % (MAX_SEED + 1n);

function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new CancelledError();
}
