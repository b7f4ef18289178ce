/**
 * Which of the profile's windows this one is: it keeps its name across a reload (`sessionStorage`) and holds a lock on it
 * while it lives, so that others see whose tabs have nobody any more.
 */
const KEY = "heddle.window";
const lockOf = (windowId: string) => `heddle.window.${windowId}`;
/** The page before a reload may hold its lock a moment longer. */
const RELEASE_MAY_TAKE_MS = 1_500;
/** What lets go of the locks that this page holds. */
const releases = new Map<string, () => void>();

export async function takeWindowId(storage: Storage, locks: LockManager | undefined): Promise<string> {
  const known = storage.getItem(KEY);
  // A window that was duplicated has the name of the other one, which goes on holding it.
  if (known !== null && (await hold(locks, known))) return known;
  return takeFreshId(storage, locks);
}

/** Another name for this window, so that what is kept under the one it had is nobody's, and stays as it is for the next one. */
export function takeAnotherWindowId(
  windowId: string,
  storage: Storage,
  locks: LockManager | undefined,
): Promise<string> {
  releases.get(windowId)?.();
  releases.delete(windowId);
  return takeFreshId(storage, locks);
}

async function takeFreshId(storage: Storage, locks: LockManager | undefined): Promise<string> {
  const id = crypto.randomUUID();
  await hold(locks, id);
  storage.setItem(KEY, id);
  return id;
}

/** Whether another window of this name is there. Without locks (a page over plain HTTP) nobody knows. */
export async function isWindowOpen(windowId: string, locks: LockManager | undefined): Promise<boolean> {
  if (!locks) return false;
  const { held } = await locks.query();
  return held?.some(({ name }) => name === lockOf(windowId)) ?? false;
}

/** Holds the lock for as long as the page lives, or the name is given up; `false` when somebody else does. */
function hold(locks: LockManager | undefined, windowId: string): Promise<boolean> {
  if (!locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(RELEASE_MAY_TAKE_MS);
    locks
      .request(lockOf(windowId), { signal }, () => {
        resolve(true);
        return new Promise<void>((release) => releases.set(windowId, release));
      })
      .catch(() => resolve(false));
  });
}
