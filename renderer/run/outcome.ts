import type { WorkflowLink } from "../../graph/document.ts";
import type { ImageReference } from "../../graph/events.ts";
import { PATH_SEPARATOR } from "../../graph/subgraphs/boundary.ts";
import type { NodeRun, RunState } from "./run-state.ts";

export interface Outcome {
  readonly image: ImageReference;
  /** It is of the run before. */
  readonly isOld: boolean;
}

/**
 * The picture that came of what a node made, at the nearest node behind it that shows one. `undefined` while there is none of
 * this run; of the run before only when `orOlder`. Pure.
 *
 * @param prefix stands before the ids of the nodes of `links` in what is told of runs
 */
export function outcomeOf(
  nodes: RunState["nodes"],
  links: readonly Pick<WorkflowLink, "from" | "to">[],
  { nodeId, prefix, orOlder }: { nodeId: string; prefix: string; orOlder: boolean },
): Outcome | undefined {
  const seen = new Set([nodeId]);
  let last = new Set([nodeId]);
  while (last.size > 0) {
    const next = links.flatMap(({ from, to }) => (last.has(from.node) && !seen.has(to.node) ? to.node : []));
    for (const id of next) {
      seen.add(id);
      const found = pictureOf(nodes, prefix + id);
      if (found && (orOlder || !found.isOld)) return found;
    }
    last = new Set(next);
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
