import { z } from "zod";
import { createStore, type StoreApi } from "zustand/vanilla";

export const RESULTS_WIDTH = { min: 140, usual: 184, max: 560 } as const;

/** What a person prefers; kept in this browser or app profile, never in a workflow. */
const settingsSchema = z.object({
  theme: z.enum(["system", "dark", "light", "contrast"]).catch("dark"),
  language: z.enum(["system", "en", "zh-CN"]).catch("system"),
  minimap: z.boolean().catch(false),
  /** Narrow windows begin with the whole width for the canvas. */
  resultsOpen: z.boolean().catch(() => globalThis.innerWidth >= 1200),
  /** CSS pixels. */
  resultsWidth: z.number().min(RESULTS_WIDTH.min).max(RESULTS_WIDTH.max).catch(RESULTS_WIDTH.usual),
  queueOpen: z.boolean().catch(false),
  /** How many runs one press of Run queues. */
  runCount: z.int().min(1).max(100).catch(1),
  /** Tells on the desktop that a long run ended while nobody looked. */
  notifications: z.boolean().catch(false),
  snapToGrid: z.boolean().catch(false),
  /** Workflows and pictures are saved without paths, own pictures and metadata. */
  stripPrivate: z.boolean().catch(false),
  /** Runs the workflow by itself after each change. */
  autoRun: z.boolean().catch(false),
  /** Pictures that were liked before the host kept that: handed to it when the gallery opens. */
  favourites: z.array(z.string()).catch([]),
  /** Least width of a picture in the gallery, CSS pixels. */
  galleryTile: z.number().min(96).max(400).catch(176),
  /** Of the mask editor; the size is a diameter in pixels of the mask. */
  maskBrush: z
    .object({
      size: z.number().min(1).max(512),
      hardness: z.number().min(0).max(1),
      strength: z.number().min(0.05).max(1),
      pressure: z.boolean(),
      tint: z.enum(["red", "green", "blue"]),
    })
    .catch({ size: 64, hardness: 0.8, strength: 1, pressure: true, tint: "red" }),
  galleryPanel: z.boolean().catch(() => globalThis.innerWidth >= 1200),
  tourSeen: z.boolean().catch(false),
  /** Keys of commands: a preset, and what was changed of it. */
  keymap: z
    .object({ preset: z.enum(["heddle", "comfyui"]), changes: z.record(z.string(), z.array(z.string())) })
    .catch({ preset: "heddle", changes: {} }),
});
export type Settings = z.infer<typeof settingsSchema>;
export type SettingsStore = StoreApi<Settings>;

const STORAGE_KEY = "heddle.settings";

/** Of the window that they are changed in; the next one that opens begins with them. */
const OF_WINDOW: ReadonlySet<string> = new Set<keyof Settings>([
  "minimap",
  "resultsOpen",
  "resultsWidth",
  "queueOpen",
  "runCount",
  "autoRun",
  "galleryTile",
  "galleryPanel",
]);

/** What changes is kept, beside what other windows keep; what those change is followed, but for how each looks. */
export function createSettingsStore(storage: Storage, windows?: Pick<Window, "addEventListener">): SettingsStore {
  const read = () => readJson(storage.getItem(STORAGE_KEY));
  const store = createStore<Settings>(() => settingsSchema.parse(read()));
  store.subscribe((settings, before) => {
    const was: Readonly<Record<string, unknown>> = before;
    const changed = Object.entries(settings).filter(([name, value]) => value !== was[name]);
    try {
      storage.setItem(STORAGE_KEY, JSON.stringify({ ...read(), ...Object.fromEntries(changed) }));
    } catch {
      // Storage is full: they hold for as long as the window is open.
    }
  });
  windows?.addEventListener("storage", ({ key }) => {
    if (key !== STORAGE_KEY) return;
    const own: Readonly<Record<string, unknown>> = store.getState();
    const shared = Object.entries(settingsSchema.parse(read())).filter(
      ([name, value]) => !OF_WINDOW.has(name) && JSON.stringify(value) !== JSON.stringify(own[name]),
    );
    if (shared.length > 0) store.setState(Object.fromEntries(shared));
  });
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
