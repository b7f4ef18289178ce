import { createStore, type StoreApi } from "zustand/vanilla";
import type { ErrorPayload } from "../../common/errors.ts";
import type { ImageReference } from "../../graph/events.ts";
import { fromWireError } from "../../protocol/errors.ts";
import type { Host } from "../../protocol/host.ts";

/** The pictures of the output folder, newest first; `undefined` until they were asked for. */
export interface GalleryState {
  readonly pictures: readonly ImageReference[] | undefined;
  readonly failure: ErrorPayload | undefined;
}

export interface GalleryStore extends StoreApi<GalleryState> {
  refresh(): Promise<void>;
}

const FIRST = 60;
const MOST = 10_000;

export function createGalleryStore(host: Pick<Host, "rpc">): GalleryStore {
  const store = createStore<GalleryState>(() => ({ pictures: undefined, failure: undefined }));
  return Object.assign(store, {
    /** A folder of years takes a while to read: the newest come first. */
    async refresh() {
      try {
        for (const limit of [FIRST, MOST]) {
          const pictures = await host.rpc.images.recent({ limit });
          store.setState({ pictures, failure: undefined });
          if (pictures.length < limit) return;
        }
      } catch (error) {
        store.setState({ failure: fromWireError(error).toPayload() });
      }
    },
  });
}
