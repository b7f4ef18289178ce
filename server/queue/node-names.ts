import type { DefinitionLookup } from "../../graph/definition.ts";
import type { WorkflowDocument, WorkflowNode } from "../../graph/document.ts";
import { isBoundary, PATH_SEPARATOR, subgraphIdOf } from "../../graph/subgraphs/boundary.ts";
import { withSubgraphs } from "../../graph/subgraphs/lookup.ts";
import type { NodeName } from "../../protocol/run-log.ts";

export interface NamedNode {
  /** English. */
  text: string;
  node: NodeName;
}

/** Nested subgraphs multiply; a node beyond that is called by its id. */
const MOST_NAMES = 20_000;

/**
 * What people call the nodes of a run, by their ids: the title that they see, behind those of the subgraphs it is in. Where two
 * have one name, each has its id behind it.
 */
export function nodeNames(document: WorkflowDocument, definitions: DefinitionLookup): (nodeId: string) => NamedNode {
  const lookup = withSubgraphs(document, definitions);
  const subgraphs = new Map(document.subgraphs?.map((subgraph) => [subgraph.id, subgraph]));
  const names = new Map<string, NamedNode>();
  const walk = (nodes: readonly WorkflowNode[], ids: string, outer: NamedNode, inside: readonly string[]) => {
    for (const node of nodes) {
      if (isBoundary(node) || names.size >= MOST_NAMES) continue;
      const id = ids + node.id;
      const own = subgraphs.get(subgraphIdOf(node) ?? "");
      // What a subgraph is called a person wrote, so that it has one name in every language.
      const title = node.title || own?.title;
      const name: NamedNode = {
        text: outer.text + (title || lookup(node.type)?.title || node.type),
        node: { parts: [...outer.node.parts, title ? { title } : { type: node.type }] },
      };
      names.set(id, name);
      // One that holds itself does not run.
      if (own && !inside.includes(own.id))
        walk(own.nodes, id + PATH_SEPARATOR, { ...name, text: `${name.text} › ` }, [...inside, own.id]);
    }
  };
  walk(document.nodes, "", { text: "", node: { parts: [] } }, []);
  const twice = new Set<string>();
  const seen = new Set<string>();
  for (const { text } of names.values()) (seen.has(text) ? twice : seen).add(text);
  return (nodeId) => {
    const name = names.get(nodeId);
    if (name === undefined) return unnamed(nodeId);
    if (!twice.has(name.text)) return name;
    return { text: `${name.text} (${nodeId})`, node: { ...name.node, id: nodeId } };
  };
}

/** A node of which nothing is known but its id. */
export const unnamed = (nodeId: string): NamedNode => ({ text: nodeId, node: { parts: [{ title: nodeId }] } });
