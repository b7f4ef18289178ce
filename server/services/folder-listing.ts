import type { Dirent } from "node:fs";
import { access, opendir, stat } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { HeddleError } from "../../common/errors.ts";
import type { FolderListing, ListedFolder } from "../../protocol/folders.ts";
import { fileErrorCause, fileErrorCode, fileErrorReason } from "./file-errors.ts";

/** More sub-folders than a person looks through; a folder of a million pictures is not read to its end either. */
const LIMITS = { folders: 10_000, entries: 100_000 };
/** Links that are followed at a time. */
const LINKS_AT_ONCE = 64;

const WEIGHTS = /\.(safetensors|gguf)$/i;

export interface ListOptions {
  path?: string | undefined;
  /** Where the folder cannot be read: the nearest above it that can. */
  nearest?: boolean | undefined;
}

/**
 * The sub-folders of a folder by their names, links to folders among them, and what the names in it tell. No file is opened.
 * @param options.path absolute, or beginning with `~`; the home folder when absent or empty
 * @throws HeddleError `folder-not-absolute`, `folder-gone`, `folder-forbidden`, `folder-is-file`, `folder-unreadable`
 */
export async function listFolders(
  { path: wanted = "", nearest = false }: ListOptions,
  limits = LIMITS,
): Promise<FolderListing> {
  const home = homedir();
  const whole = wanted.trim() === "" ? home : fullPath(wanted, home);
  if (whole === undefined && !nearest) throw notAbsolute(wanted);
  let folder = whole ?? home;
  for (;;) {
    try {
      return { ...(await list(folder, home, limits)), insteadOf: folder === whole ? null : wanted.trim() };
    } catch (error) {
      const parent = path.dirname(folder);
      if (!nearest || parent === folder) throw folderError(folder, error);
      folder = parent;
    }
  }
}

async function list(folder: string, home: string, limits: typeof LIMITS): Promise<Omit<FolderListing, "insteadOf">> {
  const folders: ListedFolder[] = [];
  const links: string[] = [];
  const names = new Set<string>();
  let weights = 0;
  let entries = 0;
  let isCut = false;
  const add = (name: string, isLink: boolean) => {
    folders.push({ name, path: path.join(folder, name), isHidden: name.startsWith("."), isLink });
  };
  for await (const entry of await opendir(folder, { bufferSize: 512 })) {
    isCut = ++entries > limits.entries || folders.length + links.length >= limits.folders;
    if (isCut) break;
    if (entry.isDirectory()) add(entry.name, false);
    else if (mayBeFolder(entry)) links.push(entry.name);
    else if (WEIGHTS.test(entry.name)) weights++;
    if (LANDMARKS.has(entry.name)) names.add(entry.name);
  }
  for (let at = 0; at < links.length; at += LINKS_AT_ONCE) {
    const some = links.slice(at, at + LINKS_AT_ONCE);
    const found = await Promise.all(some.map((name) => stat(path.join(folder, name)).catch(() => undefined)));
    for (const [index, name] of some.entries()) {
      if (found[index]?.isDirectory()) add(name, true);
      else if (found[index] && WEIGHTS.test(name)) weights++;
    }
  }
  const { compare } = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
  const crumbs = crumbsOf(folder);
  return {
    path: folder,
    crumbs,
    parent: crumbs.at(-2)?.path ?? null,
    home,
    disks: await disks(),
    folders: folders.sort((a, b) => compare(a.name, b.name)),
    isCut,
    weights,
    looksLike: looksLike(names),
  };
}

/** Links, and what some file systems tell nothing about. */
function mayBeFolder(entry: Dirent): boolean {
  const isOther = entry.isBlockDevice() || entry.isCharacterDevice() || entry.isFIFO() || entry.isSocket();
  return entry.isSymbolicLink() || !(entry.isFile() || isOther);
}

/** The folders on the way to one, the top of its disk first. */
export function crumbsOf(folder: string, { parse, sep }: path.PlatformPath = path): { name: string; path: string }[] {
  const { root } = parse(folder);
  const crumbs = [{ name: root.length > 1 && root.endsWith(sep) ? root.slice(0, -1) : root, path: root }];
  let whole = root;
  for (const name of folder.slice(root.length).split(sep).filter(Boolean)) {
    whole += whole.endsWith(sep) ? name : sep + name;
    crumbs.push({ name, path: whole });
  }
  return crumbs;
}

/** Sub-folders of the models folder that ComfyUI and Forge make. */
const KINDS = ["checkpoints", "diffusion_models", "unet", "loras", "Lora", "vae", "VAE", "text_encoders", "clip"];
const LANDMARKS: ReadonlySet<string> = new Set([
  ...KINDS,
  ...["Stable-diffusion", "models", "comfy", "extra_model_paths.yaml.example", "webui.py", "modules_forge"],
]);

function looksLike(names: ReadonlySet<string>): FolderListing["looksLike"] {
  if (names.has("models")) {
    if (names.has("webui.py") || names.has("modules_forge")) return "forge";
    if (names.has("comfy") || names.has("extra_model_paths.yaml.example")) return "comfyui";
  }
  const kinds = [...KINDS, "Stable-diffusion"].filter((kind) => names.has(kind));
  return kinds.length >= 2 ? "models" : null;
}

async function disks(): Promise<{ name: string; path: string }[]> {
  if (process.platform !== "win32") return [{ name: "/", path: "/" }];
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"].map((letter) => ({ name: `${letter}:`, path: `${letter}:\\` }));
  const there = await Promise.all(
    letters.map((disk) =>
      access(disk.path).then(
        () => true,
        () => false,
      ),
    ),
  );
  return letters.filter((_, at) => there[at]);
}

function fullPath(wanted: string, home: string): string | undefined {
  // As file managers copy paths.
  const text = wanted.trim().replace(/^"(.*)"$/, "$1");
  const whole = /^~(?=$|[\\/])/.test(text) ? path.join(home, text.slice(1)) : text;
  return path.isAbsolute(whole) ? path.resolve(whole) : undefined;
}

const notAbsolute = (folder: string) =>
  new HeddleError({
    code: "folder-not-absolute",
    message: `"${folder}" is not a whole path.`,
    help: "Give the path from its beginning, as your file manager shows it.",
    field: "path",
    details: { path: folder },
  });

type FolderCode = "folder-gone" | "folder-forbidden" | "folder-is-file" | "folder-unreadable";

const CODES: Readonly<Record<string, readonly [code: FolderCode, help: string]>> = {
  ENOENT: ["folder-gone", "It may have been moved or deleted, or its disk is not connected."],
  EACCES: ["folder-forbidden", "Choose another folder, or let your user read this one."],
  EPERM: ["folder-forbidden", "Choose another folder, or let your user read this one."],
  ENOTDIR: ["folder-is-file", "Choose the folder that it lies in."],
};

/** Why a folder cannot be looked into. */
export function folderError(folder: string, error: unknown): HeddleError {
  const [code, help] = CODES[fileErrorCode(error) ?? ""] ?? ["folder-unreadable", "Choose another folder."];
  const details = { path: folder, cause: fileErrorCause(error), why: fileErrorReason(error) };
  const message = `"${folder}" cannot be opened, because ${fileErrorReason(error)}.`;
  return new HeddleError({ code, message, help, field: "path", details }, { cause: error });
}
