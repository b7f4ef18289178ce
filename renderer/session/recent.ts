import { createStore, get, set } from "idb-keyval";
import { z } from "zod";
import { type WorkflowDocument, workflowDocumentSchema } from "../../graph/document.ts";

/** A workflow that was opened or saved, as it was then; and the place of its file, where the host gives a way back to it. */
const recentSchema = z.object({
  fileName: z.string(),
  place: z.string().optional(),
  title: z.string(),
  /** Milliseconds since 1970. */
  at: z.number(),
  document: workflowDocumentSchema,
});
export type RecentWorkflow = z.infer<typeof recentSchema>;

const KEY = "recent";
const MOST = 12;
const CHANGED = "heddle-recent";

let opened: ReturnType<typeof createStore> | undefined;
const store = () => (opened ??= createStore("heddle-recent", "workflows"));

/** Browsers that keep nothing refuse at once or later. */
const read = async (): Promise<unknown> => get(KEY, store());
const keep = async (list: readonly RecentWorkflow[]): Promise<void> => set(KEY, list, store());

let known: readonly RecentWorkflow[] | undefined;

/** The list as this window read or wrote it last; `undefined` before the first time. */
export const knownRecentWorkflows = (): readonly RecentWorkflow[] | undefined => known;

/** The workflows that were opened from files or saved to files last, the latest first. */
export async function recentWorkflows(): Promise<readonly RecentWorkflow[]> {
  const kept = z.array(z.unknown()).safeParse(await read().catch(() => undefined));
  known = kept.success ? kept.data.flatMap((entry) => recentSchema.safeParse(entry).data ?? []) : [];
  return known;
}

/** Files in different places may have the same name; of those without a place, the name is all that is known. */
export const keyOfRecent = ({ place, fileName }: Pick<RecentWorkflow, "place" | "fileName">): string =>
  place ?? `name ${fileName}`;

export async function rememberRecent(fileName: string, document: WorkflowDocument, place?: string): Promise<void> {
  const entry = { fileName, ...(place ? { place } : {}), title: document.title, at: Date.now(), document };
  const known = new Set([keyOfRecent(entry), keyOfRecent({ fileName })]);
  await write((kept) => [entry, ...kept.filter((other) => !known.has(keyOfRecent(other)))].slice(0, MOST));
}

export async function forgetRecent(key: string): Promise<void> {
  await write((kept) => kept.filter((other) => keyOfRecent(other) !== key));
}

/** Calls `listener` whenever the list has changed in this window. */
export function onRecentChange(listener: () => void): () => void {
  globalThis.addEventListener(CHANGED, listener);
  return () => globalThis.removeEventListener(CHANGED, listener);
}

async function write(change: (kept: readonly RecentWorkflow[]) => readonly RecentWorkflow[]): Promise<void> {
  const changed = change(await recentWorkflows());
  // A browser that keeps nothing has no recent workflows.
  await keep(changed).then(
    () => {
      known = changed;
    },
    () => {},
  );
  globalThis.dispatchEvent(new Event(CHANGED));
}
