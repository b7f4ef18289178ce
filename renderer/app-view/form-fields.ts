import type { DefinitionLookup, NodeDefinition, ParamDefinition } from "../../graph/definition.ts";
import type { ExposedParam, WorkflowDocument, WorkflowNode } from "../../graph/document.ts";
import { visibleParams } from "../../graph/values.ts";
import type { DefinitionText } from "../i18n/use-text.ts";

/** What nodes and sockets are called in the language of the window. */
export type FormWords = Pick<DefinitionText, "title" | "port">;
const ENGLISH: FormWords = { title: ({ title }) => title, port: (_definition, _side, { label }) => label };

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
export function formOf(document: WorkflowDocument, definitionOf: DefinitionLookup, words?: FormWords): FormGroup[] {
  const groups = new Map<string | undefined, FormField[]>();
  for (const entry of document.exposed ?? usualEntries(document, definitionOf, words)) {
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

/** Nodes of one name are told apart, so that nobody takes one for the other: two prompts by what they lead to. */
export function usualEntries(
  document: WorkflowDocument,
  definitionOf: DefinitionLookup,
  words: FormWords = ENGLISH,
): ExposedParam[] {
  const rank = (node: WorkflowNode) => {
    const at = CATEGORY_ORDER.indexOf(definitionOf(node.type)?.category ?? "utility");
    return at < 0 ? CATEGORY_ORDER.length : at;
  };
  const found = document.nodes
    .toSorted((a, b) => rank(a) - rank(b))
    .flatMap((node) => {
      const definition = definitionOf(node.type);
      if (!definition || definition.isAnnotation || definition.isOutput || node.mode !== "active") return [];
      const shown = visibleParams(definition, node.params).filter((param) => !param.advanced);
      return shown.length === 0 ? [] : [{ node, definition, shown, title: node.title ?? words.title(definition) }];
    });
  const alike = Map.groupBy(found, ({ title }) => title);
  return found.flatMap(({ node, definition, shown, title }): ExposedParam[] => {
    const same = (alike.get(title) ?? []).map((one) => one.node);
    const name = same.length > 1 ? nameAmong(same, node, title, portLedTo(document, definitionOf, words)) : title;
    // A heading over a single field would say the same twice.
    const own =
      shown.length > 1
        ? { group: name }
        : node.title !== undefined || definition.category === "utility" || same.length > 1
          ? { label: name }
          : {};
    return shown.map((param) => ({ node: node.id, param: param.name, ...own }));
  });
}

/** By the socket that each leads to, where these differ; else by number. */
function nameAmong(
  same: readonly WorkflowNode[],
  node: WorkflowNode,
  title: string,
  portOf: (node: WorkflowNode) => string | undefined,
): string {
  const ports = new Set(same.map(portOf));
  const isTold = ports.size === same.length && !ports.has(undefined);
  return isTold ? `${title} · ${portOf(node)}` : `${title} ${same.indexOf(node) + 1}`;
}

const portLedTo =
  ({ links, nodes }: WorkflowDocument, definitionOf: DefinitionLookup, words: FormWords) =>
  ({ id }: WorkflowNode): string | undefined => {
    const to = links.find(({ from }) => from.node === id)?.to;
    const definition = definitionOf(nodes.find((node) => node.id === to?.node)?.type ?? "");
    const port = definition?.inputs.find(({ name }) => name === to?.port);
    return definition && port && words.port(definition, "inputs", port);
  };
