import type { DefinitionLookup } from "../../graph/definition.ts";
import { readParam } from "../../graph/values.ts";
import { type DocumentState, inputKey } from "../document/document-store.ts";

const MAX_DEPTH = 50;

/**
 * Name of the checkpoint that a node's prompts are read by: the first `checkpoint` model parameter found upstream, else
 * the only one of the workflow.
 */
export function checkpointFor(
  state: DocumentState,
  definitionOf: DefinitionLookup,
  nodeId: string,
): string | undefined {
  return upstream(state, definitionOf, nodeId, MAX_DEPTH) ?? onlyOne(state, definitionOf);
}

function upstream(
  state: DocumentState,
  definitionOf: DefinitionLookup,
  nodeId: string,
  depth: number,
): string | undefined {
  const node = state.nodesById.get(nodeId);
  const definition = node && definitionOf(node.type);
  if (!node || !definition || depth === 0) return undefined;
  for (const param of definition.params) {
    if (param.kind === "model" && param.modelKind === "checkpoint")
      return String(readParam(node.params, param)) || undefined;
  }
  for (const input of definition.inputs) {
    if (input.type !== "textEncoder" && input.type !== "any") continue;
    const link = state.linkByInput.get(inputKey(nodeId, input.name));
    const found = link && upstream(state, definitionOf, link.from.node, depth - 1);
    if (found) return found;
  }
  return undefined;
}

function onlyOne(state: DocumentState, definitionOf: DefinitionLookup): string | undefined {
  const names = new Set<string>();
  for (const node of state.graph.nodes) {
    for (const param of definitionOf(node.type)?.params ?? []) {
      if (param.kind === "model" && param.modelKind === "checkpoint") names.add(String(readParam(node.params, param)));
    }
  }
  const [only] = names;
  return names.size === 1 ? only || undefined : undefined;
}
