import { HeddleError } from "../../common/errors.ts";
import type { ExecutionPlan, PlannedNode } from "../plan.ts";
import { nodeTermOf, outputTermOf } from "../problem-terms.ts";
import type { PortValues } from "./runner.ts";

/** The nodes whose outputs are needed: targets, and what feeds a node that has to be computed. */
export function wantedNodes(plan: ExecutionPlan, prepared: ReadonlyMap<string, { reusable: boolean }>): Set<string> {
  const wanted = new Set(plan.targets);
  for (const planned of plan.nodes.toReversed()) {
    if (!wanted.has(planned.id) || prepared.get(planned.id)?.reusable !== false) continue;
    for (const source of Object.values(planned.inputs)) wanted.add(source.node);
  }
  return wanted;
}

/** How many nodes are going to read each node's outputs, so that large values can go as soon as they are used up. */
export function countUses(
  plan: ExecutionPlan,
  wanted: ReadonlySet<string>,
  prepared: ReadonlyMap<string, { reusable: boolean }>,
): Map<string, number> {
  const uses = new Map<string, number>();
  for (const planned of plan.nodes) {
    if (!wanted.has(planned.id) || prepared.get(planned.id)?.reusable !== false) continue;
    for (const source of Object.values(planned.inputs)) uses.set(source.node, (uses.get(source.node) ?? 0) + 1);
  }
  return uses;
}

/** The values of the inputs, or `undefined` when a node that feeds one has failed. */
export function collectInputs(
  planned: PlannedNode,
  results: ReadonlyMap<string, { outputs: PortValues }>,
  planOf: ReadonlyMap<string, PlannedNode>,
): PortValues | undefined {
  const inputs: PortValues = {};
  for (const [name, source] of Object.entries(planned.inputs)) {
    const result = results.get(source.node);
    if (!result) return undefined;
    if (!(source.port in result.outputs)) {
      const from = planOf.get(source.node);
      const output = from?.definition.outputs.find(({ name }) => name === source.port);
      throw new HeddleError({
        code: "output-empty",
        message: `The node "${source.node}" gave nothing at its output "${source.port}".`,
        help: "Connect what it passes on at its input of the same name, or take the link from somewhere else.",
        details: {
          nodeName: from ? nodeTermOf(from.node, from.definition) : source.node,
          output: from && output ? outputTermOf(from.definition, output) : source.port,
        },
      });
    }
    inputs[name] = result.outputs[source.port];
  }
  return inputs;
}
