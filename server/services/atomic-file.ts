import { randomBytes } from "node:crypto";
import { closeSync, copyFileSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import path from "node:path";

/**
 * Writes a file whole or not at all: into a temporary file beside it, flushed to the disk, which then takes its place.
 * With `backup`, what was there before stays beside it as `<name>.bak`.
 * @throws the file system's errors
 */
export function writeFileAtomically(
  file: string,
  content: string | Uint8Array,
  { mode = 0o666, backup = false }: { mode?: number; backup?: boolean } = {},
): void {
  const temporary = `${file}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    const handle = openSync(temporary, "wx", mode);
    try {
      const bytes = typeof content === "string" ? Buffer.from(content) : content;
      for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    if (backup) keepBackup(file);
    renameSync(temporary, file);
    flushFolder(path.dirname(file));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** A file of Heddle's own, whose folder is made where it is not there. */
export function writeJsonFile(file: string, value: unknown, options?: { mode?: number }): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileAtomically(file, `${JSON.stringify(value, null, 2)}\n`, options);
}

/** The backup is itself written whole or not at all: a crash in between leaves the older one. */
function keepBackup(file: string): void {
  const temporary = `${file}.bak.tmp`;
  try {
    copyFileSync(file, temporary);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return;
    throw error;
  }
  renameSync(temporary, `${file}.bak`);
}

/** A rename survives a power cut once its folder is flushed; Windows has no such call. */
export function flushFolder(folder: string): void {
  try {
    const handle = openSync(folder, "r");
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch {
    // Some file systems refuse it; the file itself is flushed.
  }
}
