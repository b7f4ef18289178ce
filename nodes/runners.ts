import { HeddleError } from "../common/errors.ts";
import type { NodeRunner } from "../graph/execution/runner.ts";
import { findDefinition } from "./definitions.ts";
import type { NodeServices } from "./services.ts";

/** Loads what a node does: `runner` of `nodes/<type>/run.ts`. Only types of the registry are looked for. */
export async function loadRunner(type: string): Promise<NodeRunner<NodeServices>> {
  const definition = findDefinition(type);
  if (!definition || definition.isAnnotation) {
    throw new HeddleError({
      code: "unknown-node",
      message: `This version of Heddle has no node of type "${type}" that runs.`,
      help: "Update Heddle, or delete or mute the node.",
      details: { type },
    });
  }
  const module: { runner: NodeRunner<NodeServices> } = await import(`./${definition.type}/run.ts`);
  return module.runner;
}
