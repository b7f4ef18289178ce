import { type DefinitionLookup, type ModelKind, modelKinds } from "./definition.ts";
import type { WorkflowDocument, WorkflowModel, WorkflowNode } from "./document.ts";
import { isBoundary, subgraphsUsedIn } from "./subgraphs/boundary.ts";
import { flattenWorkflow } from "./subgraphs/flatten.ts";
import { withSubgraphs } from "./subgraphs/lookup.ts";
import { parseLoras, readParam } from "./values.ts";

/** A model that a param of a workflow names. */
export interface UsedModel {
  kind: ModelKind;
  name: string;
  nodeId: string;
  param: string;
}

/**
 * Every model that the nodes of a workflow name; built-in ones are everywhere. Of a subgraph those that its uses set in
 * place of its own, and its own where it is not used, or not switched on.
 */
export function modelsUsed(document: WorkflowDocument, known: DefinitionLookup): UsedModel[] {
  const definitions = withSubgraphs(document, known);
  const { subgraphs = [] } = document;
  const { nodes } = flattenWorkflow(document).document;
  const used = subgraphsUsedIn(document.nodes, subgraphs);
  const unopened = subgraphsUsedIn(nodes, subgraphs);
  const asTheyAre = subgraphs.filter(({ id }) => !used.has(id) || unopened.has(id));
  return [...nodes, ...asTheyAre.flatMap((subgraph) => subgraph.nodes)].flatMap((node) =>
    modelsOfNode(node, definitions),
  );
}

function modelsOfNode(node: WorkflowNode, definitions: DefinitionLookup): UsedModel[] {
  const params = definitions(node.type)?.params ?? [];
  return params.flatMap((param): UsedModel[] => {
    const value = readParam(node.params, param);
    const place = { nodeId: node.id, param: param.name };
    if (param.kind === "loras") {
      return (parseLoras(value) ?? []).flatMap(({ name }) => (isOwn(name) ? [{ kind: "lora", name, ...place }] : []));
    }
    if (param.kind !== "model" || typeof value !== "string" || !isOwn(value)) return [];
    return [{ kind: param.modelKind, name: value, ...place }];
  });
}

const isOwn = (name: string) => name !== "" && !name.startsWith("starter/");

/**
 * The document with what is known of the models that it uses, so that another machine can find or fetch them. `known`
 * wins over what the document says; what it says of models that nothing uses any more goes, unless a node that this
 * version does not know might use them.
 */
export function withModelReferences(
  document: WorkflowDocument,
  known: readonly WorkflowModel[],
  definitions: DefinitionLookup,
): WorkflowDocument {
  const used = new Set(modelsUsed(document, definitions).map(keyOf));
  const lookup = withSubgraphs(document, definitions);
  const hasUnknown = [document, ...(document.subgraphs ?? [])].some((graph) =>
    graph.nodes.some((node) => !isBoundary(node) && lookup(node.type) === undefined),
  );
  const entries = new Map<string, WorkflowModel>();
  for (const entry of document.models ?? []) {
    const isForeign = !modelKinds.some((kind) => kind === entry.kind);
    if (used.has(keyOf(entry)) || hasUnknown || isForeign) entries.set(keyOf(entry), entry);
  }
  for (const entry of known) {
    if (used.has(keyOf(entry))) entries.set(keyOf(entry), { ...entries.get(keyOf(entry)), ...entry });
  }
  const { models: _models, ...rest } = document;
  const sorted = [...entries.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
  return sorted.length > 0 ? { ...rest, models: sorted } : rest;
}

const keyOf = ({ kind, name }: { kind: string; name: string }) => `${kind}\0${name}`;

/** Repository, revision and file of an address on the Hugging Face hub; `undefined` for any other address. */
export function parseHubUrl(url: string): Pick<WorkflowModel, "repository" | "revision" | "file"> | undefined {
  const match =
    /^https:\/\/(?:www\.)?(?:huggingface\.co|hf\.co)\/([\w.-]+\/[\w.-]+)\/(?:resolve|blob|raw)\/([^/?#]+)\/([^?#]+)/.exec(
      url,
    );
  if (!match) return undefined;
  const [, repository, revision, file] = match as unknown as [string, string, string, string];
  try {
    return { repository, revision: decodeURIComponent(revision), file: decodeURIComponent(file) };
  } catch {
    return undefined;
  }
}
