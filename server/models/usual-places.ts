import { statSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { type AddedFolder, type ModelRoot, recogniseFolder } from "./model-roots.ts";

/** An installation of another program that nobody has added yet. */
export interface FoundInstallation {
  path: string;
  program: AddedFolder["program"];
  roots: ModelRoot[];
}

const names = [
  "ComfyUI",
  "comfyui",
  "Documents/ComfyUI",
  "ComfyUI_windows_portable",
  "Desktop/ComfyUI",
  "stable-diffusion-webui-forge",
  "sd-webui-forge-classic",
  "webui_forge_cu121_torch231/webui",
];

/** Where people have ComfyUI and Forge: in their home folder, and on Windows at the top of a disk. */
export function usualPlaces(platform: string = process.platform, home = homedir()): string[] {
  const tops = platform === "win32" ? ["C:\\", "D:\\", "E:\\"] : [];
  return [home, ...tops].flatMap((top) => names.map((name) => path.join(top, name)));
}

/** Installations at `places` that are not among the models folders. Only looks whether folders are there. */
export function findInstallations(places: readonly string[], known: readonly ModelRoot[]): FoundInstallation[] {
  const seen = new Set(known.map(({ path: root }) => root));
  const inodes = new Set<number>();
  return places.flatMap((place) => {
    const { program, roots } = recogniseFolder(place);
    const inode = statSync(place, { throwIfNoEntry: false })?.ino;
    const isNew = (program === "comfyui" || program === "forge") && roots.every((root) => !seen.has(root.path));
    // Where case does not count, two spellings are one folder.
    if (!isNew || inode === undefined || (inode !== 0 && inodes.has(inode))) return [];
    inodes.add(inode);
    return [{ path: place, program, roots }];
  });
}
