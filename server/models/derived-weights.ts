import { basename, dirname } from "node:path";
import { DerivedStore } from "../../engine/precision/derived-store.ts";
import type { DerivedWeights } from "./model-manager.ts";

/**
 * The weights that the engine made from models for a precision plan. They are made again when they are needed, so removing
 * them costs time and nothing else.
 */
export function derivedWeights(cacheFolder: string): DerivedWeights {
  const store = new DerivedStore(cacheFolder);
  return {
    async list() {
      return (await store.list()).map(({ key, bytes, plan, source, isStale }) => ({
        id: key,
        model: source === "" ? key : nameOf(source),
        plan,
        sizeBytes: bytes,
        isStale,
      }));
    },
    async remove(ids) {
      const files = await store.list();
      let freed = 0;
      for (const id of ids) {
        const file = files.find(({ key }) => key === id);
        if (!file) continue;
        await store.remove(id);
        freed += file.bytes;
      }
      return freed;
    },
  };
}

/** Parts of a checkpoint have the same file names in all of them: the folder tells which one it is. */
function nameOf(source: string): string {
  const name = basename(source);
  const isPart = /^(transformer|text_encoder)$|^(model|diffusion_pytorch_model)\b/.test(name);
  return isPart ? `${basename(dirname(source))}/${name}` : name;
}
