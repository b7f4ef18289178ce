import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

export interface TemporaryFolder {
  readonly path: string;
  /** Writes a file into the folder and gives its path. */
  write(name: string, bytes: Uint8Array): Promise<string>;
}

/** A folder for the running test, removed when it ends. */
export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), "heddle-test-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return {
    path,
    async write(name, bytes) {
      const file = join(path, name);
      await writeFile(file, bytes);
      return file;
    },
  };
}
