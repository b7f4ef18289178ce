import { HeddleError } from "../../common/errors.ts";
import { words } from "../../common/words.ts";
import type { SafetensorsFile } from "../weights/safetensors.ts";
import type { TensorInfo } from "../weights/tensor.ts";
import { familyOfLora } from "./foreign-lora.ts";
import { type Slot, splitKey } from "./lora-keys.ts";
import { describeMetadata, type PeftConfig, peftConfig } from "./lora-metadata.ts";
import type { LinearModules, LoraMetadata, LoraUpdate, ParsedLora } from "./lora-types.ts";
import { type Matrix, rowsOf, transpose } from "./matrix.ts";
import { type ModuleChange, moduleChange, UnfitModule } from "./module-delta.ts";
import { isTextEncoderName, ModuleNames, type Resolved, type Target } from "./module-names.ts";

export interface ParseLoraOptions {
  /** The text encoder's modules; without them a LoRA's text-encoder part is reported as not applied. */
  readonly textEncoderModules?: LinearModules;
  /**
   * The base weight [out, in] of a module as float32, which DoRA is relative to. Without it DoRA modules are reported as
   * not applied.
   */
  readBaseWeight?(part: "transformer" | "textEncoder", module: string): Promise<Float32Array>;
}

interface Group {
  readonly name: string;
  readonly slots: Map<Slot, TensorInfo>;
  readonly keys: Map<Slot, string>;
}

interface Placed extends Group {
  readonly resolved: Resolved;
  /** Those of the resolved targets that no entry of their own takes precedence for. */
  readonly targets: readonly Target[];
}

/**
 * Reads a LoRA file in any naming and of any kind that Heddle knows: low-rank pairs, LoKr, LoHa, DoRA, full differences.
 *
 * @param modules The transformer's linear layers by canonical path.
 * @throws HeddleError `lora-no-match` when nothing of the file fits the model, naming the family it was made for where
 *   that can be told; `file-unreadable` when the file goes away meanwhile.
 */
export async function parseLora(
  file: SafetensorsFile,
  modules: LinearModules,
  options: ParseLoraOptions = {},
): Promise<ParsedLora> {
  const { groups, strangers } = groupByModule(file.tensors);
  const textEncoderModules = options.textEncoderModules ?? new Map();
  const names = new ModuleNames(modules, textEncoderModules);
  const { placed, duplicates, unknown } = place(groups, names);

  const parser = new Parser(file, { transformer: modules, textEncoder: textEncoderModules }, options);
  for (const group of placed) await parser.add(group);

  const unapplied = [...strangers, ...unknown.flatMap((group) => [...group.keys.values()]), ...parser.unapplied];
  const duplicateKeys = duplicates.flatMap((group) => [...group.keys.values()]);
  const applied = file.tensors.size - unapplied.length - duplicateKeys.length;
  if (applied === 0) throw noMatch(file, parser);
  return {
    updates: parser.updates.transformer,
    biasDiffs: parser.biasDiffs.transformer,
    textEncoder: { updates: parser.updates.textEncoder, biasDiffs: parser.biasDiffs.textEncoder },
    report: {
      applied,
      total: file.tensors.size,
      unapplied: unapplied.sort(),
      duplicates: duplicateKeys.sort(),
      fullRank: parser.fullRank,
      notes: parser.notes(duplicateKeys, unapplied),
    },
    format: describeFormat(placed),
    metadata: { ...describeMetadata(file.metadata), ...parser.rankAndAlpha() },
  };
}

function groupByModule(tensors: ReadonlyMap<string, TensorInfo>): { groups: Group[]; strangers: string[] } {
  const groups = new Map<string, Group>();
  const strangers: string[] = [];
  for (const [key, tensor] of tensors) {
    const parts = splitKey(key);
    if (parts === undefined) {
      strangers.push(key);
      continue;
    }
    const group = groups.get(parts.module) ?? { name: parts.module, slots: new Map(), keys: new Map() };
    groups.set(parts.module, group);
    if (group.keys.has(parts.slot)) {
      strangers.push(key);
      continue;
    }
    group.slots.set(parts.slot, tensor);
    group.keys.set(parts.slot, key);
  }
  return { groups: [...groups.values()], strangers };
}

/**
 * Finds each group's modules. Where a file has both a module's own entry and one under the original code's name (a fused
 * `qkv` beside q, k and v; `out` beside `to_out.0`), the second says the same again and is a duplicate.
 */
function place(
  groups: readonly Group[],
  names: ModuleNames,
): { placed: Placed[]; duplicates: Group[]; unknown: Group[] } {
  const unknown: Group[] = [];
  const found: (Group & { resolved: Resolved })[] = [];
  for (const group of groups) {
    const resolved = names.resolve(group.name);
    if (resolved === undefined) unknown.push(group);
    else found.push({ ...group, resolved });
  }
  found.sort((a, b) => Number(a.resolved.alias) - Number(b.resolved.alias));
  const taken = new Set<string>();
  const placed: Placed[] = [];
  const duplicates: Group[] = [];
  for (const group of mergeNamings(found)) {
    const { part } = group.resolved;
    const targets = group.resolved.targets.filter(({ module }) => !taken.has(`${part} ${module}`));
    for (const { module } of targets) taken.add(`${part} ${module}`);
    if (targets.length === 0) duplicates.push(group);
    else placed.push({ ...group, targets });
  }
  return { placed, duplicates, unknown };
}

/** Some files write one module in two ways (`to.q.lora.down.weight` with `to_q.alpha`): such groups complete each other. */
function mergeNamings<T extends Group & { resolved: Resolved }>(groups: readonly T[]): T[] {
  const byModules = new Map<string, T[]>();
  for (const group of groups) {
    const { part, targets } = group.resolved;
    const key = [part, ...targets.map(({ module }) => module)].join(" ");
    const known = byModules.get(key) ?? [];
    byModules.set(key, known);
    const partner = known.find(({ keys }) => ![...group.keys.keys()].some((slot) => keys.has(slot)));
    if (partner === undefined) {
      known.push({ ...group, slots: new Map(group.slots), keys: new Map(group.keys) });
      continue;
    }
    for (const [slot, tensor] of group.slots) partner.slots.set(slot, tensor);
    for (const [slot, key] of group.keys) partner.keys.set(slot, key);
  }
  return [...byModules.values()].flat().sort((a, b) => Number(a.resolved.alias) - Number(b.resolved.alias));
}

type PartMaps<T> = { transformer: Map<string, T>; textEncoder: Map<string, T> };

class Parser {
  readonly updates: PartMaps<LoraUpdate> = { transformer: new Map(), textEncoder: new Map() };
  readonly biasDiffs: PartMaps<Float32Array> = { transformer: new Map(), textEncoder: new Map() };
  readonly unapplied: string[] = [];
  readonly fullRank: string[] = [];
  misfits = 0;
  #doraModules = 0;
  #doraWithoutBase = 0;
  readonly #ranks = new Map<number, number>();
  #alpha: number | undefined;
  readonly #configs = new Map<string, PeftConfig | undefined>();
  readonly #file: SafetensorsFile;
  readonly #modules: { transformer: LinearModules; textEncoder: LinearModules };
  readonly #options: ParseLoraOptions;

  constructor(
    file: SafetensorsFile,
    modules: { transformer: LinearModules; textEncoder: LinearModules },
    options: ParseLoraOptions,
  ) {
    this.#file = file;
    this.#modules = modules;
    this.#options = options;
  }

  async add(group: Placed): Promise<void> {
    let change: ModuleChange;
    try {
      change = await moduleChange(group.slots, await this.#context(group));
    } catch (error) {
      if (!(error instanceof UnfitModule)) throw error;
      this.unapplied.push(...group.keys.values());
      if (group.slots.has("magnitude") && this.#options.readBaseWeight === undefined) this.#doraWithoutBase++;
      else this.misfits++;
      return;
    }
    const hasEffect = change.delta !== undefined || change.bias !== undefined;
    for (const [slot, key] of group.keys) {
      if (!hasEffect || !(change.used.has(slot) || slot === "alpha")) this.unapplied.push(key);
    }
    if (!hasEffect) return;
    this.#distribute(group, change);
    if (change.isDora) this.#doraModules += group.targets.length;
    if (change.rank !== undefined) this.#ranks.set(change.rank, (this.#ranks.get(change.rank) ?? 0) + 1);
    this.#alpha ??= change.alpha;
  }

  /** A fused module's rows go to the modules they belong to. */
  #distribute({ resolved: { part }, targets }: Placed, { delta, bias }: ModuleChange): void {
    for (const { module, firstRow, rows } of targets) {
      if (bias !== undefined) this.biasDiffs[part].set(module, bias.slice(firstRow, firstRow + rows));
      if (delta === undefined) continue;
      if ("full" in delta) {
        this.updates[part].set(module, {
          kind: "full",
          inFeatures: this.#modules[part].get(module)!.inFeatures,
          outFeatures: rows,
          delta: async () => rowsOf(await delta.full(), firstRow, rows).data,
        });
        this.fullRank.push(module);
        continue;
      }
      const up = transpose(rowsOf(delta.left, firstRow, rows)).data;
      this.updates[part].set(module, {
        kind: "low-rank",
        inFeatures: delta.right.columns,
        outFeatures: rows,
        rank: delta.right.rows,
        down: delta.right.data,
        up,
      });
    }
  }

  async #context(group: Placed): Promise<Parameters<typeof moduleChange>[1]> {
    const { part, targets } = group.resolved;
    const inFeatures = this.#modules[part].get(targets[0]!.module)!.inFeatures;
    const outFeatures = targets.reduce((sum, { rows }) => sum + rows, 0);
    const config = await this.#peftConfig(part === "transformer" ? "transformer" : "text_encoder");
    const pattern = Object.entries(config?.alphaPattern ?? {}).find(([end]) => group.name.endsWith(end));
    const configAlpha = pattern?.[1] ?? config?.alpha;
    const { readBaseWeight } = this.#options;
    return {
      out: outFeatures,
      in: inFeatures,
      rankStabilised: config?.rankStabilised ?? false,
      ...(configAlpha !== undefined && { configAlpha }),
      ...(readBaseWeight !== undefined && {
        readBase: async (): Promise<Matrix> => {
          const data = new Float32Array(outFeatures * inFeatures);
          for (const { module, firstRow } of targets) {
            data.set(await readBaseWeight(part, module), firstRow * inFeatures);
          }
          return { rows: outFeatures, columns: inFeatures, data };
        },
      }),
    };
  }

  async #peftConfig(part: string): Promise<PeftConfig | undefined> {
    if (!this.#configs.has(part)) this.#configs.set(part, await peftConfig(this.#file, part));
    return this.#configs.get(part);
  }

  rankAndAlpha(): Pick<LoraMetadata, "rank" | "alpha"> {
    const [rank] = [...this.#ranks].sort((a, b) => b[1] - a[1])[0] ?? [];
    return { ...(rank !== undefined && { rank }), ...(this.#alpha !== undefined && { alpha: this.#alpha }) };
  }

  notes(duplicates: readonly string[], unapplied: readonly string[]): string[] {
    const textEncoderKeys = unapplied.filter(isTextEncoderName).length;
    return [
      duplicates.length > 0 && `Left out as repetitions of others in the file: ${counted(duplicates.length, "key")}.`,
      this.misfits > 0 && `Left out because the shapes do not fit this model: ${counted(this.misfits, "module")}.`,
      this.#doraWithoutBase > 0 &&
        `Left out because DoRA needs the base weights: ${counted(this.#doraWithoutBase, "module")}.`,
      this.#doraModules > 0 && `This is a DoRA: it changes ${counted(this.#doraModules, "module")} in full.`,
      this.fullRank.length > this.#doraModules &&
        `${counted(this.fullRank.length - this.#doraModules, "module")} changed in full, not by a low-rank pair.`,
      textEncoderKeys > 0 && `Left out because they are for a text encoder: ${counted(textEncoderKeys, "key")}.`,
    ].filter((note) => note !== false);
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function describeFormat(groups: readonly Group[]): string {
  const has = (slot: Slot) => groups.some((group) => group.slots.has(slot));
  const kind = has("magnitude")
    ? "DoRA"
    : has("lokr_w1") || has("lokr_w1_a")
      ? "LoKr"
      : has("hada_w1_a")
        ? "LoHa"
        : has("down")
          ? "LoRA"
          : "full difference";
  const [name = "", key = ""] = [groups[0]?.name, groups[0]?.keys.get("down")];
  if (name.startsWith("lycoris_")) return `LyCORIS ${kind}`;
  if (name.startsWith("lora_")) return `kohya ${kind}`;
  if (groups.some((group) => /\.attention\.(qkv|out)$/.test(group.name))) return `ComfyUI ${kind}`;
  return key.includes("lora_A") ? `PEFT ${kind}` : kind;
}

function noMatch(file: SafetensorsFile, parser: Parser): HeddleError {
  const family = parser.misfits > 0 ? "a Z-Image or Lumina model of another size" : familyOfLora(file.tensors);
  const isLora = [...file.tensors.keys()].some((key) => splitKey(key) !== undefined);
  const cause = !isLora ? "no-lora" : family === undefined ? "unknown-family" : "other-family";
  const what = {
    "no-lora": "holds no LoRA: none of its names is one that LoRA trainers write",
    "unknown-family": "fits nothing in this model, and its names do not tell what it was made for",
    "other-family": `was made for ${family}, not for this model`,
  }[cause];
  return new HeddleError({
    code: "lora-no-match",
    message: `The LoRA "${file.path}" ${what}. 0 of ${file.tensors.size} keys could be applied.`,
    help: "Choose a LoRA made for Z-Image or Z-Image-Turbo. LoRAs of other families cannot be converted.",
    details: {
      cause,
      path: file.path,
      total: file.tensors.size,
      family,
      familyName: family && words(family),
      keys: [...file.tensors.keys()].slice(0, 20),
    },
  });
}
