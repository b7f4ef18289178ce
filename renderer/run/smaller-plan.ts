import type { ErrorPayload } from "../../common/errors.ts";
import type { DefinitionLookup, ModelKind } from "../../graph/definition.ts";
import type { WorkflowDocument, WorkflowNode } from "../../graph/document.ts";
import { readParam } from "../../graph/values.ts";
import { type PlannedPart, plannedParts } from "../../protocol/devices.ts";

/** What a failure says there was too little of; undefined for all other failures. */
export function lackOf({ code, details }: ErrorPayload): "memory" | "disk" | undefined {
  if (code === "out-of-memory") return "memory";
  if (code === "engine-stopped") return details?.cause === "out-of-memory" ? "memory" : undefined;
  // Other files than derived weights may not fit either, and no plan helps those.
  return code === "disk-full" && details?.neededBytes !== undefined ? "disk" : undefined;
}

/** The sockets through which a node gets the parts; one that takes several uses the first of them most. */
const socketOf: Readonly<Record<PlannedPart, string>> = {
  transformer: "model",
  textEncoder: "textEncoder",
  vae: "vae",
};

interface Question {
  models: { kind: ModelKind; name: string }[];
  parts: PlannedPart[];
}

/** The models that a node's inputs come from (all of the workflow where none are found), and the parts that it uses. */
export function questionFor(
  { graph, document }: { graph: Pick<WorkflowDocument, "nodes" | "links">; document: WorkflowDocument },
  nodeId: string,
  definitionOf: DefinitionLookup,
): Question {
  const modelsOf = (nodes: readonly WorkflowNode[]) =>
    nodes.flatMap((node) =>
      (definitionOf(node.type)?.params ?? []).flatMap((param) => {
        if (param.kind !== "model") return [];
        const name = readParam(node.params, param);
        return typeof name === "string" && name !== "" ? [{ kind: param.modelKind, name }] : [];
      }),
    );
  const reached = new Set([nodeId]);
  for (const id of reached) {
    for (const { from, to } of graph.links) if (to.node === id) reached.add(from.node);
  }
  const upstream = modelsOf(graph.nodes.filter(({ id }) => reached.has(id)));
  const everywhere = [document, ...(document.subgraphs ?? [])].flatMap(({ nodes }) => nodes);
  const type = graph.nodes.find(({ id }) => id === nodeId)?.type ?? "";
  const sockets = new Set<string>(definitionOf(type)?.inputs.map((input) => input.type));
  const parts = plannedParts.filter((part) => sockets.has(socketOf[part]));
  return {
    models: upstream.length > 0 ? upstream : modelsOf(everywhere),
    parts: parts.length > 0 ? parts : [...plannedParts],
  };
}
