import type { DefinitionLookup } from "../../graph/definition.ts";
import type { WorkflowDocument, WorkflowNode } from "../../graph/document.ts";
import { isBoundary, PATH_SEPARATOR, subgraphIdOf } from "../../graph/subgraphs/boundary.ts";
import { withSubgraphs } from "../../graph/subgraphs/lookup.ts";

/** Nested subgraphs multiply; a node beyond that is called by its id. */
const MOST_NAMES = 20_000;

/**
 * What people call the nodes of a run, by their ids: the title that they see, behind those of the subgraphs it is in. Where two
 * have one name, each has its id behind it.
 */
export function nodeNames(document: WorkflowDocument, definitions: DefinitionLookup): (nodeId: string) => string {
  const lookup = withSubgraphs(document, definitions);
  const subgraphs = new Map(document.subgraphs?.map((subgraph) => [subgraph.id, subgraph]));
  const names = new Map<string, string>();
  const walk = (nodes: readonly WorkflowNode[], ids: string, titles: string, inside: readonly string[]) => {
    for (const node of nodes) {
      if (isBoundary(node) || names.size >= MOST_NAMES) continue;
      const id = ids + node.id;
      const name = titles + (node.title || lookup(node.type)?.title || node.type);
      names.set(id, name);
      const own = subgraphs.get(subgraphIdOf(node) ?? "");
      // One that holds itself does not run.
      if (own && !inside.includes(own.id)) walk(own.nodes, id + PATH_SEPARATOR, `${name} › `, [...inside, own.id]);
    }
  };
  walk(document.nodes, "", "", []);
  const twice = new Set<string>();
  const seen = new Set<string>();
  for (const name of names.values()) (seen.has(name) ? twice : seen).add(name);
  return (nodeId) => {
    const name = names.get(nodeId);
    if (name === undefined) return nodeId;
    return twice.has(name) ? `${name} (${nodeId})` : name;
  };
}
