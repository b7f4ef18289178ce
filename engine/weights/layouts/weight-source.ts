import { open } from "node:fs/promises";
import { HeddleError } from "../../../common/errors.ts";
import { openGgufFile } from "../gguf/read-gguf.ts";
import { unreadable } from "../safetensors.ts";
import { openWeightFile, type WeightSet } from "../weight-set.ts";

export interface WeightSource {
  readonly format: "safetensors" | "gguf";
  readonly weights: WeightSet;
}

/**
 * Opens a weight file by what it is rather than by how it is called.
 *
 * @throws HeddleError `pickle-refused` for PyTorch files, otherwise what the readers throw.
 */
export async function openWeightSource(path: string): Promise<WeightSource> {
  const start = await firstBytes(path, 4);
  const isZip = start.toString("latin1", 0, 2) === "PK";
  if (isZip || /\.(ckpt|pt|pth|bin|pkl)$/i.test(path)) {
    throw new HeddleError({
      code: "pickle-refused",
      message: `"${path}" is a PyTorch pickle file. Opening one can run any program hidden in it, so Heddle never does.`,
      help: "Get the safetensors or GGUF form of this model.",
      details: { path },
    });
  }
  if (start.toString("latin1") === "GGUF") return { format: "gguf", weights: await openGgufFile(path) };
  return { format: "safetensors", weights: await openWeightFile(path) };
}

async function firstBytes(path: string, count: number): Promise<Buffer> {
  const file = await open(path, "r").catch((cause: unknown) => Promise.reject(unreadable(path, cause)));
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(count), 0, count, 0);
    return buffer.subarray(0, bytesRead);
  } catch (cause) {
    throw unreadable(path, cause);
  } finally {
    await file.close();
  }
}
