import type { ErrorPayload } from "../../common/errors.ts";
import type { ImageReference, Preview, RunEvent, RunTimings } from "../../graph/events.ts";
import { type Pace, paced } from "./time-left.ts";

/** What a run means to the editor: per-node state, and the results of this session. Pure; fed with run events. */
export type NodePhase = "queued" | "running" | "done" | "cached" | "failed" | "stopped";

export interface NodeRun {
  readonly phase: NodePhase;
  readonly progress?:
    | {
        readonly value: number;
        readonly max: number;
        readonly label?: string | undefined;
        readonly labelCode?: "preparing" | undefined;
      }
    | undefined;
  readonly preview?: Preview | undefined;
  /** The preview is of the run before. */
  readonly isPreviewOld?: boolean | undefined;
  readonly images?: readonly ImageReference[] | undefined;
  readonly info?: Readonly<Record<string, string | number | boolean>> | undefined;
  readonly durationMs?: number | undefined;
  /** The most memory that the engine held meanwhile, in bytes. */
  readonly memoryBytes?: number | undefined;
  /** How much more that is than before the node ran, in bytes. */
  readonly memoryRiseBytes?: number | undefined;
  readonly error?: ErrorPayload | undefined;
  /** The run in which it failed. */
  readonly failedIn?: string | undefined;
  readonly warnings: readonly ErrorPayload[];
  /** It counts its steps, and takes most of the time: of this run or the one before. */
  readonly isLong?: boolean | undefined;
  /** How many steps it counted: in this run or the one before. */
  readonly steps?: number | undefined;
}

export interface Result {
  readonly image: ImageReference;
  readonly nodeId: string;
  readonly runId: string;
}

export type RunPhase = "idle" | "starting" | "running" | "cancelling";

export interface LastRun {
  readonly runId: string;
  readonly status: "done" | "failed" | "cancelled";
  readonly timings: RunTimings;
  readonly cachedNodes: number;
  /** Every node was cached: nothing was computed. */
  readonly isUnchanged: boolean;
  readonly error?: ErrorPayload | undefined;
}

export interface RunState {
  readonly phase: RunPhase;
  readonly runId: string | undefined;
  /** Runs that wait their turn, in order. */
  readonly waiting: readonly string[];
  /** None of its runs goes on yet: they wait for one of another window or of a program. */
  readonly isBehind: boolean;
  readonly nodes: ReadonlyMap<string, NodeRun>;
  /** Share of the run that is done, 0 to 1; never goes back. */
  readonly progress: number;
  /** How fast the run goes; undefined where none does. */
  readonly pace: Pace | undefined;
  /** Pictures made in this session, newest first; one entry per picture. */
  readonly results: readonly Result[];
  /** The last picture of each run of this session, also where another run had made the same before. */
  readonly pictureOf: ReadonlyMap<string, ImageReference>;
  readonly last: LastRun | undefined;
  /** A failure that belongs to no node (the run could not start, the engine died between nodes). */
  readonly failure: ErrorPayload | undefined;
}

export const initialRunState: RunState = {
  phase: "idle",
  runId: undefined,
  waiting: [],
  isBehind: false,
  nodes: new Map(),
  progress: 0,
  pace: undefined,
  results: [],
  pictureOf: new Map(),
  last: undefined,
  failure: undefined,
};

/** The node at which a run failed; `undefined` where that run is not known to have failed at one. */
export function failedNodeOf({ nodes }: Pick<RunState, "nodes">, runId: string | undefined): string | undefined {
  if (runId === undefined) return undefined;
  return [...nodes].find(([, node]) => node.phase === "failed" && node.failedIn === runId)?.[0];
}

/** The pictures that a reloaded window shows again: those of each node's latest run. */
export function rememberedNodes(results: readonly Result[]): Map<string, NodeRun> {
  const nodes = new Map<string, NodeRun>();
  for (const [nodeId, own] of Map.groupBy(results, (result) => result.nodeId)) {
    const latest = own.filter(({ runId }) => runId === own[0]?.runId);
    if (nodeId) nodes.set(nodeId, { phase: "stopped", images: latest.map(({ image }) => image), warnings: [] });
  }
  return nodes;
}

/**
 * With what the workflow made earlier. A node that has shown nothing in this tab shows its latest picture, as one of an earlier
 * run; what a run of this tab says of a node stays.
 */
export function recalled(state: RunState, found: readonly Result[]): RunState {
  const known = new Set(state.results.map(({ image }) => image.hash));
  const older = [...new Map(found.map((result) => [result.image.hash, result])).values()].filter(
    ({ image }) => !known.has(image.hash),
  );
  const earlier = rememberedNodes(found);
  for (const [id, { images }] of earlier) {
    const now = state.nodes.get(id);
    if (!now) continue;
    const isOpen = now.phase === "queued" || now.phase === "running" || now.phase === "stopped";
    earlier.set(id, isOpen && !now.images ? { ...now, images } : now);
  }
  return { ...state, results: [...state.results, ...older], nodes: new Map([...state.nodes, ...earlier]) };
}

export function reduceRun(
  state: RunState,
  event: RunEvent,
  isLong: (nodeId: string) => boolean = () => false,
  now = Date.now(),
): RunState {
  const next = applyEvent(state, event, isLong);
  if (next.runId === undefined) return next.pace ? { ...next, pace: undefined } : next;
  const before = next.runId === state.runId ? state : undefined;
  const progress = Math.max(before?.progress ?? 0, shareDone(next.nodes));
  return { ...next, progress, pace: paced(before?.pace, progress, now) };
}

function applyEvent(state: RunState, event: RunEvent, isLong: (nodeId: string) => boolean): RunState {
  switch (event.type) {
    case "run-started":
      return {
        ...state,
        phase: "running",
        runId: event.runId,
        waiting: state.waiting.filter((id) => id !== event.runId),
        nodes: queueNodes(state.nodes, event.nodeIds, isLong),
        last: undefined,
        failure: undefined,
      };
    case "node-started":
      return withNode(state, event.nodeId, (node) => ({
        phase: "running",
        images: node.images,
        preview: node.preview,
        isPreviewOld: node.isPreviewOld,
        isLong: node.isLong,
        steps: node.steps,
        warnings: [],
      }));
    case "node-progress":
      return withNode(state, event.nodeId, (node) => ({
        ...node,
        phase: "running",
        progress: { value: event.value, max: event.max, label: event.label, labelCode: event.labelCode },
        preview: event.preview ?? node.preview,
        isPreviewOld: event.preview ? false : node.isPreviewOld,
        isLong: true,
        steps: event.max,
      }));
    case "node-warning":
      return withNode(state, event.nodeId, (node) => ({ ...node, warnings: [...node.warnings, event.warning] }));
    case "node-finished": {
      const finished = withNode(state, event.nodeId, (node) => ({
        phase: event.cached ? "cached" : "done",
        images: event.images ?? (event.cached ? node.images : undefined),
        // The last preview stays until the picture is there that came of it: a card that shrinks meanwhile would move.
        preview: node.preview,
        isLong: node.isLong,
        steps: node.steps,
        info: event.info,
        durationMs: event.durationMs,
        memoryBytes: event.memoryBytes,
        memoryRiseBytes: event.memoryRiseBytes,
        warnings: node.warnings,
      }));
      return { ...finished, results: addResults(finished.results, event.images ?? [], event) };
    }
    case "node-failed":
      return withNode(state, event.nodeId, (node) => ({
        ...node,
        phase: "failed",
        progress: undefined,
        error: event.error,
        failedIn: event.runId,
      }));
    case "run-finished":
      return finishRun(state, event);
  }
}

/** What counts its steps counts for most of a run: at least as much, else as many as its steps. */
const LONG_WEIGHT = 30;
/** What took less computed nothing that a person waits for. */
const NO_TIME_MS = 50;

/** What was known already, or took no time, is no share of the work. */
const isNoWork = ({ phase, durationMs = 0 }: NodeRun) =>
  phase === "cached" || (phase === "done" && durationMs < NO_TIME_MS);

function shareDone(nodes: RunState["nodes"]): number {
  let done = 0;
  let total = 0;
  let isAllKnown = false;
  for (const node of nodes.values()) {
    // A picture of an earlier run that this one does not touch.
    if (node.phase === "stopped") continue;
    if (isNoWork(node)) {
      isAllKnown = true;
      continue;
    }
    const weight = node.isLong ? Math.max(LONG_WEIGHT, node.steps ?? 0) : 1;
    total += weight;
    if (node.phase === "running" && node.progress)
      done += weight * (node.progress.value / Math.max(1, node.progress.max));
    else if (node.phase !== "queued" && node.phase !== "running") done += weight;
  }
  if (total === 0) return isAllKnown ? 1 : 0;
  return Math.min(1, done / total);
}

function finishRun(state: RunState, event: Extract<RunEvent, { type: "run-finished" }>): RunState {
  // A run that is taken out of the queue while another one goes on ends nothing of that one.
  const isOther = state.runId !== undefined && state.runId !== event.runId;
  const nodes = new Map(state.nodes);
  for (const [id, node] of nodes) {
    if (!isOther && (node.phase === "queued" || node.phase === "running")) {
      const { images, preview, isPreviewOld, warnings } = node;
      nodes.set(id, { phase: "stopped", images, preview, isPreviewOld, warnings });
    }
  }
  const { error } = event;
  const owner = error?.nodeId === undefined ? undefined : nodes.get(error.nodeId);
  if (error?.nodeId !== undefined && owner?.phase !== "failed") {
    nodes.set(error.nodeId, {
      ...owner,
      phase: "failed",
      error,
      failedIn: event.runId,
      warnings: owner?.warnings ?? [],
    });
  }
  return {
    ...state,
    nodes,
    phase: isOther ? state.phase : "idle",
    runId: isOther ? state.runId : undefined,
    waiting: state.waiting.filter((id) => id !== event.runId),
    results: addResults(state.results, event.images, { nodeId: "", runId: event.runId }),
    pictureOf:
      event.images.length > 0 ? new Map(state.pictureOf).set(event.runId, event.images.at(-1)!) : state.pictureOf,
    last: isOther
      ? state.last
      : {
          runId: event.runId,
          status: event.status,
          timings: event.timings,
          cachedNodes: event.cachedNodes.length,
          isUnchanged: event.status === "done" && [...state.nodes.values()].every(({ phase }) => phase === "cached"),
          error,
        },
    failure: event.status === "failed" && error?.nodeId === undefined ? error : undefined,
  };
}

function queueNodes(
  previous: RunState["nodes"],
  nodeIds: readonly string[],
  isLong: (nodeId: string) => boolean,
): Map<string, NodeRun> {
  const nodes = new Map<string, NodeRun>();
  // Pictures of the run before stay on their nodes until new ones replace them.
  for (const id of nodeIds) {
    const { images, preview, steps, isLong: wasLong } = previous.get(id) ?? {};
    const isPreviewOld = preview !== undefined;
    nodes.set(id, {
      phase: "queued",
      images,
      preview,
      isPreviewOld,
      isLong: wasLong || isLong(id),
      steps,
      warnings: [],
    });
  }
  for (const [id, node] of previous) {
    if (!nodes.has(id) && node.images) nodes.set(id, { phase: "stopped", images: node.images, warnings: [] });
  }
  return nodes;
}

function withNode(state: RunState, nodeId: string, change: (node: NodeRun) => NodeRun): RunState {
  const nodes = new Map(state.nodes);
  nodes.set(nodeId, change(nodes.get(nodeId) ?? { phase: "queued", warnings: [] }));
  return { ...state, nodes };
}

function addResults(
  results: readonly Result[],
  images: readonly ImageReference[],
  { nodeId, runId }: { nodeId: string; runId: string },
): readonly Result[] {
  const known = new Set(results.map(({ image }) => image.hash));
  const fresh = images.filter(
    (image, at) => !known.has(image.hash) && images.findIndex((i) => i.hash === image.hash) === at,
  );
  return fresh.length === 0 ? results : [...fresh.map((image) => ({ image, nodeId, runId })), ...results];
}
