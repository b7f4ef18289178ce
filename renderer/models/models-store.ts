import { createStore, type StoreApi } from "zustand/vanilla";
import { type ErrorPayload, toHeddleError } from "../../common/errors.ts";
import type { Host } from "../../protocol/host.ts";
import type { CatalogueEntry, Disk, Downloads, FoundModel, ModelDetails, ModelFolder } from "../../protocol/models.ts";
import type { Studio } from "../session/session.ts";

type Derived = Awaited<ReturnType<Host["rpc"]["models"]["derived"]["list"]>>;

/** What the model manager shows; each part is asked for when it is first looked at. */
export interface ModelsState {
  readonly library: readonly ModelDetails[] | undefined;
  readonly catalogue: readonly CatalogueEntry[] | undefined;
  readonly folders: readonly ModelFolder[] | undefined;
  readonly derived: Derived | undefined;
  readonly disks: readonly Disk[] | undefined;
  readonly failure: ErrorPayload | undefined;
  readonly page: ManagerPage;
  /** What the workflow of a tab names and this machine does not have. */
  readonly missing: { readonly tab: string; readonly found: readonly FoundModel[] } | undefined;
  /** Whether it is known for a tab what of its models is missing; `unknown` where the host did not answer. */
  readonly looked: { readonly tab: string; readonly state: "looking" | "known" | "unknown" } | undefined;
}

export const managerPages = ["library", "get", "downloads", "storage"] as const;
export type ManagerPage = (typeof managerPages)[number];
export type ModelsPart = "library" | "catalogue" | "folders" | "derived" | "disks";

export interface ModelsStore extends StoreApi<ModelsState> {
  /** Asks the host anew; what it does not answer is told in `failure`. */
  refresh(part: ModelsPart): Promise<void>;
  /** Does something on the host; a failure is told, and nothing is thrown. Returns whether it was done. */
  attempt(work: () => Promise<unknown>): Promise<boolean>;
}

const stores = new WeakMap<Host, ModelsStore>();

/** One for each host. */
export function modelsStore(host: Host): ModelsStore {
  const known = stores.get(host) ?? createModelsStore(host);
  stores.set(host, known);
  return known;
}

function createModelsStore({ rpc }: Host): ModelsStore {
  const store = createStore<ModelsState>(() => ({
    library: undefined,
    catalogue: undefined,
    folders: undefined,
    derived: undefined,
    disks: undefined,
    failure: undefined,
    page: "library",
    missing: undefined,
    looked: undefined,
  }));
  const ask: Record<ModelsPart, () => Promise<Partial<ModelsState>>> = {
    library: async () => ({ library: await rpc.models.library() }),
    catalogue: async () => ({ catalogue: await rpc.models.catalogue() }),
    folders: async () => ({ folders: await rpc.models.folders.list() }),
    derived: async () => ({ derived: await rpc.models.derived.list() }),
    disks: async () => ({ disks: await rpc.models.folders.disks() }),
  };
  async function attempt(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      store.setState({ failure: undefined });
      return true;
    } catch (error) {
      store.setState({ failure: toHeddleError(error).toPayload() });
      return false;
    }
  }
  return Object.assign(store, {
    attempt,
    async refresh(part: ModelsPart) {
      await attempt(async () => store.setState(await ask[part]()));
    },
  });
}

/** What is under way or failed: the number that the manager's tab shows. */
export function openDownloads(state: Downloads | undefined): number {
  return state?.downloads.filter((one) => one.state !== "done").length ?? 0;
}

/** Shows what models can be had. */
export function openCatalogue({ host, view }: Pick<Studio, "host" | "view">): void {
  modelsStore(host).setState({ page: "get" });
  view.setState({ dialog: "models" });
}
