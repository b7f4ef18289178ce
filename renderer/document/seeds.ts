import type { DefinitionLookup } from "../../graph/definition.ts";
import type { WorkflowDocument, WorkflowNode } from "../../graph/document.ts";
import type { Patch } from "./patch.ts";

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
  const { [FIELD]: _old, ...rest } = before;
  const after = (names.length > 0 ? { ...rest, [FIELD]: names } : rest) as WorkflowNode;
  return [{ collection: "nodes", index, before, after }];
}

/** New seeds for everything unlocked, before a run. */
export function rollSeeds(document: WorkflowDocument, definitionOf: DefinitionLookup, random = Math.random): Patch[] {
  return document.nodes.flatMap((before, index): Patch[] => {
    const names = new Set(unlockedSeeds(before));
    const seeds =
      definitionOf(before.type)?.params.filter((param) => param.kind === "seed" && names.has(param.name)) ?? [];
    if (seeds.length === 0) return [];
    const rolled = Object.fromEntries(seeds.map((param) => [param.name, randomSeed(random)]));
    return [{ collection: "nodes", index, before, after: { ...before, params: { ...before.params, ...rolled } } }];
  });
}
