import { randomId } from "../document/ids.ts";
import type { NameLocks } from "./name-locks.ts";

/**
 * Which of the profile's windows this one is: it keeps its name across a reload (`sessionStorage`) and holds a lock on it
 * while it lives, so that others see whose tabs have nobody any more.
 */
const KEY = "heddle.window";
const lockOf = (windowId: string) => `heddle.window.${windowId}`;
/** What lets go of the locks that this page holds. */
const releases = new Map<string, () => void>();

export async function takeWindowId(storage: Storage, locks: NameLocks): Promise<string> {
  const known = storage.getItem(KEY);
  // A window that was duplicated has the name of the other one, which goes on holding it.
  if (known !== null && (await hold(locks, known))) return known;
  return takeFreshId(storage, locks);
}

/** Another name for this window, so that what is kept under the one it had is nobody's, and stays as it is for the next one. */
export function takeAnotherWindowId(windowId: string, storage: Storage, locks: NameLocks): Promise<string> {
  releases.get(windowId)?.();
  releases.delete(windowId);
  return takeFreshId(storage, locks);
}

async function takeFreshId(storage: Storage, locks: NameLocks): Promise<string> {
  const id = randomId();
  await hold(locks, id);
  storage.setItem(KEY, id);
  return id;
}

/** Whether another window of this name is there. */
export const isWindowOpen = (windowId: string, locks: NameLocks): Promise<boolean> => locks.isHeld(lockOf(windowId));

/** Holds the lock for as long as the page lives, or the name is given up; `false` when somebody else does. */
async function hold(locks: NameLocks, windowId: string): Promise<boolean> {
  const release = await locks.hold(lockOf(windowId));
  if (release) releases.set(windowId, release);
  return release !== undefined;
}
