import { createStore, type StoreApi } from "zustand/vanilla";
import type { HostEvent, HostInfo, ModelEntry, Template } from "../../protocol/contract.ts";
import type { Host } from "../../protocol/host.ts";
import type { Downloads } from "../../protocol/models.ts";

/** What is known of the host: whether it answers, the state of its engine, its models and templates. */
export interface HostState {
  readonly connected: boolean;
  /** It answers, but takes this window for a stranger's: it was started anew. */
  readonly isRefused: boolean;
  readonly info: HostInfo | undefined;
  readonly engine: HostInfo["engine"];
  readonly engineMessage: string | undefined;
  readonly models: readonly ModelEntry[] | undefined;
  readonly templates: readonly Template[];
  readonly downloads: Downloads | undefined;
  /** Counts up whenever models came, went or are better known. */
  readonly modelsVersion: number;
}

export interface HostStore extends StoreApi<HostState> {
  /** Asks for everything there is to know; throws when the host does not answer. */
  refresh(): Promise<void>;
  refreshModels(): Promise<void>;
  /** Follows the host's events until `signal` says stop, across lost connections. */
  follow(receive: (event: HostEvent) => void, signal: AbortSignal): Promise<void>;
}

const RETRY_MS = 1_000;

export function createHostStore(host: Host): HostStore {
  const store = createStore<HostState>(() => ({
    connected: true,
    isRefused: false,
    info: undefined,
    engine: "starting",
    engineMessage: undefined,
    models: undefined,
    templates: [],
    downloads: undefined,
    modelsVersion: 0,
  }));
  host.onConnectionChange((connected, isRefused) => {
    store.setState({ connected, isRefused });
    if (connected) void refresh().catch(() => store.setState({ connected: false }));
  });

  async function refreshModels() {
    store.setState({ models: await host.rpc.models.list({}) });
  }
  async function refresh() {
    const [info, templates] = await Promise.all([host.rpc.info(), host.rpc.templates.list(), refreshModels()]);
    store.setState({ info, engine: info.engine, templates, connected: true });
  }

  return Object.assign(store, {
    refresh,
    refreshModels,
    async follow(receive: (event: HostEvent) => void, signal: AbortSignal) {
      while (!signal.aborted) {
        try {
          for await (const event of await host.rpc.events(undefined, { signal })) {
            if (event.type === "engine-state") {
              store.setState({ engine: event.state, engineMessage: event.message });
            }
            if (event.type === "downloads") store.setState({ downloads: event.state });
            if (event.type === "models-changed") {
              await refreshModels().catch(() => {});
              store.setState(({ modelsVersion }) => ({ modelsVersion: modelsVersion + 1 }));
            }
            receive(event);
          }
        } catch {
          // The stream ends with the connection; the banner tells, and it is opened again below.
        }
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    },
  });
}
