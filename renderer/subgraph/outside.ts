import type { JsonValue, Subgraph, WorkflowDocument, WorkflowNode } from "../../graph/document.ts";

/** Where the value of a param inside a subgraph is set: on the node that stands for the subgraph, or further out. */
export interface Outside {
  /** The graph with that node, as the ids of the nodes that lead to it. */
  readonly path: readonly string[];
  readonly node: WorkflowNode;
  readonly param: string;
  /** What the node has; `undefined`: the usual value, which is the one inside. */
  readonly value: JsonValue | undefined;
  /** A link gives the value there. */
  readonly isLinked: boolean;
}

/** @returns `undefined` for a param that the subgraph does not show outside */
export function outsideOf(
  { document, inside, path }: { document: WorkflowDocument; inside: readonly Subgraph[]; path: readonly string[] },
  nodeId: string,
  param: string,
): Outside | undefined {
  const shown = inside.at(-1)?.params.find((own) => own.node === nodeId && own.param === param);
  const outerId = path.at(-1);
  const outer = { document, inside: inside.slice(0, -1), path: path.slice(0, -1) };
  const graph = outer.inside.at(-1) ?? document;
  const node = graph.nodes.find(({ id }) => id === outerId);
  if (!shown || !node) return undefined;
  const further = outsideOf(outer, node.id, shown.name);
  const value = node.params[shown.name];
  if (further) return { ...further, value: further.value ?? value };
  const isLinked = graph.links.some(({ to }) => to.node === node.id && to.port === shown.name);
  return { path: outer.path, node, param: shown.name, value, isLinked };
}
