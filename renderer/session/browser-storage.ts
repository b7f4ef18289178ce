/** What browsers keep for pages; where they refuse even to say what there is, or have none, what the page itself remembers. */
export function storageOr(find: () => Storage | null, own = inMemory()): Storage {
  try {
    return find() ?? own;
  } catch {
    return own;
  }
}

const ownShared = inMemory();
const ownOfWindow = inMemory();

/** What all windows of a browser profile share. */
export const sharedStorage = (): Storage => storageOr(() => localStorage, ownShared);
/** What this window has for itself, also after a reload. */
export const windowStorage = (): Storage => storageOr(() => sessionStorage, ownOfWindow);

function inMemory(): Storage {
  const values = new Map<string, string>();
  return {
    get length() {
      return values.size;
    },
    key: (at) => [...values.keys()][at] ?? null,
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
    clear: () => values.clear(),
  };
}
