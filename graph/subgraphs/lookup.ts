import {
  type DefinitionLookup,
  type NodeDefinition,
  type ParamDefinition,
  type PortDefinition,
  type PortType,
  portTypes,
} from "../definition.ts";
import type { Subgraph, SubgraphPort, WorkflowDocument } from "../document.ts";
import { findInput } from "../linkable-params.ts";
import { readParam } from "../values.ts";
import { INPUT_NODE, isInstance, OUTPUT_NODE, subgraphIdOf } from "./boundary.ts";

/** The name of the empty socket of a boundary node: a link to it makes a socket of the subgraph. */
export const NEW_PORT = "+";

const plain = { version: 1, category: "subgraph", aliases: [], params: [] } as const;

/** Definitions made from a subgraph that uses no other: they stay the same object as long as the subgraph does. */
const known = new WeakMap<Subgraph, { base: DefinitionLookup; definition: NodeDefinition }>();

/**
 * All that `base` knows, and the document's subgraphs as the nodes that they are to the outside. `inside` names the
 * subgraph whose boundary nodes are looked at.
 */
export function withSubgraphs(
  { subgraphs }: Pick<WorkflowDocument, "subgraphs">,
  base: DefinitionLookup,
  inside?: string,
): DefinitionLookup {
  if (!subgraphs?.length) return base;
  const made = new Map<string, NodeDefinition | undefined>();
  const find = (id: string) => subgraphs.find((subgraph) => subgraph.id === id);
  const lookup: DefinitionLookup = (type) => {
    const id = subgraphIdOf({ type });
    const boundary = type === INPUT_NODE || type === OUTPUT_NODE;
    if (id === undefined && !boundary) return base(type);
    if (made.has(type)) return made.get(type);
    // A subgraph that holds itself finds nothing here.
    made.set(type, undefined);
    const subgraph = find(id ?? inside ?? "");
    const definition = subgraph && (boundary ? defineBoundary(subgraph, type) : define(subgraph, base, lookup));
    made.set(type, definition);
    return definition;
  };
  return lookup;
}

function define(subgraph: Subgraph, base: DefinitionLookup, lookup: DefinitionLookup): NodeDefinition {
  const earlier = known.get(subgraph);
  if (earlier?.base === base) return earlier.definition;
  const byId = new Map(subgraph.nodes.map((node) => [node.id, node]));
  const outer = new Set(subgraph.nodes.filter(({ type }) => type === INPUT_NODE).map(({ id }) => id));
  const isOptional = (port: string) =>
    subgraph.links
      .filter(({ from }) => outer.has(from.node) && from.port === port)
      .every(({ to }) => {
        const definition = lookup(byId.get(to.node)?.type ?? "");
        return definition === undefined || findInput(definition, to.port)?.optional === true;
      });
  const definition: NodeDefinition = {
    ...plain,
    type: `subgraph/${subgraph.id}`,
    title: subgraph.title,
    description: subgraph.description ?? "",
    inputs: subgraph.inputs.map((port) => ({ ...toPort(port), optional: isOptional(port.name) })),
    outputs: subgraph.outputs.map(toPort),
    params: subgraph.params.flatMap((own): ParamDefinition[] => {
      const node = byId.get(own.node);
      const inner = node && lookup(node.type);
      const param = inner?.params.find(({ name }) => name === own.param);
      if (!node || !inner || !param) return [];
      const { visibleWhen: _shown, advanced: _folded, ...rest } = param;
      const origin = { type: inner.type, param: param.name, ...param.origin, renamed: own.label !== undefined };
      return [
        {
          ...rest,
          name: own.name,
          label: own.label ?? param.label,
          ...(own.description === undefined ? {} : { description: own.description }),
          origin,
          default: readParam(node.params, param),
        } as ParamDefinition,
      ];
    }),
    isOutput: subgraph.nodes.some((node) => node.mode === "active" && lookup(node.type)?.isOutput === true),
  };
  if (!subgraph.nodes.some(isInstance)) known.set(subgraph, { base, definition });
  return definition;
}

function defineBoundary({ inputs, outputs }: Subgraph, type: string): NodeDefinition {
  const isInput = type === INPUT_NODE;
  const ports = [
    ...(isInput ? inputs : outputs).map(toPort),
    { name: NEW_PORT, type: "any" as const, label: "", optional: true },
  ];
  return {
    ...plain,
    type,
    title: isInput ? "Inputs" : "Outputs",
    description: isInput
      ? "What comes into this subgraph. Draw a link from the last socket to make another."
      : "What this subgraph gives to the outside. Draw a link to the last socket to make another.",
    inputs: isInput ? [] : ports.map((port) => ({ ...port, optional: true })),
    outputs: isInput ? ports : [],
  };
}

const toPort = ({ name, label, type }: SubgraphPort): PortDefinition => ({
  name,
  label: label ?? name,
  type: (portTypes as readonly string[]).includes(type) ? (type as PortType) : "any",
});
