import { createStore, type StoreApi } from "zustand/vanilla";
import type { Host } from "../../protocol/host.ts";
import type { LibraryEntry } from "../../protocol/subgraphs.ts";

/** The personal library of subgraphs, as the host has it; asked for when it is first needed. */
export interface SubgraphLibraryStore extends StoreApi<{ readonly entries: readonly LibraryEntry[] }> {
  refresh(): Promise<void>;
}

export function createSubgraphLibraryStore(host: Pick<Host, "rpc">): SubgraphLibraryStore {
  const store = createStore<{ entries: readonly LibraryEntry[] }>(() => ({ entries: [] }));
  return Object.assign(store, {
    async refresh() {
      store.setState({ entries: await host.rpc.subgraphs.list() });
    },
  });
}
