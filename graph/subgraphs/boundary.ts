import type { Subgraph, WorkflowNode } from "../document.ts";

/** Nodes that stand for a subgraph have its id behind this as their type. */
const INSTANCE_PREFIX = "subgraph/";
/** The node inside a subgraph whose outputs are what comes in from outside. */
export const INPUT_NODE = "subgraph-input";
/** The node inside a subgraph whose inputs are what it gives to the outside. */
export const OUTPUT_NODE = "subgraph-output";
/** Between the id of a node that stands for a subgraph and that of a node inside: `detailer/sampler`. */
export const PATH_SEPARATOR = "/";

type Typed = Pick<WorkflowNode, "type">;

export const instanceType = (subgraphId: string): string => INSTANCE_PREFIX + subgraphId;
export const isInstance = ({ type }: Typed): boolean => type.startsWith(INSTANCE_PREFIX);
export const isBoundary = ({ type }: Typed): boolean => type === INPUT_NODE || type === OUTPUT_NODE;

/** The id of the subgraph that a node stands for; `undefined` for any other node. */
export function subgraphIdOf({ type }: Typed): string | undefined {
  return type.startsWith(INSTANCE_PREFIX) ? type.slice(INSTANCE_PREFIX.length) : undefined;
}

/** The subgraphs that are used in a graph, by id, nested ones among them. */
export function subgraphsUsedIn(nodes: readonly Typed[], subgraphs: readonly Subgraph[]): Map<string, Subgraph> {
  const byId = new Map(subgraphs.map((subgraph) => [subgraph.id, subgraph]));
  const used = new Map<string, Subgraph>();
  const waiting = nodes.flatMap((node) => subgraphIdOf(node) ?? []);
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const subgraph = byId.get(id);
    if (!subgraph || used.has(id)) continue;
    used.set(id, subgraph);
    waiting.push(...subgraph.nodes.flatMap((node) => subgraphIdOf(node) ?? []));
  }
  return used;
}

/** Whether `subgraph` holds `id`, itself or through others: then a node for it inside `id` would never end. */
export function holdsSubgraph(subgraphs: readonly Subgraph[], subgraphId: string, id: string): boolean {
  if (subgraphId === id) return true;
  const subgraph = subgraphs.find((candidate) => candidate.id === subgraphId);
  return subgraph !== undefined && subgraphsUsedIn(subgraph.nodes, subgraphs).has(id);
}
