import { createStore } from "zustand/vanilla";

export type Screens = typeof import("./screens.ts");

interface ScreensState {
  readonly loaded: Screens | undefined;
  /** The last attempt went wrong. */
  readonly failed: boolean;
}

/** The code of the screens above the editor. */
export const screens = createScreens(() => import("./screens.ts"));

/** What went wrong is in the state, and the next call tries once more. */
export function createScreens(find: () => Promise<Screens>) {
  const store = createStore<ScreensState>(() => ({ loaded: undefined, failed: false }));
  let loading: Promise<void> | undefined;
  const load = (): Promise<void> => {
    if (loading) return loading;
    // What was told of the last attempt does not hold for this one.
    store.setState({ failed: false });
    loading = find().then(
      (loaded) => store.setState({ loaded }),
      () => {
        loading = undefined;
        store.setState({ failed: true });
      },
    );
    return loading;
  };
  return { ...store, load };
}

/** Loads them when the page has nothing else to do, so that none is late when it is asked for. */
export function loadScreensWhenIdle(): void {
  // Not in Safari.
  if ("requestIdleCallback" in window) window.requestIdleCallback(() => void screens.load());
  else setTimeout(() => void screens.load(), 500);
}
