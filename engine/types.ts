import type { ErrorPayload } from "../common/errors.ts";

/**
 * The values that travel on links and the requests that nodes make of the engine. Plain immutable data: a handle names a
 * component of a checkpoint, the engine opens sessions for it when it is first used.
 */

/** One component (transformer, text encoder, VAE) of a checkpoint whose headers have been read. */
export interface ComponentReference {
  /** Content identity: changes when the files, their size or their modification time change. */
  readonly fingerprint: string;
  /** Real path of the diffusers component folder, or of the single file. */
  readonly path: string;
  /** What the layout detection found, for people: "diffusers folder, BF16". */
  readonly description: string;
  /** The checkpoint that it was opened as a part of, as it was named then. */
  readonly model?: string;
}

export interface LoraReference {
  readonly path: string;
  readonly fingerprint: string;
  /** -4 to 4; 0 is exactly off. */
  readonly weight: number;
  /** Factors to the weight in parts of the model: the last rule that fits a layer counts, 1 where none does. */
  readonly blocks?: readonly LoraBlockRule[];
  /** Where it is no file as it is: what it is made of. `path` then names what it came from, for people. */
  readonly source?: LoraSource;
  /** Factors to the weight over a run of the sampler, linear between the points; at share 0 to 1 of the steps. */
  readonly schedule?: readonly { readonly at: number; readonly factor: number }[];
}

/** Which layers: those below `part` ("layers", "attention"), and of numbered ones only `from` to `to`, both included. */
export interface LoraBlockRule {
  readonly part: string;
  readonly from?: number;
  readonly to?: number;
  readonly factor: number;
}

/** A LoRA before it is applied: a file, or what is made of several. */
export type LoraSource = LoraFileSource | LoraMerge | LoraResize;

export interface LoraFileSource {
  readonly kind: "file";
  readonly path: string;
  readonly fingerprint: string;
}

/** Several as one; `lora/merge-loras.ts` says how. */
export interface LoraMerge {
  readonly kind: "merge";
  readonly method: "sum" | "average" | "ties";
  /** `ties`: share of each LoRA's changes that counts, 0 to 1. */
  readonly density: number;
  readonly items: readonly { readonly source: LoraSource; readonly weight: number }[];
}

/** With narrower matrices: at most this rank, and no more than holds this share (0 to 1) of the squared change. */
export interface LoraResize {
  readonly kind: "resize";
  readonly source: LoraSource;
  readonly rank: number;
  readonly energy: number;
}

/** Value of a `lora` port. */
export interface LoraValue {
  readonly kind: "lora";
  readonly source: LoraSource;
  /** For people: the file's name, or what was made of it. */
  readonly title: string;
}

/** What a LoRA changes, where and how much. */
export interface LoraInspection {
  readonly title: string | undefined;
  readonly format: string;
  readonly baseModel: string | undefined;
  readonly rank: number | undefined;
  readonly alpha: number | undefined;
  readonly triggerWords: readonly string[];
  readonly applied: number;
  readonly total: number;
  readonly unapplied: readonly string[];
  readonly notes: readonly string[];
  /** Kinds of layers that it changes: "attention.to_q". */
  readonly targets: readonly string[];
  /** `norm`: of all changes in that block together (Frobenius). */
  readonly blocks: readonly {
    readonly block: string;
    readonly layers: number;
    readonly norm: number;
    readonly ranks: readonly (number | "full")[];
  }[];
}

/** What opening a LoRA for a model found. */
export interface OpenedLora {
  readonly reference: Omit<LoraReference, "weight">;
  /** "PEFT LoRA", "LyCORIS LoKr"; for people. */
  readonly format: string;
  /** Tensors of the file whose effect is applied, of `total`. */
  readonly applied: number;
  readonly total: number;
  readonly unapplied: readonly string[];
  /** Sentences for people about anything out of the ordinary. */
  readonly notes: readonly string[];
  /** Whether it changes the diffusion model that it was opened for. */
  readonly changesModel: boolean;
  /** Whether it changes the text encoder that it was opened for. */
  readonly changesTextEncoder: boolean;
  readonly triggerWords: readonly string[];
  readonly rank: number | undefined;
}

/** Which of prompt and ControlNet counts more; `engine/pipeline/control-modes.ts` says how. */
export const controlModes = ["balanced", "prompt", "control"] as const;
export type ControlMode = (typeof controlModes)[number];

/** A picture that steers the layout of what is drawn, through a ControlNet. */
export interface ControlReference {
  readonly controlNet: ComponentReference;
  /** Any size; it is brought to the size of the latent. */
  readonly hint: RgbImage;
  /** Encodes the hint. */
  readonly vae: VaeModel;
  /** -4 to 4. */
  readonly strength: number;
  /** `balanced` by default. */
  readonly mode?: ControlMode;
  /** Share of the steps before which, and after which, it has no effect: 0 to 1. */
  readonly start: number;
  readonly end: number;
  /** Instead of shares: steps of the run, counted from 0, the end excluded. */
  readonly steps?: { readonly start: number; readonly end: number };
}

/** How to leave out block runs whose result is about the same as at an earlier step; `z-image/step-cache.ts` says how. */
export interface Acceleration {
  readonly method: "first-block" | "tea" | "dual-block";
  /** Relative change below which blocks are left out: 0 never, 1 nearly always. */
  readonly threshold: number;
  /** Model calls in a row, of one guidance pass, that leave blocks out before all run again. */
  readonly maxConsecutive: number;
  /** The part of the steps in which blocks may be left out; all by default. Steps count from 0, the end excluded. */
  readonly range?: { readonly unit: "steps" | "share"; readonly start: number; readonly end: number };
  /** `dual-block`: main layers that always run, at the beginning and at the end; 0 first is about a quarter of them. */
  readonly firstBlocks?: number;
  readonly lastBlocks?: number;
}

/** Sides of the picture that continue on the opposite side. */
export interface SeamlessTiling {
  readonly horizontal: boolean;
  readonly vertical: boolean;
}

/** How a transformer draws a picture whose sides continue; `pipeline/seamless-windows.ts` says how. */
export interface SeamlessDrawing extends SeamlessTiling {
  /** Largest part that is drawn at once, and how far apart parts of a larger picture are: latent pixels. */
  readonly tile: number;
  readonly stride: number;
}

/** Value of a `model` port. */
export interface DiffusionModel {
  readonly kind: "model";
  readonly transformer: ComponentReference;
  readonly loras: readonly LoraReference[];
  readonly controls: readonly ControlReference[];
  readonly family: "z-image";
  readonly variant: "turbo" | "base";
  /** FlowMatch sigma shift from the scheduler config, or as overridden by a node. */
  readonly shift: number;
  /** Compute the shift from the picture's size instead (`use_dynamic_shifting` of the scheduler config). */
  readonly dynamicShift: boolean;
  /** Picture sizes the model can draw, in pixels a side. */
  readonly sizeLimits?: SizeLimits | undefined;
  readonly acceleration?: Acceleration;
  readonly seamless?: SeamlessDrawing;
}

/** In pixels. */
export interface SizeLimits {
  readonly min: number;
  readonly max: number;
  readonly multipleOf: number;
}

/** Value of a `textEncoder` port. */
export interface TextEncoderModel {
  readonly kind: "textEncoder";
  readonly encoder: ComponentReference;
  /** Folder with tokenizer.json. */
  readonly tokenizerPath: string;
  readonly loras: readonly LoraReference[];
}

/** Value of a `vae` port. */
export interface VaeModel {
  readonly kind: "vae";
  readonly vae: ComponentReference;
  readonly seamless?: SeamlessTiling;
}

/** Value of a `conditioning` port. */
export interface Conditioning {
  readonly kind: "conditioning";
  /** `hidden_states[-2]` of the prompt's tokens: Float32Array [tokens, width]. */
  readonly embeddings: Float32Array;
  readonly tokens: number;
  readonly width: number;
  /** Tokens that did not fit the limit and were cut on the right. */
  readonly truncatedTokens: number;
  readonly text: string;
  /** Further prompts whose predictions are averaged with this one's, at a pass of the model each. */
  readonly combined?: readonly Conditioning[];
  /** What encoded it: guidance without a negative prompt needs the empty prompt from the same encoder. */
  readonly encoder: TextEncoderModel;
}

/** Value of a `latent` port: scaled latents as the transformer sees them, or (samples = null) empty of that size. */
export interface Latent {
  readonly kind: "latent";
  /** Picture size in pixels; latents are 1/8 of it per side. */
  readonly width: number;
  readonly height: number;
  /** Float32Array [batch, 16, height/8, width/8]. */
  readonly samples: Float32Array | null;
  readonly batch: number;
  /** Seed of each item, decimal, when a sampler drew its noise. */
  readonly seeds?: readonly string[];
  readonly drawing?: DrawingFacts;
  /** Where to repaint; everything without one. */
  readonly mask?: PictureMask;
  /**
   * What grey of the mask means. `cut` (default): from half grey on it is repainted, as the diffusers pipelines have it.
   * `differential`: the darker, the later a place begins to change.
   */
  readonly maskRule?: "cut" | "differential";
  /** The pictures that the samples are the encoding of. */
  readonly source?: ImageBatch;
  /** Main layers of the transformer that ran and that were left out, where an acceleration was asked for. */
  readonly blockRuns?: { readonly run: number; readonly skipped: number };
  /** Set where sampling had nothing to do: decoding gives these, without the loss of a way through the VAE. */
  readonly decoded?: ImageBatch;
}

/** Value of a `mask` port: Float32Array [height, width], 1 = repaint, 0 = keep. */
export interface PictureMask {
  readonly kind: "mask";
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

/** One picture, 8 bits per channel, interleaved RGB: Uint8Array [height, width, 3]. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
  readonly seed?: string;
  readonly drawing?: DrawingFacts;
  /** What a safety check said of it; absent where none looked. */
  readonly hasNsfwConcepts?: boolean;
}

/** How a picture was drawn, as it really was, whatever came over links: for people, and for the metadata of files. */
export interface DrawingFacts {
  readonly prompt: string;
  /** Empty when there was none. */
  readonly negativePrompt: string;
  readonly steps: number;
  /** Conventional CFG scale: 1 = off. */
  readonly guidance: number;
  readonly solver: string;
  readonly schedule: string;
  readonly denoise: number;
}

/** Value of an `image` port. */
export interface ImageBatch {
  readonly kind: "image";
  readonly items: readonly RgbImage[];
}

/** A checkpoint as Load Model gives it. */
export interface Checkpoint {
  readonly name: string;
  readonly model: DiffusionModel;
  readonly textEncoder: TextEncoderModel;
  readonly vae: VaeModel;
  /** What was detected, for the node: "Z-Image Turbo", "BF16", sizes. */
  readonly facts: Record<string, string | number | boolean>;
  /** What could not be taken into account and does not keep it from being used. */
  readonly warnings?: readonly ErrorPayload[];
}

/** Value of a `controlNet` port. */
export interface ControlNetModel {
  readonly kind: "controlNet";
  readonly controlNet: ComponentReference;
}

export interface Opened<T> {
  readonly value: T;
  /** What was detected, for the node. */
  readonly facts: Record<string, string | number | boolean>;
  /** As those of a {@link Checkpoint}. */
  readonly warnings?: readonly ErrorPayload[];
}

export interface SampleProgress {
  /** Steps done, 1-based, of `steps`; counted over all items of a batch. */
  step: number;
  steps: number;
  /** Picture of the current denoised estimate, when previews are on. */
  preview?: RgbImage;
}

/** Bytes of derived weights written, of `total`. */
export interface PreparationProgress {
  readonly done: number;
  readonly total: number;
}

export interface SampleRequest {
  model: DiffusionModel;
  /** Fits the latent-to-RGB preview; no preview without it. */
  vae?: VaeModel;
  positive: Conditioning;
  negative?: Conditioning;
  latent: Latent;
  /** 0 to 2^63 - 1. */
  seed: bigint;
  /**
   * How the items of a batch get their noise. `seeds` (default): item i has the seed `seed + i`, so that each picture can
   * be made again alone. `tensor`: all items from one generator, as ComfyUI draws a batch.
   */
  batchNoise?: "seeds" | "tensor";
  steps: number;
  /** Conventional CFG scale: 1 = off (one pass a step); the engine uses g = scale - 1 in `pos + g (pos - neg)`. */
  guidanceScale: number;
  solver: string;
  schedule: string;
  /** 1 = from pure noise; see `strengthRule`. */
  denoise: number;
  /**
   * What `denoise` below 1 means. `rescale` (default): the last `steps` of a table of `steps / denoise`, as ComfyUI.
   * `truncate`: the last `steps * denoise` of `steps`, as the diffusers image-to-image pipelines.
   */
  strengthRule?: "rescale" | "truncate";
  /** Steps of the table to run, 0-based, end excluded; all by default. */
  startStep?: number;
  endStep?: number;
  /** With `endStep`: go to clean in the last step instead of leaving the noise in for a later sampler. */
  finish?: boolean;
  /** false: the latent already holds the noise that an earlier sampler left in. */
  addNoise?: boolean;
  /** Limits the guided prediction's norm to this multiple of the unguided one; 0 is off. */
  cfgNormalization?: number;
  /** Share of the sampling (1 - sigma) after which guidance is off; 1 is never. */
  cfgTruncation?: number;
  signal: AbortSignal;
  onProgress(progress: SampleProgress): void;
}

export interface EncodeLoraOptions {
  readonly type: "F32" | "BF16" | "F16";
  /** Shown by tools that list LoRAs. */
  readonly title: string;
}

/** How a model enlarges pictures. */
export interface UpscaleRequest {
  /** Pixels a side of the parts that are enlarged one by one: memory grows with their area. */
  readonly tile: number;
  /** Pixels around each part that the model also sees, so that no seams show. */
  readonly overlap: number;
  readonly signal: AbortSignal;
  /** Tiles done, of all of all pictures. */
  onProgress(done: number, total: number): void;
}

/** Something that was found in a picture: a rectangle in its pixels, which may lie between them. */
export interface Detection {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** 0 to 1. */
  readonly score: number;
  readonly label: string;
}

/** What a text encoder that is a language model is to write. */
export interface WritingOrder {
  /** How to answer. */
  readonly instruction: string;
  readonly text: string;
  readonly maxTokens: number;
  /** 0 always takes the most likely token. */
  readonly temperature: number;
  /** Only so many of the most likely tokens; 0 is all. */
  readonly topK: number;
  /** Only the most likely tokens that together have this probability; 1 is all. */
  readonly topP: number;
  /** Above 1, what stands there already becomes less likely; 1 is off. */
  readonly repetitionPenalty: number;
  /** The same seed gives the same text. */
  readonly seed: bigint;
  readonly signal: AbortSignal;
  /** Told of the text so far, after each token. */
  onText(text: string, tokens: number): void;
}

export interface WrittenText {
  readonly text: string;
  readonly tokens: number;
  /** Whether the model ended the text, rather than the limit. */
  readonly isComplete: boolean;
}

/** What a classifier says of one picture. */
export interface PictureLabels {
  /** 0 to 1, by label. */
  readonly scores: Readonly<Record<string, number>>;
  /** The labels that are not safe whose score passes their threshold. */
  readonly unsafe: readonly string[];
}

/** How work tells of what people should know, besides its result. */
export interface WarningOptions {
  onWarning?(warning: ErrorPayload): void;
}

/** What nodes can ask of the engine. Implemented by `engine/engine.ts`. */
export interface InferenceEngine {
  /** Reads headers and configs only; throws a typed error for anything that is not a usable checkpoint. */
  openCheckpoint(path: string): Promise<Checkpoint>;
  /** One part of a model: a diffusers component folder, or a single file as ComfyUI uses them. */
  openDiffusionModel(path: string): Promise<Opened<DiffusionModel>>;
  openTextEncoder(path: string): Promise<Opened<TextEncoderModel>>;
  openVae(path: string): Promise<Opened<VaeModel>>;
  openControlNet(path: string): Promise<Opened<ControlNetModel>>;
  /** @throws HeddleError `controlnet-mismatch` when the ControlNet was made for another model. */
  checkControlNet(net: ControlNetModel, model: DiffusionModel): void;
  /**
   * Reads a LoRA and matches it with the model's layers; add its reference, with a weight, to `loras` of the model (and
   * of the text encoder) to use it.
   */
  openLora(path: string, model: DiffusionModel, textEncoder?: TextEncoderModel): Promise<OpenedLora>;
  /** As {@link openLora}, for one that is made of others; only the diffusion model's part of merged ones is kept. */
  openLoraSource(source: LoraSource, model: DiffusionModel): Promise<OpenedLora>;
  inspectLora(source: LoraSource, model: DiffusionModel): Promise<LoraInspection>;
  /** As a safetensors file. */
  encodeLora(source: LoraSource, model: DiffusionModel, options: EncodeLoraOptions): Promise<Uint8Array>;
  encodePrompt(encoder: TextEncoderModel, text: string, signal: AbortSignal): Promise<Conditioning>;
  sample(request: SampleRequest): Promise<Latent>;
  decode(vae: VaeModel, latent: Latent, signal: AbortSignal, options?: WarningOptions): Promise<ImageBatch>;
  /** The mean of the encoder's distribution, or with `sampleSeed` a sample of it. */
  encode(
    vae: VaeModel,
    image: ImageBatch,
    signal: AbortSignal,
    options?: WarningOptions & { sampleSeed?: bigint },
  ): Promise<Latent>;
  /** Enlarges pictures with a model of the ESRGAN family: a safetensors file. */
  upscale(path: string, image: ImageBatch, options: UpscaleRequest): Promise<Opened<ImageBatch>>;
  /**
   * Writes with the text encoder, which in whole checkpoints is a language model.
   * @throws HeddleError `language-model-missing` where it is not
   */
  writeText(encoder: TextEncoderModel, order: WritingOrder): Promise<WrittenText>;
  /** What a classifier (ONNX, with its labels in a JSON file beside it) says of each picture. */
  classify(path: string, image: ImageBatch, signal: AbortSignal): Promise<Opened<readonly PictureLabels[]>>;
  /** What a detector (an Ultralytics YOLO as ONNX) finds in each picture with at least `confidence`, best first. */
  detect(
    path: string,
    image: ImageBatch,
    options: { readonly confidence: number; readonly signal: AbortSignal },
  ): Promise<Opened<readonly (readonly Detection[])[]>>;
  /** Each picture through a model that makes a picture of it (depth, pose, lines), at its own size. */
  preprocess(
    path: string,
    image: ImageBatch,
    options: { readonly resolution: number; readonly signal: AbortSignal },
  ): Promise<Opened<ImageBatch>>;
  /** Loads sessions ahead of their first use, so that load time is told apart from compute time. */
  warm(
    component: DiffusionModel | TextEncoderModel | VaeModel,
    signal: AbortSignal,
    /** Told while weights are brought into the form that the component's precision plan needs. */
    onPreparing?: (progress: PreparationProgress) => void,
    /** What a text encoder is loaded for: where the result is in the cache already, nothing is loaded or made. */
    text?: string,
  ): Promise<void>;
  /** Tokens of the templated prompt, uncut. */
  countTokens(encoder: TextEncoderModel, text: string): Promise<number>;
  readonly sessionsCreated: number;
  dispose(): Promise<void>;
}
