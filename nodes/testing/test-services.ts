import { createHash } from "node:crypto";
import { HeddleError } from "../../common/errors.ts";
import type { ImageReference } from "../../graph/events.ts";
import type { NodeServices, PictureFacts } from "../services.ts";
import { FakeEngine } from "./fake-engine.ts";

/** Services that keep everything in memory. `files` are the saved pictures by path. */
export function createTestServices() {
  const files = new Map<string, Uint8Array>();
  const stored = new Map<string, Uint8Array>();
  /** Wildcard files, by name. */
  const wildcards: Record<string, string[]> = {};
  /** Files of the folder for inputs, by name. */
  const inputFiles = new Map<string, Uint8Array>();
  const engine = new FakeEngine();
  let modelIdentity = "1";
  const keep = (bytes: Uint8Array, { width, height, mimeType, seed, ...facts }: PictureFacts): ImageReference => {
    const hash = createHash("sha256").update(bytes).digest("hex");
    stored.set(hash, bytes);
    const { hasNsfwConcepts } = facts;
    return {
      ...{ hash, width, height, mimeType },
      ...(seed === undefined ? {} : { seed }),
      ...(hasNsfwConcepts === undefined ? {} : { hasNsfwConcepts }),
    };
  };
  const services: NodeServices & { engine: FakeEngine } = {
    engine,
    models: { resolve: async (_kind, name) => ({ path: `/models/${name}`, identity: modelIdentity }) },
    images: {
      put: async (bytes, facts) => keep(bytes, facts),
      register: async (path, bytes, facts) => ({ ...keep(bytes, facts), path }),
      has: async (hash) => stored.has(hash),
      read: async (hash) => stored.get(hash),
    },
    output: {
      async write(name, extension, bytes) {
        const path = `/output/${name.replace("%counter%", String(files.size + 1))}.${extension}`;
        files.set(path, bytes);
        return path;
      },
      has: async (path) => files.has(path),
    },
    loraFolder: {
      async write(name, extension, bytes) {
        const path = `/models/loras/${name}.${extension}`;
        files.set(path, bytes);
        return path;
      },
    },
    wildcards: {
      async read(name) {
        const options = wildcards[name];
        if (!options) throw new HeddleError({ code: "wildcard-not-found", message: "none", help: "none" });
        return options;
      },
      identity: async () => JSON.stringify(wildcards),
    },
    inputs: {
      list: async (folder) =>
        [...inputFiles.keys()]
          .filter((name) => name.slice(0, Math.max(0, name.lastIndexOf("/"))) === folder)
          .toSorted(new Intl.Collator("en", { numeric: true }).compare)
          .map((name) => ({ name, version: String(inputFiles.get(name)!.length) })),
      read: async (name) => inputFiles.get(name)!,
    },
    safety: { isCheckOn: true },
    previews: { encode: async ({ width, height }) => ({ dataUrl: "data:image/webp;base64,", width, height }) },
    now: () => new Date(2026, 10, 21, 8, 30, 0),
  };
  const changeModelFiles = () => {
    modelIdentity += "1";
  };
  return { services, inputFiles, wildcards, engine, files, stored, changeModelFiles };
}
