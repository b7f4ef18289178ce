import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { HeddleError } from "../../common/errors.ts";
import { readSafetensorsHeader, type SafetensorsFile, unreadable } from "./safetensors.ts";
import type { TensorInfo } from "./tensor.ts";

/** The tensors of one model component under one set of names, wherever their bytes lie. */
export interface WeightSet {
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Changes when a file's path, size or modification time changes. */
  readonly fingerprint: string;
  /** Where the weights were found, for messages. */
  readonly path: string;
}

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

export function fingerprintOf(files: readonly Pick<SafetensorsFile, "path" | "size" | "modifiedMs">[]): string {
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file.path}\0${file.size}\0${file.modifiedMs}\n`);
  return hash.digest("hex").slice(0, 32);
}

/** One safetensors file as a weight set. */
export async function openWeightFile(path: string): Promise<WeightSet> {
  const file = await readSafetensorsHeader(path);
  return { tensors: file.tensors, metadata: file.metadata, fingerprint: fingerprintOf([file]), path: file.path };
}

/**
 * The safetensors files of a diffusers component folder, sharded or not.
 *
 * @throws HeddleError `weights-missing` when there is no safetensors file, `shard-missing` when the index names a file or
 *   a tensor that is not there.
 */
export async function openWeightFolder(folder: string): Promise<WeightSet> {
  const names = (await readdir(folder).catch((cause: unknown) => Promise.reject(unreadable(folder, cause)))).sort();
  const index = names.find((name) => name.endsWith(".safetensors.index.json"));
  if (index !== undefined) return openShards(folder, index);
  const single = names.filter((name) => name.endsWith(".safetensors"));
  const chosen = single.find((name) => !/\.(fp16|bf16|non_ema)\./.test(name)) ?? single[0];
  if (chosen === undefined) {
    const hasPickles = names.some((name) => /\.(bin|ckpt|pt|pth)$/.test(name));
    throw new HeddleError({
      code: "weights-missing",
      message: `There is no safetensors file in "${folder}".`,
      help: hasPickles
        ? "Heddle never opens pickle files (.bin, .ckpt, .pt). Get the safetensors form of this model."
        : "Download this part of the model again.",
      details: { folder, ...(hasPickles && { cause: "pickle" }) },
    });
  }
  return { ...(await openWeightFile(join(folder, chosen))), path: folder };
}

async function openShards(folder: string, indexName: string): Promise<WeightSet> {
  const indexPath = join(folder, indexName);
  const parsed = indexSchema.safeParse(parseJson(await readFile(indexPath, "utf8")));
  if (!parsed.success) {
    throw new HeddleError({
      code: "index-invalid",
      message: `"${indexPath}" is not a usable index of weight files.`,
      help: "Download the index file again.",
      details: { path: indexPath },
    });
  }
  const shardNames = [...new Set(Object.values(parsed.data.weight_map))].sort();
  const files = new Map<string, SafetensorsFile>();
  for (const name of shardNames) {
    if (name !== basename(name)) {
      throw shardMissing(indexPath, `it names "${name}", which is not a file beside it`, {
        cause: "not-beside",
        shard: name,
      });
    }
    files.set(
      name,
      await readSafetensorsHeader(join(folder, name)).catch((cause: unknown) => {
        if (cause instanceof HeddleError && cause.code === "file-unreadable") {
          throw shardMissing(indexPath, `the part "${name}" is missing`, { cause: "part", shard: name });
        }
        throw cause;
      }),
    );
  }
  const tensors = new Map<string, TensorInfo>();
  for (const [tensorName, shardName] of Object.entries(parsed.data.weight_map)) {
    const tensor = files.get(shardName)?.tensors.get(tensorName);
    if (tensor === undefined) {
      throw shardMissing(indexPath, `"${shardName}" does not hold the tensor "${tensorName}"`, {
        cause: "tensor",
        shard: shardName,
        tensor: tensorName,
      });
    }
    tensors.set(tensorName, tensor);
  }
  return { tensors, metadata: {}, fingerprint: fingerprintOf([...files.values()]), path: folder };
}

type Lack = { cause: "not-beside" | "part"; shard: string } | { cause: "tensor"; shard: string; tensor: string };

function shardMissing(path: string, what: string, lack: Lack): HeddleError {
  return new HeddleError({
    code: "shard-missing",
    message: `The weights described by "${path}" are incomplete: ${what}.`,
    help: "Download the missing parts into the same folder.",
    details: { path, ...lack },
  });
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
