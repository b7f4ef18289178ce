import type { RunEvent } from "../../graph/events.ts";
import type { LogLine } from "./job.ts";

/** What an event says in a job's log, with nodes by name; `undefined` when it says nothing that a person would read. */
export function logLineOf(event: RunEvent, time: number, nameOf: (nodeId: string) => string): LogLine | undefined {
  const line = (level: LogLine["level"], message: string) => ({ time, level, message });
  switch (event.type) {
    case "run-started":
      return line("info", `Started: ${event.nodeIds.length} nodes.`);
    case "node-started":
      return line("info", `${nameOf(event.nodeId)}: started.`);
    case "node-progress":
      return line("info", `${nameOf(event.nodeId)}: ${event.label ?? `${event.value} of ${event.max}`}`);
    case "node-warning":
      return line("warn", `${nameOf(event.nodeId)}: ${event.warning.message}`);
    case "node-finished":
      return line(
        "info",
        event.cached
          ? `${nameOf(event.nodeId)}: cached.`
          : `${nameOf(event.nodeId)}: done in ${duration(event.durationMs)}.`,
      );
    case "node-failed":
      return line("error", `${nameOf(event.nodeId)}: ${event.error.message}`);
    case "run-finished":
      return event.error
        ? line("error", event.error.message)
        : line("info", `${event.status === "done" ? "Done" : "Cancelled"} after ${duration(event.timings.totalMs)}.`);
  }
}

const duration = (ms: number) => (ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`);
