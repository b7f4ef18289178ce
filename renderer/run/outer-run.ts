import type { NodeRun, RunState } from "./run-state.ts";

/** How a subgraph runs, from how the nodes inside run: `prefix` begins the ids of all of them. `undefined`: not at all. */
export function outerRun(nodes: RunState["nodes"], prefix: string): NodeRun | undefined {
  const inner = [...nodes].flatMap(([id, run]) => (id.startsWith(prefix) ? [run] : []));
  const [first] = inner;
  if (!first) return undefined;
  const running = inner.find(({ phase }) => phase === "running");
  const failed = inner.find(({ phase }) => phase === "failed");
  const ended = inner.filter(({ phase }) => phase === "done" || phase === "cached").length;
  const total = inner.reduce((sum, { progress }) => sum + (progress ? 8 : 1), 0);
  const value = inner.reduce((sum, { phase, progress }) => {
    if (phase === "running" && progress) return sum + (8 * progress.value) / Math.max(1, progress.max);
    return sum + (phase === "queued" || phase === "running" ? 0 : progress ? 8 : 1);
  }, 0);
  const phase = phaseOf(inner, ended);
  const images = inner.flatMap((run) => run.images ?? []);
  const error = failed?.error;
  return {
    phase,
    warnings: inner.flatMap(({ warnings }) => warnings),
    ...(phase === "running" ? { progress: { value, max: total, label: running?.progress?.label } } : {}),
    ...(images.length > 0 ? { images } : {}),
    ...(ended > 0 ? { durationMs: inner.reduce((sum, run) => sum + (run.durationMs ?? 0), 0) } : {}),
    ...previewOf(running?.preview ? running : inner.findLast(({ preview }) => preview)),
    ...(error ? { error, failedIn: failed?.failedIn } : {}),
  };
}

const previewOf = (run: NodeRun | undefined) =>
  run?.preview ? { preview: run.preview, isPreviewOld: run.isPreviewOld } : {};

function phaseOf(inner: readonly NodeRun[], ended: number): NodeRun["phase"] {
  if (inner.some(({ phase }) => phase === "failed")) return "failed";
  if (inner.some(({ phase }) => phase === "running")) return "running";
  if (inner.some(({ phase }) => phase === "stopped")) return "stopped";
  if (ended === inner.length) return inner.every(({ phase }) => phase === "cached") ? "cached" : "done";
  return ended > 0 ? "running" : "queued";
}
