import type { RunEvent } from "../../graph/events.ts";
import type { LogFact } from "../../protocol/run-log.ts";
import type { LogLine } from "./job.ts";
import type { NamedNode } from "./node-names.ts";

/** What an event says in a job's log, with nodes by name; `undefined` when it says nothing that a person would read. */
export function logLineOf(event: RunEvent, time: number, nameOf: (nodeId: string) => NamedNode): LogLine | undefined {
  const line = (level: LogLine["level"], message: string, fact: LogFact): LogLine => ({ time, level, message, fact });
  switch (event.type) {
    case "run-started":
      return line("info", `Started: ${event.nodeIds.length} nodes.`, { code: "started", nodes: event.nodeIds.length });
    case "node-started": {
      const { text, node } = nameOf(event.nodeId);
      return line("info", `${text}: started.`, { code: "node-started", node });
    }
    case "node-progress": {
      const { text, node } = nameOf(event.nodeId);
      const { value, max, label, labelCode } = event;
      if (label === undefined)
        return line("info", `${text}: ${value} of ${max}`, { code: "node-step", node, value, max });
      const fact: LogFact = labelCode ? { code: "node-preparing", node } : { code: "node-says", node, words: label };
      return line("info", `${text}: ${label}`, fact);
    }
    case "node-warning": {
      const { text, node } = nameOf(event.nodeId);
      return line("warn", `${text}: ${event.warning.message}`, { code: "node-problem", node, error: event.warning });
    }
    case "node-finished": {
      const { text, node } = nameOf(event.nodeId);
      return event.cached
        ? line("info", `${text}: cached.`, { code: "node-cached", node })
        : line("info", `${text}: done in ${duration(event.durationMs)}.`, {
            code: "node-done",
            node,
            ms: event.durationMs,
          });
    }
    case "node-failed": {
      const { text, node } = nameOf(event.nodeId);
      return line("error", `${text}: ${event.error.message}`, { code: "node-problem", node, error: event.error });
    }
    case "run-finished": {
      if (event.error) return line("error", event.error.message, { code: "failed", error: event.error });
      const ms = event.timings.totalMs;
      return event.status === "done"
        ? line("info", `Done after ${duration(ms)}.`, { code: "done", ms })
        : line("info", `Cancelled after ${duration(ms)}.`, { code: "cancelled", ms });
    }
  }
}

const duration = (ms: number) => (ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`);
