import { existsSync } from "node:fs";
import { HeddleError } from "../common/errors.ts";
import { combineBiases, combineLoras, differenceOf, fullRankModules } from "./lora/combine-loras.ts";
import { encodeLora } from "./lora/encode-lora.ts";
import { evaluatedSource } from "./lora/evaluate-source.ts";
import { inspectLora } from "./lora/inspect-lora.ts";
import { linearModules } from "./lora/linear-modules.ts";
import type { LoraPart, ParsedLora } from "./lora/lora-types.ts";
import { blockFactor, weightAt } from "./lora/lora-weights.ts";
import { parseLora } from "./lora/parse-lora.ts";
import type { ModelRegistry } from "./model-registry.ts";
import { type LoraUpdates, noUpdates } from "./models/lora-feeds.ts";
import type { WeightChanges } from "./precision/derive-weights.ts";
import type { MergedWeights } from "./precision/merged-weights.ts";
import type { OnDerivation } from "./precision/precision.ts";
import type {
  DiffusionModel,
  EncodeLoraOptions,
  LoraInspection,
  LoraReference,
  LoraSource,
  OpenedLora,
  TextEncoderModel,
} from "./types.ts";
import { readFloats } from "./weights/read-tensor.ts";
import { readSafetensorsHeader } from "./weights/safetensors.ts";
import { fingerprintOf, type WeightSet } from "./weights/weight-set.ts";

/** Files and combined stacks that are kept in memory, each. */
const KEPT = 16;

export interface UpdateOptions {
  /** Share of the steps that are done. */
  readonly progress?: number;
  readonly signal?: AbortSignal;
  /** Told while changes are merged into weights. */
  readonly onDerivation?: OnDerivation | undefined;
}

interface CombineOptions {
  parse(lora: LoraReference): Promise<ParsedLora>;
  /** Whether the model is so large that changes of full rank are merged into its weights. */
  isLarge(): Promise<boolean>;
  merge(changes: WeightChanges): Promise<MergedWeights>;
}

/** LoRA files matched with the models they change, and the runtime inputs that a stack of them makes. */
export class LoraRegistry {
  readonly #models: ModelRegistry;
  readonly #parsed = new Map<string, Promise<ParsedLora>>();
  readonly #combined = new Map<string, Promise<LoraUpdates>>();

  constructor(models: ModelRegistry) {
    this.#models = models;
  }

  /** @throws HeddleError `lora-no-match` and what the safetensors reader throws. */
  async open(path: string, model: DiffusionModel, textEncoder?: TextEncoderModel): Promise<OpenedLora> {
    const file = await readSafetensorsHeader(path);
    const reference = { path: file.path, fingerprint: fingerprintOf([file]) };
    return openedLora(reference, await this.#parse(reference, model, textEncoder));
  }

  /** As {@link open}, for one that may be made of several. */
  async openSource(source: LoraSource, model: DiffusionModel): Promise<OpenedLora> {
    const reference = { path: nameOf(source), fingerprint: JSON.stringify(source), source };
    return openedLora(reference, await this.#parse(reference, model));
  }

  async inspect(source: LoraSource, model: DiffusionModel): Promise<LoraInspection> {
    return inspectLora(await this.#evaluate(source, model));
  }

  async encode(source: LoraSource, model: DiffusionModel, { type, title }: EncodeLoraOptions): Promise<Uint8Array> {
    const lora = await this.#evaluate(source, model);
    const { triggerWords } = lora.metadata;
    return encodeLora(lora, type, {
      "modelspec.title": title,
      ...(triggerWords.length > 0 && { "modelspec.trigger_phrase": triggerWords.join(", ") }),
    });
  }

  #evaluate(source: LoraSource, model: DiffusionModel): Promise<ParsedLora> {
    if (source.kind === "file") return this.#parse(source, model);
    const key = [JSON.stringify(source), model.transformer.fingerprint].join("/");
    return kept(this.#parsed, key, () => evaluatedSource(source, (file) => this.#parse(file, model)));
  }

  /**
   * The runtime inputs of a transformer's LoRA stack, when `progress` (0 to 1) of the steps are done. What no narrow
   * matrices express is merged into the weights of large models.
   *
   * @throws HeddleError `lora-full-rank`, `lora-needs-cache`, what `deriveWeights` throws
   */
  transformerUpdates(model: DiffusionModel, options: UpdateOptions = {}): Promise<LoraUpdates> {
    const { progress = 0, signal, onDerivation } = options;
    const loras = model.loras.map((lora) => ({ ...lora, weight: weightAt(lora, progress) }));
    const changesOverSteps = model.loras.some(({ schedule }) => schedule !== undefined);
    return this.#combine("transformer", loras, model.transformer.fingerprint, {
      parse: (lora) => this.#parse(lora, model),
      isLarge: async () => (await this.#models.transformer(model.transformer, signal)).isLarge,
      merge: (changes) => {
        if (changesOverSteps) throw fullRank("cannot change its weight over the steps", "schedule");
        return this.#models.mergeIntoTransformer(model.transformer, changes, signal, onDerivation);
      },
    });
  }

  /**
   * The runtime inputs of a text encoder's LoRA stack.
   * @throws HeddleError `lora-full-rank`
   */
  textEncoderUpdates(encoder: TextEncoderModel): Promise<LoraUpdates> {
    return this.#combine("textEncoder", encoder.loras, encoder.encoder.fingerprint, {
      parse: (lora) => this.#parse(lora, undefined, encoder),
      isLarge: async () => (await this.#models.textEncoderPlan(encoder.encoder)).isLarge,
      merge: () => {
        throw fullRank("cannot change the text encoder", "text-encoder");
      },
    });
  }

  async #combine(
    part: "transformer" | "textEncoder",
    loras: readonly LoraReference[],
    fingerprint: string,
    { parse, isLarge, merge }: CombineOptions,
  ): Promise<LoraUpdates> {
    const active = loras.filter(({ weight }) => weight !== 0);
    if (active.length === 0) return noUpdates;
    const key = [part, fingerprint, ...active.map(keyOf)].join("/");
    // Merged weights make room on the disk for those of other stacks, and people may remove them.
    const known = await this.#combined.get(key)?.catch(() => undefined);
    if (known?.merged !== undefined && !existsSync(known.merged.weights.path)) this.#combined.delete(key);
    return kept(this.#combined, key, async () => {
      const stack = await Promise.all(
        active.map(async (reference) => {
          const parsed = await parse(reference);
          const { weight, blocks } = reference;
          const factorOf = blocks && ((module: string) => blockFactor(blocks, module));
          return { lora: part === "transformer" ? parsed : parsed.textEncoder, weight, ...(factorOf && { factorOf }) };
        }),
      );
      const biases = combineBiases(stack);
      const modules = fullRankModules(stack);
      if (modules.size === 0 || !(await isLarge())) return { pairs: await combineLoras(stack), biases };
      // As pairs these would take as much memory as the whole model does in float32.
      const merged = await merge({ key, modules, of: async (module) => (await differenceOf(stack, module))! });
      return { pairs: await combineLoras(stack, "omit"), biases, merged };
    });
  }

  #parse(
    reference: Pick<LoraReference, "path" | "fingerprint" | "source">,
    model: DiffusionModel | undefined,
    textEncoder?: TextEncoderModel,
  ): Promise<ParsedLora> {
    if (reference.source !== undefined && reference.source.kind !== "file" && model !== undefined) {
      return this.#evaluate(reference.source, model);
    }
    const transformer = model && this.#models.weightsOf("transformer", model.transformer);
    const encoder = textEncoder && this.#models.weightsOf("textEncoder", textEncoder.encoder);
    const key = [reference.fingerprint, transformer?.fingerprint, encoder?.fingerprint].join("/");
    const weightsOf = (part: "transformer" | "textEncoder"): WeightSet | undefined =>
      part === "transformer" ? transformer : encoder;
    return kept(this.#parsed, key, async () =>
      parseLora(await readSafetensorsHeader(reference.path), modulesOf(transformer), {
        textEncoderModules: modulesOf(encoder),
        readBaseWeight: (part, module) => readFloats(weightsOf(part)!.tensors.get(`${module}.weight`)!),
      }),
    );
  }
}

function fullRank(what: string, cause: "schedule" | "text-encoder"): HeddleError {
  return new HeddleError({
    code: "lora-full-rank",
    message: `This LoRA changes whole matrices of a large model, and so it ${what}.`,
    help: "Make a narrow LoRA of it with Resize LoRA, and use that one.",
    field: "loras",
    details: { cause },
  });
}

function openedLora(reference: OpenedLora["reference"], parsed: ParsedLora): OpenedLora {
  const { report, format, metadata } = parsed;
  return {
    reference,
    format,
    applied: report.applied,
    total: report.total,
    unapplied: report.unapplied,
    notes: report.notes,
    changesModel: changesAny(parsed),
    changesTextEncoder: changesAny(parsed.textEncoder),
    triggerWords: metadata.triggerWords,
    rank: metadata.rank,
  };
}

/** The file that it is, or the first of those that it is made of. */
function nameOf(source: LoraSource): string {
  if (source.kind === "file") return source.path;
  return nameOf(source.kind === "resize" ? source.source : source.items[0]!.source);
}

const keyOf = ({ fingerprint, weight, blocks }: LoraReference) =>
  `${fingerprint}*${weight}${blocks === undefined ? "" : `*${JSON.stringify(blocks)}`}`;

const changesAny = ({ updates, biasDiffs }: LoraPart) => updates.size > 0 || biasDiffs.size > 0;

const modulesOf = (weights: WeightSet | undefined) =>
  weights === undefined ? new Map() : linearModules(weights.tensors);

/** The value under `key`, made when it is new; failures are forgotten, and so are the least recently used. */
function kept<T>(map: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const value = map.get(key) ?? make();
  map.delete(key);
  map.set(key, value);
  value.catch(() => map.delete(key));
  const [oldest] = map.keys();
  if (map.size > KEPT && oldest !== undefined) map.delete(oldest);
  return value;
}
