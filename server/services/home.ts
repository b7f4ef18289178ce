import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** Where Heddle keeps its things on this machine; absolute paths, which need not exist yet. */
export interface HeddleFolders {
  home: string;
  /** Where saved pictures go. */
  output: string;
  /** Where models are looked for, in this order. */
  models: readonly string[];
  /** Pictures by content hash, and thumbnails. */
  images: string;
  /** Derived weights; safe to delete. */
  cache: string;
  /** The program's own files: starter model, templates. */
  resources: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The folders, from `HEDDLE_HOME`, `HEDDLE_OUTPUT` and `HEDDLE_MODELS` (several, separated like `PATH`) where these are
 * set, else from what the platform says.
 */
export function heddleFolders(
  environment: Environment = process.env,
  platform: string = process.platform,
): HeddleFolders {
  const home = path.resolve(environment.HEDDLE_HOME || defaultHome(environment, platform));
  const extraModels = (environment.HEDDLE_MODELS ?? "").split(path.delimiter).filter(Boolean);
  return {
    home,
    output: path.resolve(environment.HEDDLE_OUTPUT || path.join(picturesFolder(environment, platform), "Heddle")),
    models: [path.join(home, "models"), ...extraModels.map((folder) => path.resolve(folder))],
    images: path.join(home, "images"),
    cache: path.join(home, "cache"),
    resources: fileURLToPath(new URL("../../resources/", import.meta.url)),
  };
}

/** The pictures that templates start from. */
export function templatePictures({ resources }: Pick<HeddleFolders, "resources">): string {
  return path.join(resources, "templates", "pictures");
}

function defaultHome(environment: Environment, platform: string): string {
  if (platform === "win32") {
    return path.join(environment.LOCALAPPDATA || path.join(homedir(), "AppData", "Local"), "Heddle");
  }
  if (platform === "darwin") return path.join(homedir(), "Library", "Application Support", "Heddle");
  return path.join(environment.XDG_DATA_HOME || path.join(homedir(), ".local", "share"), "heddle");
}

/** `~/Pictures`, which Linux desktops name in the user's language (freedesktop.org xdg-user-dirs). */
function picturesFolder(environment: Environment, platform: string): string {
  if (platform === "linux") {
    const config = environment.XDG_CONFIG_HOME || path.join(homedir(), ".config");
    const named = /^XDG_PICTURES_DIR="(.+)"$/m.exec(readIfPresent(path.join(config, "user-dirs.dirs")))?.[1];
    if (named) return named.replace(/^\$HOME/, homedir());
  }
  return path.join(homedir(), "Pictures");
}

function readIfPresent(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
