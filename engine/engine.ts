import { totalmem } from "node:os";
import { CancelledError, type ErrorPayload, HeddleError } from "../common/errors.ts";
import { pictureToPlanes, planesToPicture } from "./image/planes.ts";
import { LoraRegistry } from "./lora-registry.ts";
import { ModelRegistry } from "./model-registry.ts";
import { answerTemplate } from "./models/qwen3/tokenizer.ts";
import { writeTokens } from "./models/qwen3/write-text.ts";
import { imageLatents } from "./pipeline/image-latents.ts";
import { LatentSampler, latentSize } from "./pipeline/latent-sampler.ts";
import { type EncodedText, TextCache } from "./pipeline/text-cache.ts";
import { TextMemory } from "./pipeline/text-memory.ts";
import { Precision, type PrecisionOptions } from "./precision/precision.ts";
import { type Device, SessionPool } from "./runtime/session-pool.ts";
import { TorchGenerator } from "./sampling/noise.ts";
import type {
  Checkpoint,
  Conditioning,
  ControlNetModel,
  Detection,
  DiffusionModel,
  EncodeLoraOptions,
  ImageBatch,
  InferenceEngine,
  Latent,
  LoraInspection,
  LoraSource,
  Opened,
  OpenedLora,
  PictureLabels,
  PreparationProgress,
  RgbImage,
  SampleRequest,
  TextEncoderModel,
  UpscaleRequest,
  VaeModel,
  WarningOptions,
  WritingOrder,
  WrittenText,
} from "./types.ts";
import { Upscaler } from "./upscale/upscaler.ts";
import { Classifier } from "./vision/classifier.ts";
import { openYoloDetector } from "./vision/detector.ts";
import { Preprocessor } from "./vision/preprocessor.ts";

export interface EngineOptions extends PrecisionOptions {
  /** Weights kept loaded, in bytes. Default: half of the machine's memory. */
  memoryBudgetBytes?: number;
  threads?: number;
  /** `cpu` by default. */
  device?: Device;
  /** The device was found to compute in float16; without it no graphics processor gets the plan `fp16`. */
  halfPrecision?: boolean;
  /** Where tokenizers of single-file text encoders are looked for; asked each time where folders may come and go. */
  modelsFolders?: readonly string[] | (() => readonly string[]);
}

export function createEngine(options: EngineOptions = {}): InferenceEngine {
  return new Engine(options);
}

class Engine implements InferenceEngine {
  readonly #pool: SessionPool;
  readonly #models: ModelRegistry;
  readonly #loras: LoraRegistry;
  readonly #sampler: LatentSampler;
  readonly #texts: TextCache | undefined;
  readonly #recentTexts = new TextMemory();

  constructor(options: EngineOptions) {
    const {
      memoryBudgetBytes = totalmem() / 2,
      threads,
      device = "cpu",
      modelsFolders = [],
      halfPrecision = false,
    } = options;
    this.#texts = options.cacheFolder === undefined ? undefined : new TextCache(options.cacheFolder);
    this.#pool = new SessionPool({ memoryBudgetBytes, device, ...(threads === undefined ? {} : { threads }) });
    const precision = new Precision({ memoryBytes: memoryBudgetBytes, device, halfPrecision }, options);
    this.#models = new ModelRegistry(
      this.#pool,
      precision,
      typeof modelsFolders === "function" ? modelsFolders : () => modelsFolders,
    );
    this.#loras = new LoraRegistry(this.#models);
    this.#sampler = new LatentSampler(this.#models, this.#loras, (encoder, text, signal) =>
      this.encodePrompt(encoder, text, signal),
    );
  }

  get sessionsCreated(): number {
    return this.#pool.created;
  }

  openCheckpoint(path: string): Promise<Checkpoint> {
    return this.#models.open(path);
  }

  openDiffusionModel(path: string): Promise<Opened<DiffusionModel>> {
    return this.#models.openDiffusionModel(path);
  }

  openTextEncoder(path: string): Promise<Opened<TextEncoderModel>> {
    return this.#models.openTextEncoder(path);
  }

  openVae(path: string): Promise<Opened<VaeModel>> {
    return this.#models.openVae(path);
  }

  openControlNet(path: string): Promise<Opened<ControlNetModel>> {
    return this.#models.openControlNet(path);
  }

  checkControlNet({ controlNet }: ControlNetModel, { transformer }: DiffusionModel): void {
    this.#models.checkControlNet(controlNet, transformer);
  }

  openLora(path: string, model: DiffusionModel, textEncoder?: TextEncoderModel): Promise<OpenedLora> {
    return this.#loras.open(path, model, textEncoder);
  }

  openLoraSource(source: LoraSource, model: DiffusionModel): Promise<OpenedLora> {
    return this.#loras.openSource(source, model);
  }

  inspectLora(source: LoraSource, model: DiffusionModel): Promise<LoraInspection> {
    return this.#loras.inspect(source, model);
  }

  encodeLora(source: LoraSource, model: DiffusionModel, options: EncodeLoraOptions): Promise<Uint8Array> {
    return this.#loras.encode(source, model, options);
  }

  async warm(
    component: DiffusionModel | TextEncoderModel | VaeModel,
    signal: AbortSignal,
    onPreparing?: (progress: PreparationProgress) => void,
    text?: string,
  ): Promise<void> {
    throwIfCancelled(signal);
    const told = (_: unknown, progress: PreparationProgress) => onPreparing?.(progress);
    if (component.kind === "model") {
      const transformer = await this.#models.transformer(component.transformer, signal, told);
      // What has to be merged into the weights is merged before anything is drawn.
      const updates = await this.#loras.transformerUpdates(component, { signal, onDerivation: told });
      await transformer.warm(component.acceleration, updates);
    } else if (component.kind === "textEncoder") {
      if (text !== undefined && (await this.#isEncoded(component, text))) return;
      const encoder = await this.#models.textEncoder(component.encoder, signal, told);
      // The sessions of a large encoder, one a layer, are loaded one by one as its layers run.
      if (this.#texts === undefined || encoder.precision.layersPerSession === undefined) await encoder.warm();
    } else await this.#models.autoencoder(component.vae).warm(component.seamless);
    throwIfCancelled(signal);
  }

  async encodePrompt(encoder: TextEncoderModel, text: string, signal: AbortSignal): Promise<Conditioning> {
    throwIfCancelled(signal);
    const { ids, truncatedTokens, width, cached } = await this.#describeText(encoder, text);
    const encode = async () => {
      const model = await this.#models.textEncoder(encoder.encoder, signal);
      return model.encode(ids, await this.#loras.textEncoderUpdates(encoder), signal);
    };
    const embeddings = await this.#recentTexts.remember(
      cached,
      () => this.#texts?.remember(cached, encode) ?? encode(),
    );
    throwIfCancelled(signal);
    return {
      kind: "conditioning",
      embeddings,
      tokens: ids.length,
      width,
      truncatedTokens,
      text,
      encoder,
    };
  }

  /** What the embeddings of a text depend on. Of the encoder's weights nothing is read. */
  async #describeText(encoder: TextEncoderModel, text: string) {
    const tokenizer = await this.#models.tokenizer(encoder.tokenizerPath);
    const { ids, truncatedTokens } = tokenizer.encodePrompt(text);
    const { plan, width } = await this.#models.textEncoderPlan(encoder.encoder);
    const loras = encoder.loras.map(({ fingerprint, weight }) => `${fingerprint}*${weight}`);
    const cached: EncodedText = { ids, fingerprint: encoder.encoder.fingerprint, plan, loras };
    return { ids, truncatedTokens, width, cached };
  }

  async #isEncoded(encoder: TextEncoderModel, text: string): Promise<boolean> {
    const { cached } = await this.#describeText(encoder, text);
    return this.#recentTexts.has(cached) || ((await this.#texts?.has(cached)) ?? false);
  }

  async writeText(encoder: TextEncoderModel, order: WritingOrder): Promise<WrittenText> {
    const { instruction, text, maxTokens, seed, signal, onText, ...sampling } = order;
    throwIfCancelled(signal);
    const tokenizer = await this.#models.tokenizer(encoder.tokenizerPath);
    const { model, stopTokens } = await this.#models.languageModel(encoder.encoder, signal);
    const { ids, isComplete } = await writeTokens(model, {
      ...sampling,
      ...{ maxTokens, seed, signal },
      start: tokenizer.encode(answerTemplate(instruction, text)),
      stop: new Set([...stopTokens, ...tokenizer.stopTokens]),
      updates: await this.#loras.textEncoderUpdates(encoder),
      onTokens: (sofar) => onText(tokenizer.decode(sofar), sofar.length),
    });
    return { text: tokenizer.decode(ids), tokens: ids.length, isComplete };
  }

  sample(request: SampleRequest): Promise<Latent> {
    return this.#sampler.sample(request);
  }

  async decode(
    model: VaeModel,
    latent: Latent,
    signal: AbortSignal,
    { onWarning }: WarningOptions = {},
  ): Promise<ImageBatch> {
    if (latent.decoded !== undefined) return latent.decoded;
    const vae = this.#models.autoencoder(model.vae);
    if (latent.samples === null) {
      throw new HeddleError({
        code: "latent-empty",
        message: "There is nothing to decode: this latent is only a size.",
        help: "Put a Sampler between the size and the VAE.",
        field: "latent",
        details: { cause: "decode" },
      });
    }
    const size = latentSize(latent);
    const itemLength = latent.samples.length / latent.batch;
    const items: RgbImage[] = [];
    for (let item = 0; item < latent.batch; item++) {
      throwIfCancelled(signal);
      const z = vae.unscale(latent.samples.subarray(item * itemLength, (item + 1) * itemLength));
      const planes = await vae.decode(z, size, {
        ...{ signal, seamless: model.seamless },
        onShortOfMemory: () => onWarning?.(doneInStrips("decoded")),
      });
      const [seed, { drawing }] = [latent.seeds?.[item], latent];
      items.push({
        width: latent.width,
        height: latent.height,
        data: planesToPicture(planes, latent.height, latent.width),
        ...(seed === undefined ? {} : { seed }),
        ...(drawing === undefined ? {} : { drawing }),
      });
    }
    return { kind: "image", items };
  }

  async encode(
    model: VaeModel,
    image: ImageBatch,
    signal: AbortSignal,
    { sampleSeed, onWarning }: WarningOptions & { sampleSeed?: bigint } = {},
  ): Promise<Latent> {
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
        details: { cause: "batch" },
      });
    }
    const { width, height } = first;
    checkSizeForVae(width, height, vae.config.downscale);
    const generator = sampleSeed === undefined ? undefined : new TorchGenerator(sampleSeed);
    const parts: Float32Array[] = [];
    for (const { data } of image.items) {
      throwIfCancelled(signal);
      const planes = pictureToPlanes(data, height, width);
      const distribution = await vae.encode(planes, first, {
        ...{ signal, seamless: model.seamless },
        onShortOfMemory: () => onWarning?.(doneInStrips("encoded")),
      });
      parts.push(imageLatents(vae, distribution, generator?.randn(distribution.mean.length)));
    }
    const samples = new Float32Array(parts.length * parts[0]!.length);
    for (const [i, part] of parts.entries()) samples.set(part, i * part.length);
    return { kind: "latent", width, height, samples, batch: parts.length, source: image };
  }

  async upscale(
    path: string,
    image: ImageBatch,
    { onProgress, ...options }: UpscaleRequest,
  ): Promise<Opened<ImageBatch>> {
    const upscaler = await Upscaler.open(path, this.#pool);
    const items: RgbImage[] = [];
    for (const [index, item] of image.items.entries()) {
      const report = (done: number, total: number) => onProgress(index * total + done, image.items.length * total);
      items.push(await upscaler.upscale(item, { ...options, onProgress: report }));
    }
    return { value: { kind: "image", items }, facts: upscaler.facts };
  }

  async classify(path: string, { items }: ImageBatch, signal: AbortSignal): Promise<Opened<readonly PictureLabels[]>> {
    const classifier = await Classifier.open(path, this.#pool);
    const value: PictureLabels[] = [];
    for (const item of items) {
      throwIfCancelled(signal);
      value.push(await classifier.classify(item));
    }
    return { value, facts: classifier.facts };
  }

  async detect(
    path: string,
    { items }: ImageBatch,
    { confidence, signal }: { confidence: number; signal: AbortSignal },
  ): Promise<Opened<readonly (readonly Detection[])[]>> {
    const detector = await openYoloDetector(path, this.#pool);
    const value: (readonly Detection[])[] = [];
    for (const item of items) {
      throwIfCancelled(signal);
      value.push(await detector.detect(item, confidence));
    }
    return { value, facts: detector.facts };
  }

  async preprocess(
    path: string,
    { items }: ImageBatch,
    { resolution, signal }: { resolution: number; signal: AbortSignal },
  ): Promise<Opened<ImageBatch>> {
    const preprocessor = await Preprocessor.open(path, this.#pool);
    const made: RgbImage[] = [];
    for (const item of items) {
      throwIfCancelled(signal);
      made.push(await preprocessor.run(item, resolution));
    }
    return { value: { kind: "image", items: made }, facts: preprocessor.facts };
  }

  async countTokens(encoder: TextEncoderModel, text: string): Promise<number> {
    const tokenizer = await this.#models.tokenizer(encoder.tokenizerPath);
    return tokenizer.encodePrompt(text, Number.POSITIVE_INFINITY).ids.length;
  }

  dispose(): Promise<void> {
    return this.#pool.dispose();
  }
}

function doneInStrips(what: "decoded" | "encoded"): ErrorPayload {
  return {
    code: what === "decoded" ? "decoded-in-strips" : "encoded-in-strips",
    message: `There was not enough memory for the whole picture at once: it was ${what} in strips.`,
    help: "Nothing of it is lost. Strips take a little longer; Settings > Devices can choose them from the start.",
  };
}

function checkSizeForVae(width: number, height: number, downscale: number): void {
  if (width % downscale === 0 && height % downscale === 0) return;
  throw new HeddleError({
    code: "size-not-multiple",
    message: `A picture of ${width} x ${height} cannot be encoded.`,
    help: `Resize it so that both sides are multiples of ${downscale}; 16 suits the sampler.`,
    field: "image",
    details: { cause: "encode", width, height, multiple: downscale },
  });
}

function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new CancelledError();
}
