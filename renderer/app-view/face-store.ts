import { createStore, type StoreApi } from "zustand/vanilla";

/** How a workflow is looked at: as a graph of nodes, or as the form of its exposed params. */
export type Face = "graph" | "app";
export type FaceStore = StoreApi<{ readonly face: Face }>;

export const createFaceStore = (): FaceStore => createStore(() => ({ face: "graph" as Face }));
