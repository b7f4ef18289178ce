import type { DefinitionLookup, ModelKind } from "../../graph/definition.ts";
import type { WorkflowDocument, WorkflowNode } from "../../graph/document.ts";
import { parseLoras, readParam } from "../../graph/values.ts";
import type { Patch } from "../document/patch.ts";

/** Patches that put a model in the place of another wherever the workflow names that, subgraphs included. */
export function replaceModel(
  document: WorkflowDocument,
  definitions: DefinitionLookup,
  model: { kind: ModelKind; from: string; to: string },
): Patch[] {
  const inGraph = (nodes: readonly WorkflowNode[], scope?: string): Patch[] =>
    nodes.flatMap((before, index): Patch[] => {
      const after = replaced(before, definitions, model);
      const place = scope === undefined ? {} : { scope };
      return after === before ? [] : [{ collection: "nodes", index, before, after, ...place }];
    });
  return [
    ...inGraph(document.nodes),
    ...(document.subgraphs ?? []).flatMap((subgraph) => inGraph(subgraph.nodes, subgraph.id)),
  ];
}

function replaced(
  node: WorkflowNode,
  definitions: DefinitionLookup,
  { kind, from, to }: { kind: ModelKind; from: string; to: string },
): WorkflowNode {
  const params = { ...node.params };
  let isChanged = false;
  for (const param of definitions(node.type)?.params ?? []) {
    const value = readParam(node.params, param);
    if (param.kind === "model" && param.modelKind === kind && value === from) {
      params[param.name] = to;
      isChanged = true;
    }
    const loras = param.kind === "loras" && kind === "lora" ? parseLoras(value) : undefined;
    if (loras?.some(({ name }) => name === from)) {
      params[param.name] = loras.map((entry) => (entry.name === from ? { ...entry, name: to } : entry));
      isChanged = true;
    }
  }
  return isChanged ? { ...node, params } : node;
}
