import { basename } from "node:path";
import { HeddleError } from "../common/errors.ts";
import { readModelCard } from "./model-card.ts";
import { Autoencoder } from "./models/autoencoder-kl/autoencoder.ts";
import { parseAutoencoderConfig } from "./models/autoencoder-kl/config.ts";
import { parseQwen3Config } from "./models/qwen3/config.ts";
import { Qwen3TextEncoder } from "./models/qwen3/text-encoder.ts";
import { PromptTokenizer } from "./models/qwen3/tokenizer.ts";
import { PATCH, parseZImageConfig, type ZImageConfig } from "./models/z-image/config.ts";
import { ZImageTransformer } from "./models/z-image/transformer.ts";
import type { SessionPool } from "./runtime/session-pool.ts";
import type { Checkpoint, ComponentReference, SizeLimits } from "./types.ts";
import type { CheckpointFiles, ComponentFiles } from "./weights/layouts/component-files.ts";
import { openCheckpointFiles } from "./weights/layouts/open-checkpoint.ts";
import { elementCount } from "./weights/tensor.ts";
import type { WeightSet } from "./weights/weight-set.ts";

/** Above this many bytes of float32 weights, the main layers get a session each, which bounds memory. */
const WHOLE_MODEL_BYTES = 2 ** 31;
/** Latent pixels are 1/8 of picture pixels. */
const LATENT_SCALE = 8;
/** Shift of the published Turbo model, for files that come without a scheduler. */
const DEFAULT_SHIFT = 3;

const variantNames = { turbo: "Z-Image Turbo", base: "Z-Image" } as const;

/** Opened checkpoints, and the models made from them, by the fingerprint of their files. */
export class ModelRegistry {
  readonly #pool: SessionPool;
  readonly #modelsFolders: readonly string[];
  readonly #files = new Map<string, ComponentFiles>();
  readonly #transformers = new Map<string, ZImageTransformer>();
  readonly #textEncoders = new Map<string, Qwen3TextEncoder>();
  readonly #autoencoders = new Map<string, Autoencoder>();
  readonly #tokenizers = new Map<string, Promise<PromptTokenizer>>();

  constructor(pool: SessionPool, modelsFolders: readonly string[]) {
    this.#pool = pool;
    this.#modelsFolders = modelsFolders;
  }

  /** @throws HeddleError for anything that is not a complete Z-Image checkpoint. */
  async open(path: string): Promise<Checkpoint> {
    const files = await openCheckpointFiles(path, { modelsFolders: this.#modelsFolders });
    const { transformer, textEncoder, vae, tokenizerPath } = files;
    if (transformer === undefined || textEncoder === undefined || vae === undefined || tokenizerPath === undefined) {
      throw incomplete(path, files);
    }
    const card = await readModelCard(path);
    const config = parseZImageConfig(transformer.config, path);
    const variant = files.variant ?? "turbo";
    const name = card.title ?? variantNames[variant];
    return {
      name,
      model: {
        kind: "model",
        transformer: this.#keep("transformer", transformer),
        loras: [],
        family: "z-image",
        variant,
        shift: shiftOf(files),
        sizeLimits: card.sizes ?? sizeLimits(config),
      },
      textEncoder: { kind: "textEncoder", encoder: this.#keep("textEncoder", textEncoder), tokenizerPath, loras: [] },
      vae: { kind: "vae", vae: this.#keep("vae", vae) },
      facts: {
        model: name,
        variant,
        transformer: transformer.description,
        parameters: parameterCount(transformer),
        file: basename(path),
      },
    };
  }

  transformer(reference: ComponentReference): ZImageTransformer {
    return remembered(this.#transformers, reference.fingerprint, () => {
      const { weights, config: json } = this.#filesOf("transformer", reference);
      const config = parseZImageConfig(json, reference.path);
      let floats = 0;
      for (const tensor of weights.tensors.values()) floats += elementCount(tensor.shape);
      const layersPerSession = floats * 4 > WHOLE_MODEL_BYTES ? 1 : config.layers;
      return new ZImageTransformer(weights, config, this.#pool, layersPerSession);
    });
  }

  textEncoder(reference: ComponentReference): Qwen3TextEncoder {
    return remembered(this.#textEncoders, reference.fingerprint, () => {
      const { weights, config } = this.#filesOf("textEncoder", reference);
      return new Qwen3TextEncoder(weights, parseQwen3Config(config, reference.path), this.#pool);
    });
  }

  autoencoder(reference: ComponentReference): Autoencoder {
    return remembered(this.#autoencoders, reference.fingerprint, () => {
      const { weights, config } = this.#filesOf("vae", reference);
      return new Autoencoder(weights, parseAutoencoderConfig(config, reference.path), this.#pool);
    });
  }

  tokenizer(folder: string): Promise<PromptTokenizer> {
    return remembered(this.#tokenizers, folder, () => {
      const loading = PromptTokenizer.load(folder);
      loading.catch(() => this.#tokenizers.delete(folder));
      return loading;
    });
  }

  #keep(kind: string, files: ComponentFiles): ComponentReference {
    const { fingerprint, path } = files.weights;
    this.#files.set(`${kind}/${fingerprint}`, files);
    return { fingerprint, path, description: files.description };
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
      });
    }
    return files;
  }
}

function remembered<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function shiftOf(files: CheckpointFiles): number {
  const shift = files.scheduler?.shift;
  return typeof shift === "number" && shift > 0 ? shift : DEFAULT_SHIFT;
}

/** What the rotary tables were built for. */
function sizeLimits(config: ZImageConfig): SizeLimits {
  const multipleOf = PATCH * LATENT_SCALE;
  const [, rows, columns] = config.axesLens;
  return { min: multipleOf * 4, max: Math.min(rows, columns) * multipleOf, multipleOf };
}

function parameterCount(files: ComponentFiles): string {
  let count = 0;
  for (const tensor of files.weights.tensors.values()) count += elementCount(tensor.shape);
  return count >= 1e9 ? `${(count / 1e9).toFixed(1)} B` : `${(count / 1e6).toFixed(1)} M`;
}

function incomplete(path: string, files: CheckpointFiles): HeddleError {
  const missing = [
    files.transformer === undefined && "transformer",
    files.textEncoder === undefined && "text encoder",
    files.vae === undefined && "VAE",
    files.textEncoder !== undefined && files.tokenizerPath === undefined && "tokenizer",
  ].filter(Boolean);
  return new HeddleError({
    code: "checkpoint-incomplete",
    message: `"${path}" is not a whole checkpoint: it has no ${missing.join(", no ")}.`,
    help: "Choose a folder with all parts of the model, or load the parts one by one.",
    details: { path, missing },
  });
}
