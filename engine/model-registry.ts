import { basename, dirname } from "node:path";
import { HeddleError } from "../common/errors.ts";
import { words } from "../common/words.ts";
import { type ModelCard, readModelCard } from "./model-card.ts";
import { Autoencoder } from "./models/autoencoder-kl/autoencoder.ts";
import { bytesPerPixel, parseAutoencoderConfig } from "./models/autoencoder-kl/config.ts";
import { parseQwen3Config } from "./models/qwen3/config.ts";
import { languageHead } from "./models/qwen3/language-head.ts";
import { lastLayersNeeds, Qwen3LanguageModel } from "./models/qwen3/language-model.ts";
import { stopTokensOf } from "./models/qwen3/stop-tokens.ts";
import { Qwen3TextEncoder, textEncoderNeeds } from "./models/qwen3/text-encoder.ts";
import { PromptTokenizer } from "./models/qwen3/tokenizer.ts";
import { PATCH, parseZImageConfig, type ZImageConfig } from "./models/z-image/config.ts";
import { ZImageControlNet } from "./models/z-image/controlnet.ts";
import { checkControlNetFits, parseControlNetConfig } from "./models/z-image/controlnet-config.ts";
import { controlNetNeeds } from "./models/z-image/controlnet-graphs.ts";
import { sessionNeeds, transformerNeeds, ZImageTransformer } from "./models/z-image/transformer.ts";
import type { WeightChanges } from "./precision/derive-weights.ts";
import type { MergedWeights } from "./precision/merged-weights.ts";
import type { PrecisionPlan } from "./precision/plan.ts";
import type { OnDerivation, PlannedComponent, Precision } from "./precision/precision.ts";
import { chooseVaePlan, type VaeChoice } from "./precision/vae-plan.ts";
import type { SessionPool } from "./runtime/session-pool.ts";
import type {
  Checkpoint,
  ComponentReference,
  ControlNetModel,
  DiffusionModel,
  Opened,
  SizeLimits,
  TextEncoderModel,
  VaeModel,
} from "./types.ts";
import type { CheckpointFiles, ComponentFiles } from "./weights/layouts/component-files.ts";
import {
  openCheckpointFiles,
  openControlNetFile,
  openTextEncoderFile,
  openTransformerFile,
  openVaeFile,
  tokenizerFor,
} from "./weights/layouts/open-checkpoint.ts";
import { detectVariant } from "./weights/layouts/variant.ts";
import { elementCount } from "./weights/tensor.ts";
import type { WeightSet } from "./weights/weight-set.ts";

/** Latent pixels are 1/8 of picture pixels. */
const LATENT_SCALE = 8;
/** Shifts of the published models, for files that come without a scheduler. */
const defaultShift = { turbo: 3, base: 6 } as const;

const variantNames = { turbo: "Z-Image Turbo", base: "Z-Image" } as const;

interface TextEncoderPlan {
  readonly plan: PrecisionPlan;
  /** One session a layer. */
  readonly isLarge: boolean;
  /** Of the embeddings. */
  readonly width: number;
}

interface LanguageModel {
  readonly model: Qwen3LanguageModel;
  readonly stopTokens: readonly number[];
}

/** Opened checkpoints, and the models made from them, by the fingerprint of their files. */
export class ModelRegistry {
  readonly #pool: SessionPool;
  readonly #modelsFolders: () => readonly string[];
  readonly #precision: Precision;
  readonly #files = new Map<string, ComponentFiles>();
  readonly #transformers = new Map<string, Promise<ZImageTransformer>>();
  readonly #textEncoders = new Map<string, Promise<Qwen3TextEncoder>>();
  readonly #languageModels = new Map<string, Promise<LanguageModel>>();
  readonly #controlNets = new Map<string, Promise<ZImageControlNet>>();
  readonly #autoencoders = new Map<string, Autoencoder>();
  readonly #tokenizers = new Map<string, Promise<PromptTokenizer>>();

  constructor(pool: SessionPool, precision: Precision, modelsFolders: () => readonly string[]) {
    this.#pool = pool;
    this.#precision = precision;
    this.#modelsFolders = modelsFolders;
  }

  /** @throws HeddleError for anything that is not a complete Z-Image checkpoint. */
  async open(path: string): Promise<Checkpoint> {
    const files = await openCheckpointFiles(path, { modelsFolders: this.#modelsFolders() });
    const { transformer, textEncoder, vae, tokenizerPath } = files;
    if (transformer === undefined || textEncoder === undefined || vae === undefined || tokenizerPath === undefined) {
      throw incomplete(path, files);
    }
    const { card, warnings } = await readModelCard(path);
    const model = this.#diffusionModel(transformer, files, card, path);
    const name = card.title ?? variantNames[model.variant];
    return {
      name,
      model,
      textEncoder: this.#textEncoderModel(textEncoder, tokenizerPath, path),
      vae: { kind: "vae", vae: this.#keep("vae", vae, path) },
      facts: {
        model: name,
        variant: model.variant,
        transformer: transformer.description,
        parameters: parameterText(transformer),
        precision: await this.#precisionText("transformer", transformer, path),
        textEncoderPrecision: await this.#precisionText("textEncoder", textEncoder, path),
        vaePrecision: vaeText(this.#vaeChoice(vae, path)),
        file: basename(path),
      },
      warnings,
    };
  }

  async openDiffusionModel(path: string): Promise<Opened<DiffusionModel>> {
    const transformer = await openTransformerFile(path);
    const variant = detectVariant({ path, metadata: transformer.weights.metadata, scheduler: undefined });
    const { card, warnings } = await readModelCard(path);
    const value = this.#diffusionModel(transformer, { variant }, card);
    return {
      value,
      warnings,
      facts: {
        model: variantNames[variant],
        variant,
        transformer: transformer.description,
        parameters: parameterText(transformer),
        precision: await this.#precisionText("transformer", transformer),
      },
    };
  }

  async openTextEncoder(path: string): Promise<Opened<TextEncoderModel>> {
    const encoder = await openTextEncoderFile(path);
    const value = this.#textEncoderModel(encoder, await tokenizerFor(path, this.#modelsFolders()));
    return {
      value,
      facts: {
        textEncoder: encoder.description,
        parameters: parameterText(encoder),
        precision: await this.#precisionText("textEncoder", encoder),
      },
    };
  }

  async openVae(path: string): Promise<Opened<VaeModel>> {
    const vae = await openVaeFile(path);
    return {
      value: { kind: "vae", vae: this.#keep("vae", vae) },
      facts: { vae: vae.description, precision: vaeText(this.#vaeChoice(vae)) },
    };
  }

  async openControlNet(path: string): Promise<Opened<ControlNetModel>> {
    const net = await openControlNetFile(path);
    const { channels } = parseControlNetConfig(net.config, path);
    return {
      value: { kind: "controlNet", controlNet: this.#keep("controlNet", net) },
      facts: { controlNet: net.description, channels },
    };
  }

  /**
   * Under its precision plan; derived weights are made first where they are not in the cache.
   *
   * @throws HeddleError what `deriveWeights` throws.
   */
  transformer(
    reference: ComponentReference,
    signal?: AbortSignal,
    onDerivation?: OnDerivation,
  ): Promise<ZImageTransformer> {
    const wanted = this.#precision.wanted("transformer", placesOf(reference));
    return rememberedWhenMade(this.#transformers, `${reference.fingerprint}/${wanted}`, async () => {
      const { weights, config: json } = this.#filesOf("transformer", reference);
      const config = parseZImageConfig(json, reference.path);
      const precision = await this.#precision.prepare({
        ...{ component: "transformer", weights, parameters: parameterCount(weights), wanted, signal, onDerivation },
        needs: () => transformerNeeds(weights, config),
      });
      return new ZImageTransformer(weights, config, this.#pool, precision);
    });
  }

  /**
   * Changes to a large transformer's weights, in the form of its precision plan.
   * @throws HeddleError `lora-needs-cache`, what `deriveWeights` throws
   */
  async mergeIntoTransformer(
    reference: ComponentReference,
    changes: WeightChanges,
    signal?: AbortSignal,
    onDerivation?: OnDerivation,
  ): Promise<MergedWeights> {
    const { config, precision } = await this.transformer(reference, signal);
    const { weights } = this.#filesOf("transformer", reference);
    return this.#precision.merge({
      ...{ component: "transformer", weights, plan: precision.plan, changes, signal, onDerivation },
      needs: sessionNeeds(weights, config, changes.modules),
    });
  }

  /** @throws HeddleError `controlnet-mismatch` when the ControlNet was made for another model. */
  checkControlNet(reference: ComponentReference, transformer: ComponentReference): void {
    const net = this.#filesOf("controlNet", reference);
    const config = parseZImageConfig(this.#filesOf("transformer", transformer).config, transformer.path);
    checkControlNetFits({ path: reference.path, config: net.config }, { path: transformer.path, config });
  }

  /**
   * A ControlNet bound to the transformer whose embedders and refiners it shares, under the precision that is wanted for
   * that transformer.
   * @throws HeddleError `controlnet-mismatch`, what `deriveWeights` throws
   */
  controlNet(
    reference: ComponentReference,
    transformer: ComponentReference,
    signal?: AbortSignal,
  ): Promise<ZImageControlNet> {
    this.checkControlNet(reference, transformer);
    const wanted = this.#precision.wanted("transformer", placesOf(transformer));
    const key = `${reference.fingerprint}/${transformer.fingerprint}/${wanted}`;
    return rememberedWhenMade(this.#controlNets, key, async () => {
      const { weights, config: json } = this.#filesOf("controlNet", reference);
      const net = parseControlNetConfig(json, reference.path);
      const { config, precision: shared } = await this.transformer(transformer, signal);
      const own = await this.#precision.prepare({
        ...{ component: "transformer", weights, parameters: parameterCount(weights), wanted, signal },
        needs: () => controlNetNeeds(weights, config, net),
      });
      return new ZImageControlNet({ net, config, own, shared }, this.#pool);
    });
  }

  textEncoder(
    reference: ComponentReference,
    signal?: AbortSignal,
    onDerivation?: OnDerivation,
  ): Promise<Qwen3TextEncoder> {
    const wanted = this.#precision.wanted("textEncoder", placesOf(reference));
    return rememberedWhenMade(this.#textEncoders, `${reference.fingerprint}/${wanted}`, async () => {
      const { weights, config: json } = this.#filesOf("textEncoder", reference);
      const config = parseQwen3Config(json, reference.path);
      const precision = await this.#precision.prepare({
        ...{ component: "textEncoder", weights, parameters: parameterCount(weights), wanted, signal, onDerivation },
        needs: () => textEncoderNeeds(weights, config),
      });
      return new Qwen3TextEncoder(weights, config, this.#pool, precision);
    });
  }

  /** What the results of a text encoder depend on besides the text: no weights are read or derived for it. */
  async textEncoderPlan(reference: ComponentReference): Promise<TextEncoderPlan> {
    const { weights, config } = this.#filesOf("textEncoder", reference);
    const wanted = this.#precision.wanted("textEncoder", placesOf(reference));
    const { plan, layersPerSession } = await this.#precision.choose(parameterCount(weights), wanted);
    return { plan, isLarge: layersPerSession === 1, width: parseQwen3Config(config, reference.path).hidden };
  }

  /**
   * The text encoder as a language model, with the tokens that its files say end a text.
   * @throws HeddleError `language-model-missing`, what `deriveWeights` throws
   */
  languageModel(reference: ComponentReference, signal?: AbortSignal): Promise<LanguageModel> {
    const wanted = this.#precision.wanted("textEncoder", placesOf(reference));
    return rememberedWhenMade(this.#languageModels, `${reference.fingerprint}/${wanted}`, async () => {
      const { weights, config: json } = this.#filesOf("textEncoder", reference);
      const headPath = await languageHead(weights, json);
      const { config, precision: layers } = await this.textEncoder(reference, signal);
      const lastLayers = await this.#precision.prepare({
        ...{ component: "textEncoder", weights, parameters: parameterCount(weights), wanted, signal },
        needs: () => lastLayersNeeds(weights, config, headPath),
      });
      return {
        model: new Qwen3LanguageModel({ weights, config, headPath, layers, lastLayers }, this.#pool),
        stopTokens: await stopTokensOf(reference.path, json),
      };
    });
  }

  autoencoder(reference: ComponentReference): Autoencoder {
    const files = this.#filesOf("vae", reference);
    const { stripsAbovePixels } = this.#vaeChoice(files, reference.model);
    return remembered(this.#autoencoders, `${reference.fingerprint}/${stripsAbovePixels}`, () => {
      const config = parseAutoencoderConfig(files.config, reference.path);
      const { upsampling } = this.#precision;
      return new Autoencoder(files.weights, config, this.#pool, { stripsAbovePixels, upsampling });
    });
  }

  tokenizer(folder: string): Promise<PromptTokenizer> {
    return rememberedWhenMade(this.#tokenizers, folder, () => PromptTokenizer.load(folder));
  }

  async #precisionText(component: PlannedComponent, { weights }: ComponentFiles, model?: string): Promise<string> {
    const wanted = this.#precision.wanted(component, placesOf({ path: weights.path, model }));
    const { plan, reason, cost } = await this.#precision.choose(parameterCount(weights), wanted);
    return `${plan}. ${reason} ${cost}`;
  }

  #vaeChoice({ weights, config }: ComponentFiles, model?: string): VaeChoice {
    const wanted = this.#precision.wanted("vae", placesOf({ path: weights.path, model }));
    const parsed = parseAutoencoderConfig(config, weights.path);
    return chooseVaePlan(wanted, bytesPerPixel(parsed), this.#pool.memoryBudgetBytes);
  }

  #diffusionModel(
    transformer: ComponentFiles,
    { variant = "turbo", scheduler }: Pick<CheckpointFiles, "variant" | "scheduler">,
    card: ModelCard,
    model?: string,
  ): DiffusionModel {
    return {
      kind: "model",
      transformer: this.#keep("transformer", transformer, model),
      loras: [],
      controls: [],
      family: "z-image",
      variant,
      shift: shiftOf(scheduler, variant),
      dynamicShift: scheduler?.use_dynamic_shifting === true,
      sizeLimits: card.sizes ?? sizeLimits(parseZImageConfig(transformer.config, transformer.weights.path)),
    };
  }

  #textEncoderModel(encoder: ComponentFiles, tokenizerPath: string, model?: string): TextEncoderModel {
    return { kind: "textEncoder", encoder: this.#keep("textEncoder", encoder, model), tokenizerPath, loras: [] };
  }

  /** @param model the checkpoint that it was opened as a part of */
  #keep(kind: string, files: ComponentFiles, model?: string): ComponentReference {
    const { fingerprint, path } = files.weights;
    this.#files.set(`${kind}/${fingerprint}`, files);
    return { fingerprint, path, description: files.description, ...(model !== undefined && { model }) };
  }

  /** The weights of an opened component. */
  weightsOf(kind: "transformer" | "textEncoder", reference: ComponentReference): WeightSet {
    return this.#filesOf(kind, reference).weights;
  }

  #filesOf(kind: string, reference: ComponentReference): ComponentFiles {
    const files = this.#files.get(`${kind}/${reference.fingerprint}`);
    if (files === undefined) {
      throw new HeddleError({
        code: "model-not-open",
        message: `The model in "${reference.path}" is not open.`,
        help: "Run the workflow again from its Load Model node.",
        details: { path: reference.path },
      });
    }
    return files;
  }
}

/** Where somebody may have chosen a plan for a part: its checkpoint, itself, the folder of the checkpoint it lies in. */
function placesOf({
  path,
  model,
}: Pick<ComponentReference, "path"> & { readonly model?: string | undefined }): string[] {
  return [...(model === undefined ? [] : [model]), path, dirname(path)];
}

const vaeText = ({ reason, cost }: VaeChoice): string => `${reason} ${cost}`;

function remembered<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** As {@link remembered}; what could not be made is tried again next time. */
function rememberedWhenMade<T>(map: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  return remembered(map, key, () => {
    const making = make();
    making.catch(() => map.delete(key));
    return making;
  });
}

function shiftOf(scheduler: CheckpointFiles["scheduler"], variant: DiffusionModel["variant"]): number {
  const shift = scheduler?.shift;
  return typeof shift === "number" && shift > 0 ? shift : defaultShift[variant];
}

/** What the rotary tables were built for. */
function sizeLimits(config: ZImageConfig): SizeLimits {
  const multipleOf = PATCH * LATENT_SCALE;
  const [, rows, columns] = config.axesLens;
  return { min: multipleOf * 4, max: Math.min(rows, columns) * multipleOf, multipleOf };
}

function parameterCount(weights: WeightSet): number {
  let count = 0;
  for (const tensor of weights.tensors.values()) count += elementCount(tensor.shape);
  return count;
}

function parameterText(files: ComponentFiles): string {
  const count = parameterCount(files.weights);
  return count >= 1e9 ? `${(count / 1e9).toFixed(1)} B` : `${(count / 1e6).toFixed(1)} M`;
}

function incomplete(path: string, files: CheckpointFiles): HeddleError {
  const missing = [
    files.transformer === undefined && "transformer",
    files.textEncoder === undefined && "text encoder",
    files.vae === undefined && "VAE",
    files.textEncoder !== undefined && files.tokenizerPath === undefined && "tokenizer",
  ].filter((name) => name !== false);
  return new HeddleError({
    code: "checkpoint-incomplete",
    message: `"${path}" is not a whole checkpoint: it has no ${missing.join(", no ")}.`,
    help: "Choose a folder with all parts of the model, or load the parts one by one.",
    details: { path, missing, parts: missing.map(words) },
  });
}
