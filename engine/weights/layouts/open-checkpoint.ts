import { realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { HeddleError } from "../../../common/errors.ts";
import { words } from "../../../common/words.ts";
import { unreadable } from "../safetensors.ts";
import { component, findPrefix, notZImage, underPrefix } from "./component.ts";
import { type CheckpointFiles, type ComponentFiles, type ComponentKind, componentNames } from "./component-files.ts";
import { folderNames, openComponentFolder, openDiffusersFolder } from "./diffusers-folder.ts";
import { recogniseFamily } from "./foreign-families.ts";
import { readConfig } from "./read-config.ts";
import { findTokenizer, tokenizerMissing } from "./tokenizer-lookup.ts";
import { detectVariant } from "./variant.ts";
import { openWeightSource, type WeightSource } from "./weight-source.ts";

export interface OpenOptions {
  /** Where tokenizers of single-file text encoders are looked for, after the file's own folder. */
  readonly modelsFolders?: readonly string[];
  /** Says for a single file what its weights do not tell; wins over what is inferred. */
  readonly configs?: Partial<Record<ComponentKind, Readonly<Record<string, unknown>>>>;
}

const kinds = ["controlNet", "transformer", "textEncoder", "vae"] as const;

/**
 * Reads headers and configs of whatever lies at `path`: a diffusers folder, one component of it, or a single
 * safetensors or GGUF file with one component or several. No weights are read.
 *
 * @throws HeddleError `file-unreadable`, `not-a-checkpoint`, `not-z-image` (saying what the file looks like),
 *   `tensors-missing`, `tensor-shape-unexpected`, `config-invalid`, `packing-unsupported`, `pickle-refused`,
 *   `tokenizer-missing` for a text encoder without tokenizer, `components-mismatch`, or what the file readers throw.
 */
export async function openCheckpointFiles(path: string, options: OpenOptions = {}): Promise<CheckpointFiles> {
  const files = (await isFolder(path)) ? await openDiffusersFolder(path) : await openSingleFile(path, options);
  refuseMismatch(files, path);
  return files;
}

export function openTransformerFile(path: string, options?: OpenOptions): Promise<ComponentFiles> {
  return openOne("transformer", path, options);
}

export function openTextEncoderFile(path: string, options?: OpenOptions): Promise<ComponentFiles> {
  return openOne("textEncoder", path, options);
}

export function openVaeFile(path: string, options?: OpenOptions): Promise<ComponentFiles> {
  return openOne("vae", path, options);
}

export function openControlNetFile(path: string, options?: OpenOptions): Promise<ComponentFiles> {
  return openOne("controlNet", path, options);
}

/**
 * Folder with the tokenizer.json for a single-file text encoder.
 *
 * @throws HeddleError `tokenizer-missing`, saying what to fetch and where to put it.
 */
export async function tokenizerFor(encoderFile: string, modelsFolders: readonly string[] = []): Promise<string> {
  const found = await findTokenizer(encoderFile, modelsFolders);
  if (found === undefined) throw tokenizerMissing(encoderFile, modelsFolders);
  return found;
}

/** One component, from its own folder, a pipeline's folder, its own file or an all-in-one file. */
async function openOne(kind: ComponentKind, path: string, options: OpenOptions = {}): Promise<ComponentFiles> {
  if (await isFolder(path)) {
    const part = join(path, folderNames[kind]);
    const folder = (await isFolder(part).catch(() => false)) ? part : path;
    return openComponentFolder(kind, await realpath(folder));
  }
  const source = await openWeightSource(path);
  const prefixes = componentPrefixes(source);
  if (!prefixes.has(kind)) {
    const [other] = prefixes.keys();
    if (other === undefined) throw notZImage(path, "file", recogniseFamily(source.weights.tensors.keys()));
    throw new HeddleError({
      code: "component-missing",
      message: `"${path}" holds no ${componentNames[kind]}: it is a ${componentNames[other]}.`,
      help: `Choose the file of the ${componentNames[kind]}.`,
      details: {
        path,
        found: [...prefixes.keys()],
        part: words(componentNames[kind]),
        otherPart: words(componentNames[other]),
      },
    });
  }
  return openFromSource(kind, path, source, prefixes, options);
}

async function openSingleFile(path: string, options: OpenOptions): Promise<CheckpointFiles> {
  const source = await openWeightSource(path);
  const prefixes = componentPrefixes(source);
  if (prefixes.size === 0) throw notZImage(path, "checkpoint", recogniseFamily(source.weights.tensors.keys()));
  const opened: Partial<Record<ComponentKind, ComponentFiles>> = {};
  for (const kind of prefixes.keys()) opened[kind] = await openFromSource(kind, path, source, prefixes, options);
  return {
    ...opened,
    ...(opened.textEncoder !== undefined && {
      tokenizerPath: await tokenizerFor(path, options.modelsFolders),
    }),
    ...(opened.transformer !== undefined && {
      variant: detectVariant({ path, metadata: source.weights.metadata, scheduler: undefined }),
    }),
  };
}

/** Which components a file holds, and what stands before their names. */
function componentPrefixes({ weights }: WeightSource): Map<ComponentKind, string> {
  const prefixes = new Map<ComponentKind, string>();
  for (const kind of kinds) {
    const prefix = findPrefix(weights.tensors, kind);
    if (prefix !== undefined) prefixes.set(kind, prefix);
  }
  return prefixes;
}

async function openFromSource(
  kind: ComponentKind,
  path: string,
  source: WeightSource,
  prefixes: ReadonlyMap<ComponentKind, string>,
  options: OpenOptions,
): Promise<ComponentFiles> {
  const tensors = underPrefix(source.weights.tensors, prefixes.get(kind) ?? "");
  const config = { ...(await configBeside(kind, path)), ...options.configs?.[kind] };
  const layout = source.format === "gguf" ? "gguf" : prefixes.size > 1 ? "all-in-one" : "single-file";
  return component(kind, { ...source.weights, tensors }, layout, config);
}

/**
 * A weight file chosen from inside a diffusers component folder still has its config.json beside it. `path` is as the
 * user named it: hub caches and shared models folders link to files that lie elsewhere.
 */
async function configBeside(kind: ComponentKind, path: string): Promise<Record<string, unknown> | undefined> {
  const config = await readConfig(join(dirname(path), "config.json")).catch(() => undefined);
  const belongs = {
    transformer: config?._class_name === "ZImageTransformer2DModel",
    textEncoder: config?.model_type === "qwen3",
    vae: config?._class_name === "AutoencoderKL",
    controlNet: config?._class_name === "ZImageControlNetModel",
  };
  return belongs[kind] ? config : undefined;
}

function refuseMismatch(files: CheckpointFiles, path: string): void {
  const pairs = [
    [files.textEncoder, "hidden_size", "cap_feat_dim", "text encoder"],
    [files.vae, "latent_channels", "in_channels", "autoencoder"],
  ] as const;
  for (const [part, key, wantedKey, name] of pairs) {
    if (part === undefined || files.transformer === undefined) continue;
    const [found, wanted] = [part.config[key], files.transformer.config[wantedKey]];
    if (found === wanted) continue;
    throw new HeddleError({
      code: "components-mismatch",
      message: `The ${name} in "${path}" does not fit the transformer: it gives ${found} channels where ${wanted} are needed.`,
      help: `Use the ${name} that belongs to this model.`,
      details: { path, part: words(name), found, wanted },
    });
  }
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch((cause: unknown) => Promise.reject(unreadable(path, cause)));
  return found.isDirectory();
}
