import { afterFrame } from "./after-frame.ts";
import type { DraftChange, Drafts } from "./drafts.ts";
import type { Session } from "./session.ts";
import { contentOf, type TabContent, type Workspace } from "./workspace.ts";

/**
 * Keeps the open tabs, so that a window that is closed, or killed at any moment, loses less than a second of work. The
 * first change is written as soon as it is on the screen, which does not wait for a large workflow to be copied for the
 * disk; what follows on it at most every {@link AUTOSAVE_MS}.
 */
const AUTOSAVE_MS = 300;

export interface Autosave {
  /** Writes what is not written yet. Resolves with whether all of it is on the disk. */
  flush(): Promise<boolean>;
  stop(): void;
}

/** @param onKept is told when nothing can be kept any more, and when something is again */
export function startAutosave(
  workspace: Workspace,
  drafts: Drafts,
  windowId: string,
  onKept: (isKept: boolean) => void = () => {},
): Autosave {
  const changed = new Set<string>(workspace.getState().tabs.map(({ id }) => id));
  /** Tabs that are being written: not safe yet. */
  let inFlight: readonly string[] = [];
  let removed: string[] = [];
  let isPending = true;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let writing: Promise<void> | undefined;
  let callOff: (() => void) | undefined;
  let isRefused = false;

  const pendingChange = (): DraftChange => {
    const { tabs, active } = workspace.getState();
    return {
      order: tabs.map(({ id }) => id),
      active,
      changed: tabs.filter(({ id }) => changed.has(id)).map(contentOf),
      removed,
      savedAt: Date.now(),
    };
  };
  const write = async (): Promise<void> => {
    timer = undefined;
    if (!isPending) return;
    const change = pendingChange();
    isPending = false;
    inFlight = [...changed];
    changed.clear();
    removed = [];
    try {
      await drafts.write(windowId, change);
      if (isRefused) onKept(true);
      isRefused = false;
    } catch {
      // Private windows may refuse storage: the editor works without it. Elsewhere it goes along with the next change, or is
      // said when the page leaves.
      if (!isRefused) onKept(false);
      isRefused = true;
      for (const id of inFlight) if (workspace.find(id)) changed.add(id);
      removed = [...change.removed, ...removed];
    }
    inFlight = [];
  };
  const writeAndRest = () => {
    writing = write().finally(() => {
      writing = undefined;
      // The pause begins when the disk is done: a slow one is not asked for more than it can do.
      timer = setTimeout(() => {
        timer = undefined;
        if (isPending) writeAndRest();
      }, AUTOSAVE_MS);
    });
  };
  const schedule = () => {
    isPending = true;
    if (timer !== undefined || writing !== undefined || callOff) return;
    callOff = afterFrame(() => {
      callOff = undefined;
      writeAndRest();
    });
  };

  const watched = new Map<string, () => void>();
  const watch = (tab: Session) =>
    tab.documents.subscribe((state, before) => {
      if (state.document === before.document && state.savedDocument === before.savedDocument) return;
      changed.add(tab.id);
      schedule();
    });
  const follow = (tabs: readonly Session[]) => {
    for (const [id, stop] of watched) {
      if (tabs.some((tab) => tab.id === id)) continue;
      stop();
      watched.delete(id);
      removed.push(id);
    }
    for (const tab of tabs) {
      if (watched.has(tab.id)) continue;
      watched.set(tab.id, watch(tab));
      changed.add(tab.id);
    }
  };
  follow(workspace.getState().tabs);
  const unsubscribe = workspace.subscribe(({ tabs }) => {
    follow(tabs);
    schedule();
  });
  const leave = () => {
    for (const id of inFlight) changed.add(id);
    drafts.sayFarewell(windowId, pendingChange());
  };
  globalThis.addEventListener?.("pagehide", leave);
  schedule();

  return {
    async flush() {
      callOff?.();
      callOff = undefined;
      await writing;
      if (isPending) {
        clearTimeout(timer);
        writeAndRest();
        await writing;
      }
      return changed.size === 0 && removed.length === 0;
    },
    stop() {
      unsubscribe();
      for (const stop of watched.values()) stop();
      clearTimeout(timer);
      callOff?.();
      globalThis.removeEventListener?.("pagehide", leave);
    },
  };
}

export interface Recovered {
  readonly tabs: readonly TabContent[];
  readonly active: string | undefined;
  /** Windows whose tabs these were; to be forgotten when the tabs are safe in this one. */
  readonly orphans: readonly string[];
}

/** What was open: in this window before it was loaded again, else in windows that are not there any more. */
export async function recoverTabs(
  drafts: Drafts,
  windowId: string,
  isOpen: (windowId: string) => Promise<boolean>,
): Promise<Recovered | undefined> {
  const own = await drafts.read(windowId);
  if (own) return { ...own, orphans: [] };
  const windows = await drafts.windows();
  // All at once: windows that were killed are waited for in vain.
  const areOpen = await Promise.all(windows.map(isOpen));
  const orphans = windows.filter((_, at) => !areOpen[at]);
  const kept = await Promise.all(orphans.map((id) => drafts.read(id)));
  const [latest, ...others] = kept;
  if (!latest) return undefined;
  // Of windows that were closed longer ago, only what would be lost comes back; once, where a window was killed just when it had
  // taken over another's.
  const unsaved = others.flatMap((draft) => draft?.tabs.filter(({ dirty }) => dirty) ?? []);
  const tabs = new Map([...unsaved.toReversed(), ...latest.tabs].map((tab) => [tab.id, tab]));
  const order = new Set([...latest.tabs, ...unsaved].map(({ id }) => id));
  return { tabs: [...order].flatMap((id) => tabs.get(id) ?? []), active: latest.active, orphans };
}
