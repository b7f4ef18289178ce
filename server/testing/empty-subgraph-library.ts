import type { SubgraphLibrary } from "../services/subgraph-library.ts";

/** A library of subgraphs that keeps nothing. */
export const emptySubgraphLibrary: SubgraphLibrary = {
  list: async () => [],
  save: async () => ({ name: "" }),
  remove: async () => false,
};
