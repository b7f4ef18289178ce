import { createStore, delMany, entries, get, getMany, setMany } from "idb-keyval";
import { z } from "zod";
import { workflowDocumentSchema } from "../../graph/document.ts";
import type { TabContent } from "./workspace.ts";

/**
 * The open tabs of all windows of this browser profile, on disk: each tab under its id, and per window the list of its
 * tabs. What was written is there after the browser was killed.
 */
export interface Drafts {
  read(windowId: string): Promise<WindowDraft | undefined>;
  /** Ids of the windows that kept something, the latest first. */
  windows(): Promise<string[]>;
  /** All at once, or nothing. */
  write(windowId: string, change: DraftChange): Promise<void>;
  /** Forgets a window, and the tabs of its list but those that another window has taken over. */
  remove(windowId: string, except: ReadonlySet<string>): Promise<void>;
}

export interface WindowDraft {
  readonly tabs: readonly TabContent[];
  readonly active: string | undefined;
}

export interface DraftChange {
  readonly order: readonly string[];
  readonly active: string | undefined;
  /** Tabs whose content changed. */
  readonly changed: readonly TabContent[];
  /** Tabs that were closed. */
  readonly removed: readonly string[];
  /** Milliseconds since 1970: of two copies the later one counts. */
  readonly savedAt: number;
}

const windowSchema = z.object({ order: z.array(z.string()), active: z.string().optional(), savedAt: z.number() });
const tabSchema = z.object({
  id: z.string(),
  document: workflowDocumentSchema,
  fileName: z.string().optional(),
  place: z.string().optional(),
  dirty: z.boolean(),
  savedAt: z.number(),
});
const farewellSchema = z.object({ window: windowSchema, tabs: z.array(tabSchema) });
type StoredTab = z.infer<typeof tabSchema>;

const windowKey = (id: string) => `window ${id}`;
const tabKey = (id: string) => `tab ${id}`;
const farewellKey = (windowId: string) => `heddle.farewell.${windowId}`;

/** In IndexedDB; what a window says when it leaves, in localStorage, because IndexedDB cannot finish then. */
export function createDrafts(storage: Storage = localStorage, database = "heddle-drafts"): Drafts {
  const store = createStore(database, "drafts");
  const farewellOf = (windowId: string) => parse(farewellSchema, readJson(storage.getItem(farewellKey(windowId))));
  return {
    async read(windowId) {
      const farewell = farewellOf(windowId);
      const kept = parse(windowSchema, await get(windowKey(windowId), store));
      const list = newer(kept, farewell?.window);
      if (!list) return undefined;
      const stored = await getMany(list.order.map(tabKey), store);
      const tabs = list.order.flatMap((id, at) => {
        const said = farewell?.tabs.find((tab) => tab.id === id);
        const tab = newer<StoredTab>(parse(tabSchema, stored[at]), said);
        return tab ? [{ id, document: tab.document, fileName: tab.fileName, place: tab.place, dirty: tab.dirty }] : [];
      });
      return { tabs, active: list.active };
    },
    async windows() {
      const kept = (await entries<string, unknown>(store)).flatMap(([key, value]) => {
        const list = key.startsWith("window ") ? parse(windowSchema, value) : undefined;
        return list ? [{ id: key.slice("window ".length), savedAt: list.savedAt }] : [];
      });
      return kept.sort((a, b) => b.savedAt - a.savedAt).map(({ id }) => id);
    },
    async write(windowId, { order, active, changed, removed, savedAt }) {
      const list = { order: [...order], ...(active === undefined ? {} : { active }), savedAt };
      await setMany(
        [
          [windowKey(windowId), list],
          ...changed.map((tab): [string, unknown] => [tabKey(tab.id), { ...tab, savedAt }]),
        ],
        store,
      );
      if (removed.length > 0) await delMany(removed.map(tabKey), store);
    },
    async remove(windowId, except) {
      const list = parse(windowSchema, await get(windowKey(windowId), store));
      const gone = (list?.order ?? []).filter((id) => !except.has(id));
      storage.removeItem(farewellKey(windowId));
      await delMany([windowKey(windowId), ...gone.map(tabKey)], store);
    },
  };
}

/** Says what is not written yet, in the last moment of a page. */
export function sayFarewell(storage: Storage, windowId: string, change: DraftChange): void {
  const { order, active, changed, savedAt } = change;
  const farewell = { window: { order, active, savedAt }, tabs: changed.map((tab) => ({ ...tab, savedAt })) };
  try {
    storage.setItem(farewellKey(windowId), JSON.stringify(farewell));
  } catch {
    // Too large for localStorage: IndexedDB has all but the last moment.
  }
}

function newer<T extends { savedAt: number }>(a: T | undefined, b: T | undefined): T | undefined {
  return a && b ? (b.savedAt > a.savedAt ? b : a) : (a ?? b);
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T | undefined {
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

function readJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return undefined;
  }
}
