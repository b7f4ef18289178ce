import type { DefinitionLookup, NodeDefinition } from "./definition.ts";
import type { WorkflowDocument, WorkflowNode } from "./document.ts";
import { portOfParam } from "./linkable-params.ts";
import { isInstance } from "./subgraphs/boundary.ts";
import { flatTargets, flattenWorkflow } from "./subgraphs/flatten.ts";
import { withSubgraphs } from "./subgraphs/lookup.ts";
import { indexWorkflow, resolveSource, type WorkflowIndex } from "./topology.ts";

/** A node that a run needs, with the ports that its inputs are fed from (inputs without a link are left out). */
export interface PlannedNode {
  readonly id: string;
  readonly node: WorkflowNode;
  readonly definition: NodeDefinition;
  readonly inputs: Readonly<Record<string, { node: string; port: string }>>;
}

/** What a run does: nodes in an order in which each comes after all that it needs. */
export interface ExecutionPlan {
  readonly nodes: readonly PlannedNode[];
  /** The nodes that the run is for. */
  readonly targets: readonly string[];
}

/**
 * Plans what the output nodes (or `targets`) need and nothing else. Muted nodes end their branch: a node that requires
 * something from one is left out too, an optional input goes without. Bypassed nodes pass their first input of the same
 * type on. Subgraphs are opened out, a param that is linked is an input. Nodes of unknown type, in a loop, or without a required input are left out; {@link validateWorkflow} reports them.
 */
export function planExecution(
  nested: WorkflowDocument,
  known: DefinitionLookup,
  nestedTargets?: readonly string[],
): ExecutionPlan {
  const flat = flattenWorkflow(nested);
  const { document } = flat;
  const definitions = withSubgraphs(document, known);
  const targets = flatTargets(flat, definitions, nestedTargets);
  const index = indexWorkflow(document);
  const live = new Map<string, PlannedNode>();
  for (const node of inTopologicalOrder(index)) {
    const planned = planNode(node, index, definitions, live);
    if (planned) live.set(node.id, planned);
  }
  const wanted = [...live.values()].filter(({ id, definition }) =>
    targets ? targets.includes(id) : definition.isOutput,
  );
  const needed = new Set<string>();
  const waiting = wanted.map(({ id }) => id);
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (needed.has(id)) continue;
    needed.add(id);
    for (const source of Object.values(live.get(id)?.inputs ?? {})) waiting.push(source.node);
  }
  return { nodes: [...live.values()].filter(({ id }) => needed.has(id)), targets: wanted.map(({ id }) => id) };
}

/** The node with its resolved inputs, or `undefined` when it cannot run. `live` has all that come before it. */
function planNode(
  node: WorkflowNode,
  index: WorkflowIndex,
  definitions: DefinitionLookup,
  live: ReadonlyMap<string, PlannedNode>,
): PlannedNode | undefined {
  const definition = definitions(node.type);
  if (!definition || definition.isAnnotation || node.mode !== "active" || isInstance(node)) return undefined;
  const inputs: Record<string, { node: string; port: string }> = {};
  const links = index.linksInto.get(node.id);
  const feed = (name: string): boolean => {
    const link = links?.get(name);
    const source = link && resolveSource(index, definitions, link.from);
    if (source?.kind !== "port" || !live.has(source.node)) return false;
    inputs[name] = { node: source.node, port: source.port };
    return true;
  };
  for (const input of definition.inputs) {
    if (!feed(input.name) && !input.optional) return undefined;
  }
  for (const param of definition.params) {
    if (links?.has(param.name) && portOfParam(param)) feed(param.name);
  }
  return { id: node.id, node, definition, inputs };
}

/** Nodes after all that their links come from; those in a loop, or behind one, are left out. */
function inTopologicalOrder(index: WorkflowIndex): WorkflowNode[] {
  const pending = new Map<string, number>();
  const dependents = new Map<string, string[]>();
  for (const id of index.nodes.keys()) {
    const sources = new Set([...(index.linksInto.get(id)?.values() ?? [])].map((link) => link.from.node));
    const known = [...sources].filter((source) => index.nodes.has(source));
    pending.set(id, known.length);
    for (const source of known) {
      const list = dependents.get(source);
      if (list) list.push(id);
      else dependents.set(source, [id]);
    }
  }
  const order: WorkflowNode[] = [];
  const ready = [...index.nodes.keys()].filter((id) => pending.get(id) === 0);
  for (let next = 0; next < ready.length; next++) {
    const id = ready[next]!;
    order.push(index.nodes.get(id)!);
    for (const dependent of dependents.get(id) ?? []) {
      const left = pending.get(dependent)! - 1;
      pending.set(dependent, left);
      if (left === 0) ready.push(dependent);
    }
  }
  return order;
}
