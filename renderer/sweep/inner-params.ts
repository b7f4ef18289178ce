import type { JsonValue, Subgraph, WorkflowDocument, WorkflowNode } from "../../graph/document.ts";
import { PATH_SEPARATOR, subgraphIdOf } from "../../graph/subgraphs/boundary.ts";
import { freshId } from "../document/ids.ts";

/** A param of a node, inside subgraphs by the path to the node: `detailer/sampler`. */
export interface ParamPlace {
  readonly node: string;
  readonly param: string;
}

/**
 * The place where a param is set from: where subgraphs show it outside, that is the param of the node outside.
 * @param path ids of the nodes that stand for the subgraphs, from the workflow inwards
 */
export function outermostPlace(inside: readonly Subgraph[], path: readonly string[], place: ParamPlace): ParamPlace {
  const shown = inside.at(-1)?.params.find(({ node, param }) => node === place.node && param === place.param);
  const outer = path.at(-1);
  if (!shown || outer === undefined) return { ...place, node: [...path, place.node].join(PATH_SEPARATOR) };
  return outermostPlace(inside.slice(0, -1), path.slice(0, -1), { node: outer, param: shown.name });
}

/**
 * The workflow with another value of a param, for this one node only: a param inside a subgraph is shown outside, all the
 * way up, and set there, so that other uses of the subgraph keep theirs. What is not there changes nothing.
 */
export function withParamAt(document: WorkflowDocument, place: ParamPlace, value: JsonValue): WorkflowDocument {
  const isHere = document.nodes.some(({ id }) => id === place.node);
  const path = isHere ? [place.node] : place.node.split(PATH_SEPARATOR);
  const uses = usesAlong(document, path.slice(0, -1));
  if (!uses) return document;
  let subgraphs = document.subgraphs ?? [];
  let { param } = place;
  for (const [depth, subgraph] of [...uses.entries()].reverse()) {
    const node = path[depth + 1]!;
    const shown = subgraph.params.find((own) => own.node === node && own.param === param);
    const taken = new Set([...subgraph.params, ...subgraph.inputs].map(({ name }) => name));
    const name = shown?.name ?? freshId(param, taken);
    if (!shown) {
      const changed = { ...subgraph, params: [...subgraph.params, { name, node, param }] };
      subgraphs = subgraphs.map((one) => (one.id === subgraph.id ? changed : one));
    }
    param = name;
  }
  const nodes = document.nodes.map((node) =>
    node.id === path[0] ? { ...node, params: { ...node.params, [param]: value } } : node,
  );
  return { ...document, nodes, ...(document.subgraphs ? { subgraphs } : {}) };
}

/** The subgraphs that the nodes along a path stand for; `undefined` when it leads nowhere. */
function usesAlong(document: WorkflowDocument, path: readonly string[]): Subgraph[] | undefined {
  const uses: Subgraph[] = [];
  let nodes: readonly WorkflowNode[] = document.nodes;
  for (const id of path) {
    const node = nodes.find((candidate) => candidate.id === id);
    const subgraph = document.subgraphs?.find((one) => node && one.id === subgraphIdOf(node));
    if (!subgraph) return undefined;
    uses.push(subgraph);
    nodes = subgraph.nodes;
  }
  return uses;
}
