import type { DefinitionLookup, NodeDefinition, PortDefinition, PortType } from "../../graph/definition.ts";
import type { WorkflowDocument } from "../../graph/document.ts";
import type { LinkEnds } from "./commands.ts";

type Graph = Pick<WorkflowDocument, "nodes" | "links">;

/** Values that fit into many sockets: that one fits says nothing about whether it is meant. */
const VALUES: ReadonlySet<PortType> = new Set(["integer", "number", "text", "boolean", "any"]);

/**
 * The links that a person would draw to a node that is added behind `from`: each input that it needs gets what `from`
 * gives, else what lies before it, else the newest there is. Inputs that it could do without are linked to `from` only, and
 * numbers and words never by guess.
 */
export function obviousInputs(
  graph: Graph,
  definitionOf: DefinitionLookup,
  nodeId: string,
  definition: NodeDefinition,
  from: readonly string[],
): LinkEnds[] {
  const order = candidates(graph, from);
  const direct = new Set(from);
  const used = new Set<string>();
  const typesOf = new Map(graph.nodes.map(({ id, type }) => [id, type]));
  const producer = (input: PortDefinition): LinkEnds["from"] | undefined => {
    for (const node of order) {
      if ((input.optional || VALUES.has(input.type)) && !direct.has(node)) continue;
      const outputs = definitionOf(typesOf.get(node) ?? "")?.outputs ?? [];
      const output = outputs.find(({ name, type }) => type === input.type && !used.has(`${node} ${name}`));
      if (output) return { node, port: output.name };
    }
    return undefined;
  };
  // What is needed is served first.
  const inputs = definition.inputs.filter((input) => !(input.optional && VALUES.has(input.type)));
  return [...inputs.filter(({ optional }) => !optional), ...inputs.filter(({ optional }) => optional)].flatMap(
    (input) => {
      const source = producer(input);
      if (!source) return [];
      used.add(`${source.node} ${source.port}`);
      return [{ from: source, to: { node: nodeId, port: input.name } }];
    },
  );
}

/** The links from a new node to what `from` still needs, for somebody who builds from the end. */
export function obviousOutputs(
  graph: Graph,
  definitionOf: DefinitionLookup,
  nodeId: string,
  definition: NodeDefinition,
  from: readonly string[],
): LinkEnds[] {
  const fed = new Set(graph.links.map(({ to }) => `${to.node} ${to.port}`));
  return from.flatMap((id) => {
    const inputs = definitionOf(graph.nodes.find((node) => node.id === id)?.type ?? "")?.inputs ?? [];
    return inputs.flatMap((input): LinkEnds[] => {
      if (input.optional || VALUES.has(input.type) || fed.has(`${id} ${input.name}`)) return [];
      const output = definition.outputs.find(({ type }) => type === input.type);
      return output ? [{ from: { node: nodeId, port: output.name }, to: { node: id, port: input.name } }] : [];
    });
  });
}

/** Whether a node takes something that one of these outputs gives. */
export function takesFrom(definition: NodeDefinition, outputs: readonly PortDefinition[]): boolean {
  return definition.inputs.some(({ type }) => !VALUES.has(type) && outputs.some((output) => output.type === type));
}

/** `from`, what lies before it (nearest first), then all others, newest first. */
function candidates({ nodes, links }: Graph, from: readonly string[]): string[] {
  const found = [...from];
  const seen = new Set(found);
  const add = (id: string) => {
    if (seen.has(id)) return;
    seen.add(id);
    found.push(id);
  };
  for (let at = 0; at < found.length; at++) {
    for (const link of links) if (link.to.node === found[at]) add(link.from.node);
  }
  for (const { id } of nodes.toReversed()) add(id);
  return found;
}
