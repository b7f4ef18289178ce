import { get, set } from "idb-keyval";
import { type WorkflowDocument, workflowDocumentSchema } from "../../graph/document.ts";
import { type DocumentStore, isDirty } from "../document/document-store.ts";

/** Keeps the open workflow in IndexedDB, so that a closed or killed window loses at most {@link AUTOSAVE_MS} of work. */
const AUTOSAVE_MS = 400;
const KEY = "heddle.session";

export interface SavedSession {
  document: WorkflowDocument;
  fileName: string | undefined;
  dirty: boolean;
}

export async function readSavedSession(): Promise<SavedSession | undefined> {
  try {
    const saved = (await get(KEY)) as Partial<SavedSession> | undefined;
    const parsed = workflowDocumentSchema.safeParse(saved?.document);
    return parsed.success
      ? { document: parsed.data, fileName: saved?.fileName, dirty: saved?.dirty === true }
      : undefined;
  } catch {
    // Private windows may refuse storage: the editor works without it.
    return undefined;
  }
}

export function startAutosave(documents: DocumentStore): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const write = () => {
    timer = undefined;
    const state = documents.getState();
    const session: SavedSession = { document: state.document, fileName: state.fileName, dirty: isDirty(state) };
    set(KEY, session).catch(() => {});
  };
  const unsubscribe = documents.subscribe((state, previous) => {
    if (state.document === previous.document && state.savedDocument === previous.savedDocument) return;
    timer ??= setTimeout(write, AUTOSAVE_MS);
  });
  const flush = () => {
    if (timer === undefined) return;
    clearTimeout(timer);
    write();
  };
  globalThis.addEventListener("pagehide", flush);
  document.addEventListener("visibilitychange", flush);
  return () => {
    unsubscribe();
    flush();
    globalThis.removeEventListener("pagehide", flush);
    document.removeEventListener("visibilitychange", flush);
  };
}
