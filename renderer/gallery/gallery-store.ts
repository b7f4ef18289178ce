import { createStore, type StoreApi } from "zustand/vanilla";
import type { ErrorPayload } from "../../common/errors.ts";
import { fromWireError } from "../../protocol/errors.ts";
import {
  type GalleryFacet,
  type GalleryPicture,
  type GalleryQueryInput,
  MOST_PICTURES,
} from "../../protocol/gallery.ts";
import type { Host } from "../../protocol/host.ts";
import { NOTHING, type Selection } from "./selection.ts";

export type GalleryFilter = Omit<Required<Pick<GalleryQueryInput, "words">> & GalleryQueryInput, "limit">;

/** What of the saved pictures is looked at. */
export interface GalleryState {
  readonly filter: GalleryFilter;
  /** `undefined` until they were asked for. */
  readonly pictures: readonly GalleryPicture[] | undefined;
  readonly models: readonly GalleryFacet[];
  readonly loras: readonly GalleryFacet[];
  /** Files that the host has not read yet. */
  readonly remaining: number;
  readonly failure: ErrorPayload | undefined;
  readonly selection: Selection;
  /** The viewer that took its place was closed: the keyboard goes on among the pictures. */
  readonly isBack: boolean;
  /** What was moved to the trash and can be brought back: what was moved together, the last first. */
  readonly trashed: readonly (readonly string[])[];
}

export interface GalleryStore extends StoreApi<GalleryState> {
  /** Has the host look at its folder, and shows what is found meanwhile. */
  refresh(): Promise<void>;
  setFilter(change: Partial<GalleryFilter>): Promise<void>;
  mark(hashes: readonly string[], marks: { favourite?: boolean; rating?: number }): Promise<void>;
  trash(hashes: readonly string[]): Promise<number>;
  restore(hashes: readonly string[]): Promise<number>;
  /** How many pictures lie in the trash, whatever the filter leaves of them. */
  countTrash(): Promise<number>;
  purge(hashes?: readonly string[]): Promise<number>;
}

export const NO_FILTER: GalleryFilter = { words: "" };
/** These are there at once; the rest follows. */
const FIRST = 200;
/** While files are read, the list is fetched again when so many times as many have been. */
const GROWTH = 1.5;

export function createGalleryStore(host: Pick<Host, "rpc">): GalleryStore {
  const store = createStore<GalleryState>(() => ({
    filter: NO_FILTER,
    pictures: undefined,
    models: [],
    loras: [],
    remaining: 0,
    failure: undefined,
    selection: NOTHING,
    isBack: false,
    trashed: [],
  }));
  let searches = 0;
  let refreshing: Promise<void> | undefined;

  /** Of several searches on their way only the latest counts. */
  async function search(): Promise<void> {
    const mine = ++searches;
    const { filter } = store.getState();
    for (const limit of [FIRST, MOST_PICTURES]) {
      const { pictures, total } = await host.rpc.gallery.search({ ...filter, limit });
      if (mine !== searches) return;
      // A list that is there is not cut off to its beginning while the whole is fetched.
      const known = store.getState().pictures?.length ?? 0;
      if (limit !== FIRST || total <= FIRST || known <= FIRST) store.setState({ pictures, failure: undefined });
      if (total <= limit) return;
    }
  }

  async function look(): Promise<void> {
    await search();
    let most = 0;
    let readWhenSearched = 0;
    let remainingWhenSearched = 0;
    for (let remaining = 1; remaining > 0; ) {
      const answer = await host.rpc.gallery.refresh();
      remaining = answer.remaining;
      store.setState({ remaining });
      most = Math.max(most, remaining);
      // Fetching ten thousand after every few hundred that were read would take as long as reading them.
      const read = most - remaining;
      // Another window may have had the rest read.
      const isNew = answer.changed || remaining < remainingWhenSearched;
      if (!isNew || (remaining > 0 && read < readWhenSearched * GROWTH)) continue;
      readWhenSearched = Math.max(read, 1);
      remainingWhenSearched = remaining;
      await search();
    }
    store.setState(await host.rpc.gallery.facets());
  }

  const guard = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      store.setState({ failure: fromWireError(error).toPayload() });
      return undefined;
    }
  };
  /** Some files may have been moved before the disk refused one: what is shown follows, and why stays said. */
  const guardFiles = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    const done = await guard(work);
    if (done !== undefined) return done;
    const { failure } = store.getState();
    await search().catch(() => undefined);
    store.setState({ failure });
    return undefined;
  };
  const drop = (hashes: readonly string[]) => {
    const gone = new Set(hashes);
    store.setState(({ pictures }) => ({ pictures: pictures?.filter(({ hash }) => !gone.has(hash)) }));
  };
  /** What is back, or deleted for good, cannot be brought back any more. */
  const forget = (hashes: readonly string[]) => {
    const gone = new Set(hashes);
    const left = store.getState().trashed.map((together) => together.filter((hash) => !gone.has(hash)));
    store.setState({ trashed: left.filter(({ length }) => length > 0) });
  };

  return Object.assign(store, {
    refresh() {
      refreshing ??= guard(look).finally(() => {
        refreshing = undefined;
      });
      return refreshing;
    },
    async setFilter(change: Partial<GalleryFilter>) {
      store.setState(({ filter }) => ({ filter: { ...filter, ...change } }));
      await guard(search);
    },
    async mark(hashes: readonly string[], marks: { favourite?: boolean; rating?: number }) {
      const marked = new Set(hashes);
      const before = store.getState().pictures;
      store.setState({
        pictures: before?.map((picture) => (marked.has(picture.hash) ? { ...picture, ...marks } : picture)),
      });
      const done = await guard(() => host.rpc.gallery.mark({ hashes: [...hashes], ...marks }));
      if (!done) store.setState({ pictures: before });
    },
    async trash(hashes: readonly string[]) {
      const { filter } = store.getState();
      const answer = await guardFiles(() => host.rpc.gallery.trash({ hashes: [...hashes] }));
      const moved = answer?.moved ?? 0;
      if (moved > 0) store.setState(({ trashed }) => ({ trashed: [[...hashes], ...trashed] }));
      // Somebody may look at other pictures by now, such as at those in the trash; others may have been there first.
      if (moved > 0 && store.getState().filter === filter) drop(hashes);
      else if (answer) await guard(search);
      return moved;
    },
    async restore(hashes: readonly string[]) {
      const answer = await guardFiles(() => host.rpc.gallery.restore({ hashes: [...hashes] }));
      if (answer) {
        forget(hashes);
        await guard(search);
      }
      return answer?.moved ?? 0;
    },
    async countTrash() {
      const found = await guard(() => host.rpc.gallery.search({ ...NO_FILTER, trash: true, limit: 1 }));
      return found?.total ?? 0;
    },
    async purge(hashes?: readonly string[]) {
      const answer = await guardFiles(() => host.rpc.gallery.purge(hashes ? { hashes: [...hashes] } : {}));
      if (answer) {
        if (hashes) forget(hashes);
        else store.setState({ trashed: [] });
        await guard(search);
      }
      return answer?.deleted ?? 0;
    },
  });
}
