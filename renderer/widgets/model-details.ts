import { useCallback, useEffect } from "react";
import { useStore } from "zustand";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { ModelKind } from "../../graph/definition.ts";
import type { Host } from "../../protocol/host.ts";
import type { ModelDetails } from "../../protocol/models.ts";
import { useHost, useSession } from "../session/context.tsx";

type Details = ReadonlyMap<string, ModelDetails>;

const key = (kind: ModelKind, name: string) => `${kind}\n${name}`;
const stores = new WeakMap<Host, StoreApi<{ details: Details; askedFor: unknown }>>();

function storeOf(host: Host) {
  const known = stores.get(host);
  if (known) return known;
  const store = createStore<{ details: Details; askedFor: unknown }>(() => ({
    details: new Map(),
    askedFor: undefined,
  }));
  stores.set(host, store);
  return store;
}

/** What the host knows of its models besides their names: previews, trigger words. Asked for once per list of models. */
export function useModelDetails(): (kind: ModelKind, name: string) => ModelDetails | undefined {
  const { host } = useSession();
  const models = useHost((state) => state.models);
  const store = storeOf(host);
  useEffect(() => {
    if (models === undefined || store.getState().askedFor === models) return;
    store.setState({ askedFor: models });
    host.rpc.models.library().then(
      (library) => store.setState({ details: new Map(library.map((one) => [key(one.kind, one.name), one])) }),
      () => {
        // The list of names is enough to choose from.
      },
    );
  }, [host, models, store]);
  const details = useStore(store, (state) => state.details);
  return useCallback((kind, name) => details.get(key(kind, name)), [details]);
}
