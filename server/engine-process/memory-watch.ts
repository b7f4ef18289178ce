import type { RunEvent } from "../../graph/events.ts";

/** How often the memory is looked at while a node runs: peaks that last shorter are missed. */
const LOOK_EVERY_MS = 50;

interface Held {
  readonly before: number;
  readonly peak: number;
}

/**
 * Adds to each finished node how much memory this process held at most while the node ran, in bytes: of the whole process,
 * models that stay loaded included, since that is what has to fit into the machine; and how much more that is than before the
 * node, which is what the node itself took. Cached nodes took none.
 */
export function watchMemory(
  onEvent: (event: RunEvent) => void,
  memory: () => number = () => process.memoryUsage.rss(),
): { onEvent(event: RunEvent): void; stop(): void } {
  const held = new Map<string, Held>();
  const look = () => {
    const now = memory();
    for (const [node, { before, peak }] of held) if (now > peak) held.set(node, { before, peak: now });
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  timer.unref();
  return {
    onEvent(event) {
      if (event.type === "node-started") {
        const now = memory();
        held.set(event.nodeId, { before: now, peak: now });
      } else if (event.type === "node-progress") look();
      else if (event.type === "node-finished" && !event.cached) {
        look();
        const own = held.get(event.nodeId);
        held.delete(event.nodeId);
        onEvent(own ? { ...event, memoryBytes: own.peak, memoryRiseBytes: own.peak - own.before } : event);
        return;
      } else if (event.type === "node-failed") held.delete(event.nodeId);
      onEvent(event);
    },
    stop: () => clearInterval(timer),
  };
}
