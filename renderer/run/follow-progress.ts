import type { StoreApi } from "zustand/vanilla";
import type { Host } from "../../protocol/host.ts";
import type { RunState } from "./run-state.ts";

/**
 * Tells the host how far a run is, in hundredths, for the program's icon; and that there is none any more when it ends.
 * @returns what stops it
 */
export function followProgress(
  runs: Pick<StoreApi<Pick<RunState, "phase" | "progress">>, "getState" | "subscribe">,
  host: Pick<Host, "showProgress">,
): () => void {
  let told: number | undefined;
  const tell = (share: number | undefined) => {
    if (share === told) return;
    told = share;
    host.showProgress?.(share);
  };
  const follow = () => {
    const { phase, progress } = runs.getState();
    tell(phase === "running" || phase === "cancelling" ? Math.round(progress * 100) / 100 : undefined);
  };
  follow();
  const unsubscribe = runs.subscribe(follow);
  return () => {
    unsubscribe();
    tell(undefined);
  };
}
