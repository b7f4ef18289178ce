import type { DefinitionLookup } from "../../graph/definition.ts";
import type { WorkflowDocument, WorkflowNode } from "../../graph/document.ts";
import { subgraphsUsedIn } from "../../graph/subgraphs/boundary.ts";
import { withSubgraphs } from "../../graph/subgraphs/lookup.ts";
import { MAX_SEED, parseSeed, seedToJson } from "../../graph/values.ts";
import { inScope, type Patch } from "./patch.ts";

/** Seeds that each run changes are listed by name in the node's `unlockedSeeds`; all others stay as they are. */
const FIELD = "unlockedSeeds";
/** Of those, what each run adds to a seed, by its name; the others are drawn anew. */
const STEPS = "seedSteps";

/** What a run does to a seed before it starts, so that the field shows the seed of the last picture. */
export const seedModes = ["fixed", "random", "increment", "decrement"] as const;
export type SeedMode = (typeof seedModes)[number];
const stepOf: Partial<Record<SeedMode, number>> = { increment: 1, decrement: -1 };

/** Up to 2^53 - 1: exact as a JSON number, so that files stay readable. */
export function randomSeed(random: () => number = Math.random): number {
  return Math.floor(random() * 2 ** 32) + Math.floor(random() * 2 ** 21) * 2 ** 32;
}

export function unlockedSeeds(node: WorkflowNode): readonly string[] {
  const names = node[FIELD];
  return Array.isArray(names) ? names.filter((name): name is string => typeof name === "string") : [];
}

export function seedModeOf(node: WorkflowNode, param: string): SeedMode {
  if (!unlockedSeeds(node).includes(param)) return "fixed";
  const step = stepsOf(node)[param];
  return seedModes.find((mode) => stepOf[mode] !== undefined && stepOf[mode] === step) ?? "random";
}

export function setSeedMode(document: WorkflowDocument, nodeId: string, param: string, mode: SeedMode): Patch[] {
  const index = document.nodes.findIndex((node) => node.id === nodeId);
  const before = document.nodes[index];
  if (!before || seedModeOf(before, param) === mode) return [];
  const others = unlockedSeeds(before).filter((name) => name !== param);
  const { [param]: _, ...otherSteps } = stepsOf(before);
  const step = stepOf[mode];
  const steps = step === undefined ? otherSteps : { ...otherSteps, [param]: step };
  const { [STEPS]: _old, ...rest } = withUnlockedSeeds(before, mode === "fixed" ? others : [...others, param]);
  const after = (Object.keys(steps).length > 0 ? { ...rest, [STEPS]: steps } : rest) as WorkflowNode;
  return [{ collection: "nodes", index, before, after }];
}

function stepsOf(node: WorkflowNode): Readonly<Record<string, unknown>> {
  const steps = node[STEPS];
  return typeof steps === "object" && steps !== null ? (steps as Record<string, unknown>) : {};
}

export function withUnlockedSeeds(node: WorkflowNode, names: readonly string[]): WorkflowNode {
  const { [FIELD]: _old, ...rest } = node;
  return (names.length > 0 ? { ...rest, [FIELD]: [...names] } : rest) as WorkflowNode;
}

/** The next seeds for everything unlocked, in subgraphs too, before a run. The patches are for the whole document. */
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
    const next = ({ name, default: standard }: (typeof seeds)[number]) => {
      const step = stepOf[seedModeOf(before, name)];
      const last = parseSeed(before.params[name] ?? standard);
      return step === undefined || last === undefined ? randomSeed(random) : seedToJson(wrapped(last + BigInt(step)));
    };
    const rolled = Object.fromEntries(seeds.map((param) => [param.name, next(param)]));
    return [{ collection: "nodes", index, before, after: { ...before, params: { ...before.params, ...rolled } } }];
  });
}

/** Beyond the last seed comes the first, and the other way round. */
function wrapped(seed: bigint): bigint {
  return (seed + MAX_SEED + 1n) % (MAX_SEED + 1n);
}
