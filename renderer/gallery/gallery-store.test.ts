import { expect, test } from "vitest";
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
