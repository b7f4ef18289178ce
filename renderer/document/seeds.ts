import type { DefinitionLookup } from "../../graph/definition.ts";
import type { WorkflowDocument, WorkflowNode } from "../../graph/document.ts";
import { subgraphsUsedIn } from "../../graph/subgraphs/boundary.ts";
import { withSubgraphs } from "../../graph/subgraphs/lookup.ts";
import { inScope, type Patch } from "./patch.ts";

/** Seeds that each run draws anew are listed by name in the node's `unlockedSeeds`; all others stay as they are. */
const FIELD = "unlockedSeeds";

/** Up to 2^53 - 1: exact as a JSON number, so that files stay readable. */
export function randomSeed(random: () => number = Math.random): number {
  return Math.floor(random() * 2 ** 32) + Math.floor(random() * 2 ** 21) * 2 ** 32;
}

export function unlockedSeeds(node: WorkflowNode): readonly string[] {
  const names = node[FIELD];
  return Array.isArray(names) ? names.filter((name): name is string => typeof name === "string") : [];
}

export function setSeedLock(document: WorkflowDocument, nodeId: string, param: string, locked: boolean): Patch[] {
  const index = document.nodes.findIndex((node) => node.id === nodeId);
  const before = document.nodes[index];
  if (!before || unlockedSeeds(before).includes(param) !== locked) return [];
  const names = locked ? unlockedSeeds(before).filter((name) => name !== param) : [...unlockedSeeds(before), param];
  return [{ collection: "nodes", index, before, after: withUnlockedSeeds(before, names) }];
}

export function withUnlockedSeeds(node: WorkflowNode, names: readonly string[]): WorkflowNode {
  const { [FIELD]: _old, ...rest } = node;
  return (names.length > 0 ? { ...rest, [FIELD]: [...names] } : rest) as WorkflowNode;
}

/** New seeds for everything unlocked, in subgraphs too, before a run. The patches are for the whole document. */
export function rollSeeds(document: WorkflowDocument, known: DefinitionLookup, random = Math.random): Patch[] {
  const definitionOf = withSubgraphs(document, known);
  const used = subgraphsUsedIn(document.nodes, document.subgraphs ?? []);
  return [
    ...rollNodes(document.nodes, definitionOf, random),
    ...[...used.values()].flatMap(({ id, nodes }) => inScope(rollNodes(nodes, definitionOf, random), id)),
  ];
}

function rollNodes(nodes: readonly WorkflowNode[], definitionOf: DefinitionLookup, random: () => number): Patch[] {
  return nodes.flatMap((before, index): Patch[] => {
    const names = new Set(unlockedSeeds(before));
    const seeds =
      definitionOf(before.type)?.params.filter((param) => param.kind === "seed" && names.has(param.name)) ?? [];
    if (seeds.length === 0) return [];
    const rolled = Object.fromEntries(seeds.map((param) => [param.name, randomSeed(random)]));
    return [{ collection: "nodes", index, before, after: { ...before, params: { ...before.params, ...rolled } } }];
  });
}
