import { createStore, delMany, entries, get, getMany, setMany } from "idb-keyval";
import { z } from "zod";
import { workflowDocumentSchema } from "../../graph/document.ts";
import { emptyHistory, type History } from "../document/history.ts";
import { keptEntry, leadsTo } from "../document/kept-history.ts";
import { HistoryLog } from "./history-log.ts";
import type { KeyValues } from "./key-values.ts";
import { patient } from "./patient-database.ts";
import type { TabContent } from "./workspace.ts";

/**
 * The open tabs of all windows of this browser profile, on disk: each tab and each step of its undo under its id, and per
 * window the list of its tabs. What was written is there after the browser was killed.
 */
export interface Drafts {
  read(windowId: string): Promise<WindowDraft | undefined>;
  /** Ids of the windows that kept something, the latest first. */
  windows(): Promise<string[]>;
  /** All at once, or nothing. */
  write(windowId: string, change: DraftChange): Promise<void>;
  /** Says what is not written yet, in the last moment of a page. */
  sayFarewell(windowId: string, change: DraftChange): void;
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
const extentSchema = z.object({ first: z.int().min(0), past: z.int().min(0), count: z.int().min(0) });
const tabSchema = z.object({
  id: z.string(),
  document: workflowDocumentSchema,
  fileName: z.string().optional(),
  place: z.string().optional(),
  dirty: z.boolean(),
  savedSteps: z.int().optional(),
  history: extentSchema.optional(),
  savedAt: z.number(),
});
type StoredTab = z.infer<typeof tabSchema>;
const farewellSchema = z.object({
  window: windowSchema,
  tabs: z.array(tabSchema),
  /** Per tab, steps of its history that are not in the database. */
  steps: z.record(z.string(), z.array(z.tuple([z.int(), z.unknown()]))).optional(),
});
type Farewell = z.infer<typeof farewellSchema>;

const windowKey = (id: string) => `window ${id}`;
const tabKey = (id: string) => `tab ${id}`;
const stepKey = (id: string, step: number) => `step ${id} ${step}`;
const farewellKey = (windowId: string) => `heddle.farewell.${windowId}`;

function inBrowser(): KeyValues {
  const store = createStore("heddle-drafts", "drafts");
  return {
    get: (key) => get(key, store),
    getMany: (keys) => getMany(keys, store),
    setMany: (list) => setMany(list, store),
    delMany: (keys) => delMany(keys, store),
    entries: () => entries(store),
  };
}

/** In IndexedDB; what a window says when it leaves, in localStorage, because IndexedDB cannot finish then. */
export function createDrafts(storage: Storage, database: KeyValues = patient(inBrowser())): Drafts {
  const logs = new Map<string, HistoryLog>();
  const farewellOf = (windowId: string) => parse(farewellSchema, readJson(storage.getItem(farewellKey(windowId))));
  const changeOf = ({ id, history = emptyHistory }: TabContent) => {
    const log = logs.get(id) ?? new HistoryLog();
    logs.set(id, log);
    return { log, change: log.changeTo(history) };
  };
  const stepsOf = async (ids: readonly string[]) => {
    const stored = await database.getMany(ids.map(tabKey));
    return stored.flatMap((value, at) => {
      const { first = 0, count = 0 } = parse(tabSchema, value)?.history ?? {};
      return Array.from({ length: count }, (_, n) => stepKey(ids[at] ?? "", first + n));
    });
  };

  async function readHistory(
    { id, document, history }: StoredTab,
    said: Farewell["steps"],
  ): Promise<History | undefined> {
    if (!history) return undefined;
    const { first, past, count } = history;
    const numbers = Array.from({ length: count }, (_, n) => first + n);
    const unwritten = new Map(said?.[id] ?? []);
    const stored = await database.getMany(numbers.map((number) => stepKey(id, number)));
    const steps = numbers.map((number, at) => keptEntry(unwritten.has(number) ? unwritten.get(number) : stored[at]));
    const all = steps.filter((step) => step !== undefined);
    const read: History = { past: all.slice(0, past), future: all.slice(past) };
    if (all.length < count || !leadsTo(document, read)) return undefined;
    const onDisk = numbers.flatMap((number, at) => {
      const step = steps[at];
      return step && !unwritten.has(number) ? [[number, step] as const] : [];
    });
    logs.set(id, new HistoryLog(first, new Map(onDisk)));
    return read;
  }

  return {
    async read(windowId) {
      const farewell = farewellOf(windowId);
      const kept = parse(windowSchema, await database.get(windowKey(windowId)));
      const list = newer(kept, farewell?.window);
      if (!list) return undefined;
      const stored = await database.getMany(list.order.map(tabKey));
      const tabs = await Promise.all(
        list.order.map(async (id, at): Promise<TabContent[]> => {
          const said = farewell?.tabs.find((tab) => tab.id === id);
          const tab = newer<StoredTab>(parse(tabSchema, stored[at]), said);
          if (!tab) return [];
          const { document, fileName, place, dirty, savedSteps } = tab;
          const history = await readHistory(tab, tab === said ? farewell?.steps : undefined);
          return [{ id, document, fileName, place, dirty, savedSteps, history }];
        }),
      );
      return { tabs: tabs.flat(), active: list.active };
    },
    async windows() {
      const kept = (await database.entries()).flatMap(([key, value]) => {
        const list = key.startsWith("window ") ? parse(windowSchema, value) : undefined;
        return list ? [{ id: key.slice("window ".length), savedAt: list.savedAt }] : [];
      });
      return kept.sort((a, b) => b.savedAt - a.savedAt).map(({ id }) => id);
    },
    async write(windowId, { order, active, changed, removed, savedAt }) {
      const list = { order: [...order], ...(active === undefined ? {} : { active }), savedAt };
      const tabs = changed.map((tab) => ({ tab, ...changeOf(tab) }));
      // Steps and what they lead to in one go: neither is there without the other.
      await database.setMany([
        [windowKey(windowId), list],
        ...tabs.flatMap(({ tab, change }): [string, unknown][] => [
          [tabKey(tab.id), { ...tab, history: change.extent, savedAt }],
          ...change.put.map(([number, step]): [string, unknown] => [stepKey(tab.id, number), step]),
        ]),
      ]);
      for (const { log, change } of tabs) log.done(change);
      const gone = [
        ...tabs.flatMap(({ tab, change }) => change.remove.map((number) => stepKey(tab.id, number))),
        ...removed.flatMap((id) => [tabKey(id), ...(logs.get(id)?.keptNumbers ?? []).map((n) => stepKey(id, n))]),
      ];
      for (const id of removed) logs.delete(id);
      if (gone.length > 0) await database.delMany(gone);
    },
    sayFarewell(windowId, { order, active, changed, savedAt }) {
      const tabs = changed.map((tab) => ({ tab, change: changeOf(tab).change }));
      const window = { order, active, savedAt };
      const write = (farewell: unknown) => storage.setItem(farewellKey(windowId), JSON.stringify(farewell));
      const bare = tabs.map(({ tab: { history: _history, ...tab } }) => ({ ...tab, savedAt }));
      try {
        write({
          window,
          tabs: bare.map((tab, at) => ({ ...tab, history: tabs[at]?.change.extent })),
          steps: Object.fromEntries(tabs.map(({ tab, change }) => [tab.id, change.put])),
        });
      } catch {
        try {
          // Too large for localStorage with the steps of undo.
          write({ window, tabs: bare });
        } catch {
          // IndexedDB has all but the last moment.
        }
      }
    },
    async remove(windowId, except) {
      const list = parse(windowSchema, await database.get(windowKey(windowId)));
      const gone = (list?.order ?? []).filter((id) => !except.has(id));
      storage.removeItem(farewellKey(windowId));
      await database.delMany([windowKey(windowId), ...(await stepsOf(gone)), ...gone.map(tabKey)]);
    },
  };
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
