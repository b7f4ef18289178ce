import { readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { HeddleError } from "../../../common/errors.ts";
import { openWeightFolder } from "../weight-set.ts";
import { component, notZImage } from "./component.ts";
import type { CheckpointFiles, ComponentFiles, ComponentKind } from "./component-files.ts";
import { familyOfClass } from "./foreign-families.ts";
import { readConfig } from "./read-config.ts";
import { holdsTokenizer } from "./tokenizer-lookup.ts";
import { detectVariant } from "./variant.ts";

export const folderNames = {
  transformer: "transformer",
  textEncoder: "text_encoder",
  vae: "vae",
  controlNet: "controlnet",
};
const classSchema = z.object({ _class_name: z.string() });

/**
 * A folder as diffusers saves pipelines. A component that the folder lacks is taken from a sibling folder that has one
 * of fitting size (`base` first): that is how a turbo and a base model share their text encoder and autoencoder.
 * A folder that is itself a component gives that component alone.
 */
export async function openDiffusersFolder(folder: string): Promise<CheckpointFiles> {
  const root = await realpath(folder);
  refuseForeignClass(root, await readConfig(join(root, "model_index.json")));
  if (!(await isFolder(join(root, "transformer")))) return openComponentAsCheckpoint(root);

  const transformer = await openComponentFolder("transformer", join(root, "transformer"));
  const siblings = await siblingFolders(root);
  const [textEncoder, vae, controlNet] = [
    await openOwnOrShared("textEncoder", root, siblings, (config) =>
      fits(config.hidden_size, transformer, "cap_feat_dim"),
    ),
    await openOwnOrShared("vae", root, siblings, (config) => fits(config.latent_channels, transformer, "in_channels")),
    await openOwnOrShared("controlNet", root, [], () => true),
  ];
  const tokenizerPath = await findTokenizerFolder(root, textEncoder, siblings);
  const scheduler = await readConfig(join(root, "scheduler", "scheduler_config.json"));
  return {
    transformer,
    ...(textEncoder !== undefined && { textEncoder }),
    ...(vae !== undefined && { vae }),
    ...(controlNet !== undefined && { controlNet }),
    ...(tokenizerPath !== undefined && { tokenizerPath }),
    ...(scheduler !== undefined && { scheduler }),
    variant: detectVariant({ path: root, metadata: transformer.weights.metadata, scheduler }),
  };
}

/** One component folder: config.json and its weights, sharded or not. */
export async function openComponentFolder(kind: ComponentKind, folder: string): Promise<ComponentFiles> {
  const config = await readConfig(join(folder, "config.json"));
  refuseForeignClass(folder, config);
  return component(kind, await openWeightFolder(folder), "diffusers", config);
}

function refuseForeignClass(path: string, config: Record<string, unknown> | undefined): void {
  const parsed = classSchema.safeParse(config);
  if (!parsed.success) return;
  const family = familyOfClass(parsed.data._class_name);
  if (family !== undefined) throw notZImage(path, "checkpoint", family);
}

function fits(size: unknown, transformer: ComponentFiles, key: string): boolean {
  return size === transformer.config[key];
}

async function openComponentAsCheckpoint(folder: string): Promise<CheckpointFiles> {
  const config = await readConfig(join(folder, "config.json"));
  if (config === undefined) throw notACheckpoint(folder);
  if (config._class_name === "ZImageControlNetModel") {
    return { controlNet: await openComponentFolder("controlNet", folder) };
  }
  if (config._class_name === "AutoencoderKL") return { vae: await openComponentFolder("vae", folder) };
  if (config.model_type === "qwen3") {
    const textEncoder = await openComponentFolder("textEncoder", folder);
    const tokenizerPath = await findTokenizerFolder(dirname(folder), textEncoder, []);
    return { textEncoder, ...(tokenizerPath !== undefined && { tokenizerPath }) };
  }
  if (config._class_name !== "ZImageTransformer2DModel") throw notACheckpoint(folder);
  const transformer = await openComponentFolder("transformer", folder);
  return { transformer, variant: detectVariant({ path: dirname(folder), metadata: {}, scheduler: undefined }) };
}

function notACheckpoint(folder: string): HeddleError {
  return new HeddleError({
    code: "not-a-checkpoint",
    message: `"${folder}" is not a checkpoint folder: it has no folder "transformer" and no config.json of a Z-Image part.`,
    help: "Choose the folder that holds model_index.json, or one .safetensors or .gguf file.",
    details: { folder },
  });
}

async function openOwnOrShared(
  kind: ComponentKind,
  root: string,
  siblings: readonly string[],
  suits: (config: Record<string, unknown>) => boolean,
): Promise<ComponentFiles | undefined> {
  const own = join(root, folderNames[kind]);
  if (await isFolder(own)) return openComponentFolder(kind, own);
  for (const sibling of siblings) {
    const shared = join(sibling, folderNames[kind]);
    const config = await readConfig(join(shared, "config.json")).catch(() => undefined);
    if (config !== undefined && suits(config)) return openComponentFolder(kind, shared);
  }
  return undefined;
}

/** The tokenizer belongs to the text encoder, so it is looked for where that was found. */
async function findTokenizerFolder(
  root: string,
  textEncoder: ComponentFiles | undefined,
  siblings: readonly string[],
): Promise<string | undefined> {
  const encoderHome = textEncoder === undefined ? [] : [textEncoder.weights.path, dirname(textEncoder.weights.path)];
  const homes = [root, ...encoderHome, ...siblings];
  for (const candidate of homes.flatMap((home) => [join(home, "tokenizer"), home])) {
    if (await holdsTokenizer(candidate)) return candidate;
  }
  return undefined;
}

async function siblingFolders(root: string): Promise<string[]> {
  const parent = dirname(root);
  const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && entry.name !== basename(root))
    .map((entry) => entry.name)
    .sort((a, b) => Number(b === "base") - Number(a === "base") || (a < b ? -1 : 1))
    .map((name) => join(parent, name));
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
