import type { RunEvent } from "../../graph/events.ts";

/** How often the memory is looked at while a node runs: peaks that last shorter are missed. */
const LOOK_EVERY_MS = 50;

/**
 * Adds to each finished node how much memory this process held at most while the node ran, in bytes: of the whole process,
 * models that stay loaded included, since that is what has to fit into the machine. Cached nodes took none.
 */
export function watchMemory(
  onEvent: (event: RunEvent) => void,
  memory: () => number = () => process.memoryUsage.rss(),
): { onEvent(event: RunEvent): void; stop(): void } {
  const peaks = new Map<string, number>();
  const look = () => {
    const now = memory();
    for (const [node, peak] of peaks) if (now > peak) peaks.set(node, now);
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  timer.unref();
  return {
    onEvent(event) {
      if (event.type === "node-started") peaks.set(event.nodeId, memory());
      else if (event.type === "node-progress") look();
      else if (event.type === "node-finished" && !event.cached) {
        look();
        const peak = peaks.get(event.nodeId);
        peaks.delete(event.nodeId);
        onEvent(peak === undefined ? event : { ...event, memoryBytes: peak });
        return;
      } else if (event.type === "node-failed") peaks.delete(event.nodeId);
      onEvent(event);
    },
    stop: () => clearInterval(timer),
  };
}
