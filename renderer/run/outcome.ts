import type { WorkflowLink } from "../../graph/document.ts";
import type { ImageReference } from "../../graph/events.ts";
import { PATH_SEPARATOR } from "../../graph/subgraphs/boundary.ts";
import type { NodeRun, RunState } from "./run-state.ts";

export interface Outcome {
  readonly image: ImageReference;
  /** It is of the run before. */
  readonly isOld: boolean;
}

type Link = Pick<WorkflowLink, "from" | "to">;

/** The ids of the nodes behind each node. Kept as long as the links: every sampler of a workflow asks, with every event of a run. */
const behind = new WeakMap<readonly Link[], ReadonlyMap<string, readonly string[]>>();

function nodesBehind(links: readonly Link[]): ReadonlyMap<string, readonly string[]> {
  let found = behind.get(links);
  if (!found) {
    const ofSource = Map.groupBy(links, ({ from }) => from.node);
    found = new Map([...ofSource].map(([id, leaving]) => [id, leaving.map(({ to }) => to.node)]));
    behind.set(links, found);
  }
  return found;
}

/**
 * The picture that came of what a node made, at the nearest node behind it that shows one. `undefined` while there is none of
 * this run; of the run before only when `orOlder`. Pure.
 *
 * @param prefix stands before the ids of the nodes of `links` in what is told of runs
 */
export function outcomeOf(
  nodes: RunState["nodes"],
  links: readonly Link[],
  { nodeId, prefix, orOlder }: { nodeId: string; prefix: string; orOlder: boolean },
): Outcome | undefined {
  const next = nodesBehind(links);
  const seen = new Set([nodeId]);
  // A set is gone through in the order of what is added, also meanwhile: the nearest first.
  for (const at of seen) {
    for (const id of next.get(at) ?? []) {
      if (seen.has(id)) continue;
      seen.add(id);
      const found = pictureOf(nodes, prefix + id);
      if (found && (orOlder || !found.isOld)) return found;
    }
  }
  return undefined;
}

/** The first picture of a node, or of a node inside the subgraph that it stands for. */
function pictureOf(nodes: RunState["nodes"], key: string): Outcome | undefined {
  const outcome = (run: NodeRun | undefined): Outcome | undefined => {
    const image = run?.images?.[0];
    return run && image ? { image, isOld: run.phase !== "done" && run.phase !== "cached" } : undefined;
  };
  const own = nodes.get(key);
  // What a subgraph stands for runs by itself, and nothing else has nodes inside.
  if (own) return outcome(own);
  for (const [id, run] of nodes) {
    const inner = id.startsWith(key + PATH_SEPARATOR) ? outcome(run) : undefined;
    if (inner) return inner;
  }
  return undefined;
}
