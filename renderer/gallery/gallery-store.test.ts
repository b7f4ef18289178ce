import { expect, test } from "vitest";
import { HeddleError } from "../../common/errors.ts";
import { toWireError } from "../../protocol/errors.ts";
import type { Host } from "../../protocol/host.ts";
import { createGalleryStore } from "./gallery-store.ts";

/** A host that reads its folder in these steps. Counts how often the list was fetched, and how much was read by then. */
function reading(steps: { remaining: number; changed: boolean }[]) {
  const fetchedAt: number[] = [];
  let at = 0;
  const gallery = {
    search: async () => {
      fetchedAt.push(at);
      return { pictures: [], total: 0 };
    },
    refresh: async () => steps[at++] ?? { remaining: 0, changed: false },
    facets: async () => ({ models: [], loras: [] }),
  };
  const store = createGalleryStore({ rpc: { gallery } } as unknown as Pick<Host, "rpc">);
  return { store, fetchedAt };
}

test("while very many files are read, the list is fetched again when it is half as long again, and at the end", async () => {
  const remaining = [9_000, 8_900, 8_800, 8_700, 8_600, 8_500, 0];
  const { store, fetchedAt } = reading(remaining.map((left) => ({ remaining: left, changed: true })));
  await store.refresh();
  // At 0, 0, 100, 200, 300 and 500 of those files, and with the last.
  expect(fetchedAt).toEqual([0, 1, 2, 3, 4, 6, 7]);
});

test("what another window had the host read is fetched as well", async () => {
  const { store, fetchedAt } = reading([
    { remaining: 500, changed: true },
    { remaining: 0, changed: false },
  ]);
  await store.refresh();
  expect(fetchedAt).toEqual([0, 1, 2]);
  expect(store.getState().remaining).toBe(0);
});

test("a folder in which nothing has changed is fetched once", async () => {
  const { store, fetchedAt } = reading([{ remaining: 0, changed: false }]);
  await store.refresh();
  expect(fetchedAt).toEqual([0]);
});

/** A gallery of pictures by name; what `refused` names is not moved. */
function withTrash(...names: string[]) {
  const trashed = new Set<string>();
  const refused = new Set<string>();
  const move = (hashes: readonly string[], isTrashed: boolean) => {
    let moved = 0;
    for (const hash of hashes) {
      if (refused.has(hash)) throw toWireError(new HeddleError({ code: "picture-not-movable", message: "", help: "" }));
      if (names.includes(hash) && trashed.has(hash) !== isTrashed) moved++;
      if (isTrashed) trashed.add(hash);
      else trashed.delete(hash);
    }
    return { moved };
  };
  const gallery = {
    search: async ({ trash = false, words = "" }) => {
      const found = names.filter((name) => trashed.has(name) === trash && name.includes(words));
      return { pictures: found.map((hash) => ({ hash })), total: found.length };
    },
    trash: async ({ hashes }: { hashes: string[] }) => move(hashes, true),
    restore: async ({ hashes }: { hashes: string[] }) => move(hashes, false),
    purge: async ({ hashes = [...trashed] }: { hashes?: string[] }) => {
      names = names.filter((name) => !hashes.includes(name));
      return { deleted: hashes.length };
    },
  };
  const store = createGalleryStore({ rpc: { gallery } } as unknown as Pick<Host, "rpc">);
  return { store, trashed, refused, shown: () => store.getState().pictures?.map(({ hash }) => hash) };
}

test("each deletion can be taken back, the last first; what is back or deleted for good not once more", async () => {
  const { store, shown } = withTrash("cat", "dog", "owl", "fox");
  await store.setFilter({});
  await store.trash(["cat"]);
  await store.trash(["dog", "owl"]);
  await store.trash(["fox"]);
  expect(store.getState().trashed).toEqual([["fox"], ["dog", "owl"], ["cat"]]);
  await store.restore(["fox"]);
  await store.purge(["owl"]);
  expect(store.getState().trashed).toEqual([["dog"], ["cat"]]);
  await store.restore(store.getState().trashed[0] ?? []);
  expect(shown()).toEqual(["dog", "fox"]);
  await store.purge();
  expect(store.getState().trashed).toEqual([]);
});

test("what another window deleted first cannot be taken back here", async () => {
  const { store, trashed, shown } = withTrash("cat", "dog");
  await store.setFilter({});
  trashed.add("cat");
  expect(await store.trash(["cat"])).toBe(0);
  expect(store.getState().trashed).toEqual([]);
  expect(shown()).toEqual(["dog"]);
});

test("the trash is counted as a whole, also behind a filter", async () => {
  const { store } = withTrash("cat", "dog", "owl");
  await store.setFilter({});
  await store.trash(["cat", "dog"]);
  await store.setFilter({ trash: true, words: "cat" });
  expect(await store.countTrash()).toBe(2);
});

test("what was moved before the disk refused is gone from the list, and the refusal is said", async () => {
  const { store, refused, shown } = withTrash("cat", "dog", "owl");
  await store.setFilter({});
  refused.add("dog");
  await store.trash(["cat", "dog", "owl"]);
  expect(shown()).toEqual(["dog", "owl"]);
  expect(store.getState().failure?.code).toBe("picture-not-movable");
});
