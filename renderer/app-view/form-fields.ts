import type { DefinitionLookup, NodeDefinition, ParamDefinition } from "../../graph/definition.ts";
import type { ExposedParam, WorkflowDocument, WorkflowNode } from "../../graph/document.ts";
import { visibleParams } from "../../graph/values.ts";

/** A field of the form: an entry of `exposed` with the node and the param that it is about. */
export interface FormField {
  readonly entry: ExposedParam;
  readonly node: WorkflowNode;
  readonly definition: NodeDefinition;
  readonly param: ParamDefinition;
}

export interface FormGroup {
  /** Heading; absent for fields that belong to no group. */
  readonly title: string | undefined;
  readonly fields: readonly FormField[];
}

/**
 * The form of a workflow: what it exposes, in that order, fields of one group together where the first of them stands. A
 * workflow that says nothing shows what is not folded away in its nodes, node by node.
 */
export function formOf(
  document: WorkflowDocument,
  definitionOf: DefinitionLookup,
  titleOf?: (definition: NodeDefinition) => string,
): FormGroup[] {
  const groups = new Map<string | undefined, FormField[]>();
  for (const entry of document.exposed ?? usualEntries(document, definitionOf, titleOf)) {
    const field = fieldOf(document, definitionOf, entry);
    if (!field) continue;
    const group = groups.get(entry.group);
    if (group) group.push(field);
    else groups.set(entry.group, [field]);
  }
  return [...groups].map(([title, fields]) => ({ title, fields }));
}

/** Entries whose node is gone, muted or fed by a link have no field; they stay in the workflow. */
function fieldOf(
  document: WorkflowDocument,
  definitionOf: DefinitionLookup,
  entry: ExposedParam,
): FormField | undefined {
  const node = document.nodes.find(({ id }) => id === entry.node);
  const definition = node && definitionOf(node.type);
  if (!node || !definition || node.mode !== "active") return undefined;
  const param = visibleParams(definition, node.params).find(({ name }) => name === entry.param);
  const isLinked = document.links.some(({ to }) => to.node === entry.node && to.port === entry.param);
  return param && !isLinked ? { entry, node, definition, param } : undefined;
}

/** What most people change first comes first: what is to be drawn, then how. */
const CATEGORY_ORDER: readonly NodeDefinition["category"][] = [
  "conditioning",
  "image",
  "latent",
  "sampling",
  "subgraph",
];

/** Entries in the order in which the form shows them: those of one group together where the first of them stands. */
export function inFormOrder(entries: readonly ExposedParam[]): ExposedParam[] {
  return [...Map.groupBy(entries, ({ group }) => group).values()].flat();
}

/** @param titleOf what nodes of a kind are called in the language of the window */
export function usualEntries(
  document: WorkflowDocument,
  definitionOf: DefinitionLookup,
  titleOf = ({ title }: NodeDefinition) => title,
): ExposedParam[] {
  const rank = (node: WorkflowNode) => {
    const at = CATEGORY_ORDER.indexOf(definitionOf(node.type)?.category ?? "utility");
    return at < 0 ? CATEGORY_ORDER.length : at;
  };
  return document.nodes
    .toSorted((a, b) => rank(a) - rank(b))
    .flatMap((node): ExposedParam[] => {
      const definition = definitionOf(node.type);
      if (!definition || definition.isAnnotation || definition.isOutput || node.mode !== "active") return [];
      const shown = visibleParams(definition, node.params).filter((param) => !param.advanced);
      // A heading over a single field would say the same twice.
      const title = node.title ?? titleOf(definition);
      const words =
        shown.length > 1
          ? { group: title }
          : node.title !== undefined || definition.category === "utility"
            ? { label: title }
            : {};
      return shown.map(({ name }) => ({ node: node.id, param: name, ...words }));
    });
}
