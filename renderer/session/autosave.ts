import { get, set } from "idb-keyval";
import { z } from "zod";
import { type WorkflowDocument, workflowDocumentSchema } from "../../graph/document.ts";
import { type DocumentStore, isDirty } from "../document/document-store.ts";

/**
 * Keeps the open workflow, so that a closed or killed window loses at most {@link AUTOSAVE_MS} of work: in IndexedDB
 * while the window lives, and, because IndexedDB cannot finish while a page goes away, in localStorage when it leaves.
 */
const AUTOSAVE_MS = 400;
const KEY = "heddle.session";

const savedSessionSchema = z.object({
  document: workflowDocumentSchema,
  fileName: z.string().optional(),
  dirty: z.boolean(),
  /** Milliseconds since 1970: the later copy counts. */
  savedAt: z.number(),
});

export interface SavedSession {
  document: WorkflowDocument;
  fileName?: string | undefined;
  dirty: boolean;
}

export async function readSavedSession(): Promise<SavedSession | undefined> {
  const copies = [parse(readFarewell()), parse(await get(KEY).catch(() => undefined))];
  return copies.filter((copy) => copy !== undefined).sort((a, b) => b.savedAt - a.savedAt)[0];
}

export function startAutosave(documents: DocumentStore): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isPending = false;
  const current = () => {
    const state = documents.getState();
    return { document: state.document, fileName: state.fileName, dirty: isDirty(state), savedAt: Date.now() };
  };
  // The first change is written at once, later ones at most every AUTOSAVE_MS.
  const write = () => {
    timer = undefined;
    if (!isPending) return;
    isPending = false;
    // Private windows may refuse storage: the editor works without it.
    set(KEY, current()).catch(() => {});
    timer = setTimeout(write, AUTOSAVE_MS);
  };
  const unsubscribe = documents.subscribe((state, previous) => {
    if (state.document === previous.document && state.savedDocument === previous.savedDocument) return;
    isPending = true;
    timer ??= setTimeout(write);
  });
  const leave = () => {
    try {
      localStorage.setItem(KEY, JSON.stringify(current()));
    } catch {
      // Too large for localStorage: IndexedDB has all but the last moment.
    }
  };
  globalThis.addEventListener("pagehide", leave);
  return () => {
    unsubscribe();
    clearTimeout(timer);
    globalThis.removeEventListener("pagehide", leave);
  };
}

function readFarewell(): unknown {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "null");
  } catch {
    return undefined;
  }
}

function parse(copy: unknown): z.infer<typeof savedSessionSchema> | undefined {
  const parsed = savedSessionSchema.safeParse(copy);
  return parsed.success ? parsed.data : undefined;
}
