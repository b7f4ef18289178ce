import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

const mount = (folder: string, options: string) =>
  execFileSync("/bin/mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder], { stdio: "ignore" });
const unmount = (folder: string) => execFileSync("/bin/umount", ["-l", folder], { stdio: "ignore" });

/** Whether this process may mount file systems, tried with one: containers mostly forbid it to their root as well. */
export function canMountDisks(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), "heddle-disk-"));
  try {
    mount(folder, "size=64k");
    unmount(folder);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * A file system in memory for the running test, which is full when its limits are reached.
 *
 * @param options of tmpfs: `size=1m`, `nr_inodes=4`
 */
export function mountedDisk(options: string): string {
  const folder = mkdtempSync(join(tmpdir(), "heddle-disk-"));
  const disk = join(folder, "disk");
  mkdirSync(disk);
  mount(disk, options);
  onTestFinished(() => {
    unmount(disk);
    rmSync(folder, { recursive: true, force: true });
  });
  return disk;
}

/** A file of that many bytes. */
export async function fillDisk(file: string, bytes: number): Promise<void> {
  await writeFile(file, Buffer.alloc(bytes, 1));
}
