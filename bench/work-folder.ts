import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where benches keep random models and derived weights from one run to the next; safe to delete. */
export async function workFolder(): Promise<string> {
  const folder = process.env.HEDDLE_BENCH ?? join(tmpdir(), "heddle-bench-models");
  await mkdir(folder, { recursive: true });
  return folder;
}
