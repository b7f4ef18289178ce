import type { Subgraph, WorkflowDocument } from "../../graph/document.ts";
import { PATH_SEPARATOR, subgraphIdOf } from "../../graph/subgraphs/boundary.ts";

/**
 * Where in the workflow one is: the nodes that were opened on the way down, from the workflow itself. Several nodes may
 * stand for the same subgraph: what is changed in it changes for all of them.
 */
export type ScopePath = readonly string[];

/** The subgraph at each step of the path, as far as the path leads somewhere. */
export function subgraphsOnPath(document: WorkflowDocument, path: ScopePath): Subgraph[] {
  const found: Subgraph[] = [];
  let nodes = document.nodes;
  for (const id of path) {
    const node = nodes.find((candidate) => candidate.id === id);
    const subgraphId = node && subgraphIdOf(node);
    const subgraph = document.subgraphs?.find((candidate) => candidate.id === subgraphId);
    if (!subgraph || found.includes(subgraph)) break;
    found.push(subgraph);
    nodes = subgraph.nodes;
  }
  return found;
}

/** Stands before the ids of the nodes there in what a run or the validation tells: `detailer/`. */
export const prefixOf = (path: ScopePath): string => path.map((id) => id + PATH_SEPARATOR).join("");

/** The graph of a subgraph in the form of a document, with the rest of the workflow around it. */
export function graphOf(document: WorkflowDocument, subgraph: Subgraph | undefined): WorkflowDocument {
  if (!subgraph) return document;
  const { frames: _frames, view: _view, ...rest } = document;
  const { nodes, links, frames, view } = subgraph;
  return { ...rest, nodes, links, ...(frames ? { frames } : {}), ...(view ? { view } : {}) };
}

/** Where the node is that a run or the validation calls `flatId`. */
export function placeOfNode(document: WorkflowDocument, flatId: string): { path: string[]; nodeId: string } {
  const path: string[] = [];
  let rest = flatId;
  let nodes = document.nodes;
  for (;;) {
    const here = nodes.find((node) => subgraphIdOf(node) !== undefined && rest.startsWith(node.id + PATH_SEPARATOR));
    const subgraph = here && document.subgraphs?.find(({ id }) => id === subgraphIdOf(here));
    if (!here || !subgraph || nodes.some(({ id }) => id === rest)) return { path, nodeId: rest };
    path.push(here.id);
    rest = rest.slice(here.id.length + PATH_SEPARATOR.length);
    nodes = subgraph.nodes;
  }
}
