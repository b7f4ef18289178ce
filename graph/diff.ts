import type { JsonValue, WorkflowDocument, WorkflowLink, WorkflowNode } from "./document.ts";
import { flattenWorkflow } from "./subgraphs/flatten.ts";

/** One difference in what two workflows do. */
export interface WorkflowChange {
  kind:
    | "node-added"
    | "node-removed"
    | "node-changed"
    | "param-added"
    | "param-removed"
    | "param-changed"
    | "link-added"
    | "link-removed"
    | "document-changed";
  /** The node it is about; of a link the node it enters. */
  nodeId?: string;
  /** The param, the input, or the field of the node or document. */
  field?: string;
  from?: JsonValue;
  to?: JsonValue;
}

/** Fields of a node that change what it is or does; where it lies and how it looks does not count. */
const nodeFields = ["type", "typeVersion", "mode", "title"] as const;
const documentFields = ["title", "description"] as const;

/**
 * What differs between two workflows, in the order of the second one's nodes. Places, sizes, colours, frames, the view
 * and the ids of links do not count; subgraphs are opened out, since what is in them counts.
 */
export function diffWorkflows(first: WorkflowDocument, second: WorkflowDocument): WorkflowChange[] {
  const before = flattenWorkflow(first).document;
  const after = flattenWorkflow(second).document;
  const old = new Map(before.nodes.map((node) => [node.id, node]));
  const current = new Map(after.nodes.map((node) => [node.id, node]));
  return [
    ...fieldChanges(before, after, documentFields).map((change) => ({ kind: "document-changed" as const, ...change })),
    ...before.nodes
      .filter(({ id }) => !current.has(id))
      .map(({ id, type }) => ({ kind: "node-removed" as const, nodeId: id, from: type })),
    ...after.nodes.flatMap((node): WorkflowChange[] => {
      const previous = old.get(node.id);
      return previous ? nodeChanges(previous, node) : [{ kind: "node-added", nodeId: node.id, to: node.type }];
    }),
    ...linkChanges(before.links, after.links, "link-removed", "from"),
    ...linkChanges(after.links, before.links, "link-added", "to"),
  ];
}

function nodeChanges(before: WorkflowNode, after: WorkflowNode): WorkflowChange[] {
  const nodeId = after.id;
  const names = [...new Set([...Object.keys(before.params), ...Object.keys(after.params)])].sort();
  return [
    ...fieldChanges(before, after, nodeFields).map((change) => ({ kind: "node-changed" as const, nodeId, ...change })),
    ...names.flatMap((field): WorkflowChange[] => {
      const from = own(before.params, field);
      const to = own(after.params, field);
      if (from === undefined && to !== undefined) return [{ kind: "param-added", nodeId, field, to }];
      if (from !== undefined && to === undefined) return [{ kind: "param-removed", nodeId, field, from }];
      if (from === undefined || to === undefined || isSame(from, to)) return [];
      return [{ kind: "param-changed", nodeId, field, from, to }];
    }),
  ];
}

function fieldChanges<T extends Record<string, unknown>>(before: T, after: T, fields: readonly (keyof T & string)[]) {
  return fields
    .filter((field) => before[field] !== after[field])
    .map((field) => ({ field, ...present("from", before[field]), ...present("to", after[field]) }));
}

/** Links of `links` that `others` has no equal for; a link is known by its two ends. */
function linkChanges(
  links: readonly WorkflowLink[],
  others: readonly WorkflowLink[],
  kind: "link-added" | "link-removed",
  side: "from" | "to",
): WorkflowChange[] {
  const known = new Set(others.map(endsOf));
  return links
    .filter((link) => !known.has(endsOf(link)))
    .map(({ from, to }) => ({ kind, nodeId: to.node, field: to.port, [side]: `${from.node}.${from.port}` }));
}

function endsOf({ from, to }: WorkflowLink): string {
  return JSON.stringify([from.node, from.port, to.node, to.port]);
}

function own(params: Readonly<Record<string, JsonValue>>, name: string): JsonValue | undefined {
  return Object.hasOwn(params, name) ? params[name] : undefined;
}

function present(name: string, value: unknown): Record<string, JsonValue> {
  return value === undefined ? {} : { [name]: value as JsonValue };
}

/** Equal JSON, whatever the order of an object's fields. */
function isSame(a: JsonValue, b: JsonValue): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, index) => isSame(item, b[index]!))
    );
  }
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isSame(a[key]!, b[key]!))
  );
}
