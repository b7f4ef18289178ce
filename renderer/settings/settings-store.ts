import { z } from "zod";
import { createStore, type StoreApi } from "zustand/vanilla";

/** What a person prefers; kept in this browser or app profile, never in a workflow. */
const settingsSchema = z.object({
  theme: z.enum(["system", "dark", "light", "contrast"]).catch("dark"),
  language: z.enum(["system", "en", "zh-CN"]).catch("system"),
  minimap: z.boolean().catch(false),
  /** Narrow windows begin with the whole width for the canvas. */
  resultsOpen: z.boolean().catch(() => globalThis.innerWidth >= 1200),
  snapToGrid: z.boolean().catch(false),
  /** Runs the workflow by itself after each change. */
  autoRun: z.boolean().catch(false),
  /** Hashes of pictures that the person likes. */
  favourites: z.array(z.string()).catch([]),
  tourSeen: z.boolean().catch(false),
  /** Keys of commands: a preset, and what was changed of it. */
  keymap: z
    .object({ preset: z.enum(["heddle", "comfyui"]), changes: z.record(z.string(), z.array(z.string())) })
    .catch({ preset: "heddle", changes: {} }),
});
export type Settings = z.infer<typeof settingsSchema>;
export type SettingsStore = StoreApi<Settings>;

const STORAGE_KEY = "heddle.settings";

export function createSettingsStore(storage: Storage): SettingsStore {
  const store = createStore<Settings>(() => settingsSchema.parse(readJson(storage.getItem(STORAGE_KEY))));
  store.subscribe((settings) => storage.setItem(STORAGE_KEY, JSON.stringify(settings)));
  return store;
}

function readJson(text: string | null): object {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
