import type { LinearModules } from "./lora-types.ts";

/** The rows of a file's module that belong to one module of the model. */
export interface Target {
  readonly module: string;
  readonly firstRow: number;
  readonly rows: number;
}

export interface Resolved {
  readonly part: "transformer" | "textEncoder";
  /** In the order of their rows; more than one for a fused weight. */
  readonly targets: readonly Target[];
  /** Whether the name is the original code's (`qkv`, `out`, `x_embedder`) rather than the canonical one. */
  readonly alias: boolean;
}

/**
 * What trainers put before a module's name, in the flattened form in which names are compared. They stack
 * (`base_model.model.transformer.`), so they are taken off one by one.
 */
const prefixes =
  /^(lora_unet_+|lora_transformer_+|lora_dit_+|lora_|lycoris_+|base_model_model_|model_diffusion_model_|diffusion_model_|transformer_|default_|pipe_|unet_|dit_|net_|module_|model_)/;
const textEncoderPrefixes =
  /^(lora_te\d?_+|te\d?_|text_encoders?_(qwen3_4b_|qwen_?3_)?(transformer_)?|text_encoder_\d_|clip_[lg]_transformer_)/;

/**
 * Finds modules by name whatever the trainer's convention.
 *
 * Kohya's names are flattened with underscores, and canonical names hold underscores themselves, so a name cannot be
 * un-flattened; instead all names are compared flattened, against a table made from the model's own modules.
 */
export class ModuleNames {
  readonly #transformer: ReadonlyMap<string, Omit<Resolved, "part">>;
  readonly #textEncoder: ReadonlyMap<string, Omit<Resolved, "part">>;

  constructor(transformer: LinearModules, textEncoder: LinearModules) {
    this.#transformer = tableOf(transformer);
    this.#textEncoder = tableOf(textEncoder);
  }

  resolve(name: string): Resolved | undefined {
    let flat = flatten(name.replace(".processor.", "."));
    let part: Resolved["part"] = "transformer";
    for (let stripped = 0; stripped < 8; stripped++) {
      const found = (part === "transformer" ? this.#transformer : this.#textEncoder).get(flat);
      if (found !== undefined) return { ...found, part };
      const te = textEncoderPrefixes.exec(flat);
      const prefix = te ?? prefixes.exec(flat);
      if (prefix === null) return part === "transformer" ? this.#resolveTail(name) : undefined;
      if (te !== null) part = "textEncoder";
      flat = flat.slice(prefix[0].length);
    }
    return undefined;
  }

  /** Trainers wrap models in modules of their own (`base_model.model._inner_dit.layers.0...`): the end decides. */
  #resolveTail(name: string): Resolved | undefined {
    const parts = name.split(".");
    for (let dropped = 1; dropped < Math.min(parts.length, 6); dropped++) {
      const found = this.#transformer.get(parts.slice(dropped).join("_"));
      if (found !== undefined) return { ...found, part: "transformer" };
    }
    return undefined;
  }
}

/** Whether a name is about a text encoder, for messages about what was left out. */
export function isTextEncoderName(name: string): boolean {
  return textEncoderPrefixes.test(flatten(name).replace(/^(lycoris_|base_model_model_)/, ""));
}

function flatten(name: string): string {
  return name.replaceAll(".", "_");
}

/** Names of the original code for canonical ones, both flattened. */
const aliases: readonly [RegExp, string][] = [
  [/_attention_to_out_0$/, "_attention_out"],
  [/_attention_to_out_0$/, "_attention_to_out"],
  [/^all_x_embedder_2-1$/, "x_embedder"],
  [/^all_final_layer_2-1_/, "final_layer_"],
  [/^all_x_embedder_2-1$/, "all_x_embedder_2_1"],
  [/^all_final_layer_2-1_/, "all_final_layer_2_1_"],
  [/^model_layers_/, "layers_"],
];

function tableOf(modules: LinearModules): Map<string, Omit<Resolved, "part">> {
  const table = new Map<string, Omit<Resolved, "part">>();
  for (const [module, { outFeatures }] of modules) {
    const targets = [{ module, firstRow: 0, rows: outFeatures }];
    const flat = flatten(module);
    table.set(flat, { targets, alias: false });
    for (const [pattern, replacement] of aliases) {
      if (pattern.test(flat)) table.set(flat.replace(pattern, replacement), { targets, alias: true });
    }
    if (flat.endsWith("_attention_to_q")) {
      const fused = fusedTargets(module, modules);
      if (fused !== undefined) table.set(`${flat.slice(0, -"to_q".length)}qkv`, { targets: fused, alias: true });
    }
  }
  return table;
}

/** q, k and v lie below each other in the fused weight. */
function fusedTargets(query: string, modules: LinearModules): Target[] | undefined {
  const targets: Target[] = [];
  let firstRow = 0;
  for (const part of ["to_q", "to_k", "to_v"]) {
    const module = query.slice(0, -"to_q".length) + part;
    const rows = modules.get(module)?.outFeatures;
    if (rows === undefined) return undefined;
    targets.push({ module, firstRow, rows });
    firstRow += rows;
  }
  return targets;
}
