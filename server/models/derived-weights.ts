import { readdir, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { openWeightFile } from "../../engine/weights/weight-set.ts";
import type { DerivedWeights } from "./model-manager.ts";

/**
 * The weights that the engine made from models for a precision plan, `<cache>/derived/<key>.safetensors`. They are made
 * again when they are needed, so removing them costs time and nothing else.
 */
export function derivedWeights(cacheFolder: string): DerivedWeights {
  const folder = join(cacheFolder, "derived");
  const files = async () => {
    const names = await readdir(folder).catch((): string[] => []);
    return names.filter((name) => /^[0-9a-f]{32}\.safetensors$/.test(name));
  };
  return {
    async list() {
      const found = await Promise.all(
        (await files()).map(async (name) => {
          const path = join(folder, name);
          const [state, weights] = await Promise.all([
            stat(path).catch(() => undefined),
            openWeightFile(path).catch(() => undefined),
          ]);
          if (!state) return [];
          const { source, plan } = weights?.metadata ?? {};
          return [
            {
              id: name,
              model: source === undefined ? name : basename(source),
              plan: plan ?? "",
              sizeBytes: state.size,
              lastUsed: new Date(Math.max(state.atimeMs, state.mtimeMs)).toISOString(),
            },
          ];
        }),
      );
      return found.flat().sort((a, b) => b.sizeBytes - a.sizeBytes);
    },
    async remove(ids) {
      const known = new Set(await files());
      let bytes = 0;
      for (const id of ids) {
        if (!known.has(id)) continue;
        const path = join(folder, id);
        const size = (await stat(path).catch(() => undefined))?.size ?? 0;
        await rm(path, { force: true });
        bytes += size;
      }
      return bytes;
    },
  };
}
