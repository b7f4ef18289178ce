import { stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { Disk } from "../../protocol/models.ts";

export interface DiskProbe {
  /** A number for the file system that a file or folder is in. Rejects where there is none. */
  deviceOf(path: string): Promise<number>;
  /** In bytes; `free` is what this user may fill. */
  sizeOf(path: string): Promise<{ total: number; free: number }>;
}

const system: DiskProbe = {
  deviceOf: async (path) => (await stat(path)).dev,
  sizeOf: async (path) => {
    const { blocks, bavail, bsize } = await statfs(path);
    return { total: blocks * bsize, free: bavail * bsize };
  },
};

/**
 * The disks (file systems) that folders lie on, in the order of the folders, each with its room. A folder that is made only when
 * something comes into it is where its parent is. What cannot be asked, as a share that is away, is left out.
 *
 * @param derived the folder of derived weights
 */
export async function disksOf(models: readonly string[], derived: string, probe: DiskProbe = system): Promise<Disk[]> {
  const disks = new Map<number, Disk>();
  for (const folder of [...models, derived]) {
    const found = await nearest(folder, probe);
    if (!found) continue;
    let disk = disks.get(found.device);
    if (!disk) {
      const size = await probe.sizeOf(found.path).catch(() => undefined);
      if (!size) continue;
      disk = { folders: [], hasDerived: false, totalBytes: size.total, freeBytes: size.free };
      disks.set(found.device, disk);
    }
    if (folder === derived) disk.hasDerived = true;
    else disk.folders.push(folder);
  }
  return [...disks.values()];
}

async function nearest(folder: string, probe: DiskProbe): Promise<{ path: string; device: number } | undefined> {
  for (let path = folder; ; path = dirname(path)) {
    const device = await probe.deviceOf(path).catch(() => undefined);
    if (device !== undefined) return { path, device };
    if (path === dirname(path)) return undefined;
  }
}
