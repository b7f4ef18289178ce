import { expect, test } from "vitest";
import { webLocks } from "./name-locks.ts";
import { isWindowOpen, takeAnotherWindowId, takeWindowId } from "./window-identity.ts";

/** The part of a browser's locks that windows use, for all windows of a profile. */
function fakeLocks() {
  const held = new Set<string>();
  const request = async (name: string, { signal }: LockOptions, callback: LockGrantedCallback<unknown>) => {
    if (held.has(name)) {
      await new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
    }
    held.add(name);
    await callback({ name, mode: "exclusive" });
    held.delete(name);
  };
  const query = async () => ({ held: [...held].map((name) => ({ name })), pending: [] });
  return webLocks({ request, query } as unknown as LockManager);
}

function storage(): Storage {
  const values = new Map<string, string>();
  return {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
  } as unknown as Storage;
}

test("a window that is loaded again has its name; one that was duplicated gets another", async () => {
  const [own, copied] = [storage(), storage()];
  const id = await takeWindowId(own, fakeLocks());
  const locks = fakeLocks();
  expect(await takeWindowId(own, locks)).toBe(id);
  copied.setItem("heddle.window", id);
  expect(await takeWindowId(copied, locks)).not.toBe(id);
});

test("a name that is given up is nobody's, and does not come back with a reload", async () => {
  const [own, locks] = [storage(), fakeLocks()];
  const before = await takeWindowId(own, locks);
  expect(await isWindowOpen(before, locks)).toBe(true);
  const after = await takeAnotherWindowId(before, own, locks);
  expect(after).not.toBe(before);
  expect(await isWindowOpen(before, locks)).toBe(false);
  expect(await isWindowOpen(after, locks)).toBe(true);
  expect(await takeWindowId(own, fakeLocks())).toBe(after);
});
