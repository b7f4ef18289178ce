import type { Subgraph, WorkflowDocument, WorkflowFrame, WorkflowLink, WorkflowNode } from "../../graph/document.ts";

/**
 * Changes to a workflow document as data: each patch says what an entity was and what it became, so that its inverse is
 * the same patch read backwards. Undo keeps patches, never copies of the document.
 */
interface Entities {
  nodes: WorkflowNode;
  links: WorkflowLink;
  frames: WorkflowFrame;
}
export type Collection = keyof Entities;

/** Everything of the document that is not in a collection, except where it is looked at from: looking is not undone. */
export type DocumentMeta = Pick<
  WorkflowDocument,
  "$schema" | "format" | "version" | "title" | "description" | "exposed" | "sweep" | "settings"
> &
  Readonly<Record<string, unknown>>;
/** The same of a subgraph: its title and its sockets and params. */
export type SubgraphMeta = Pick<Subgraph, "id" | "title" | "description" | "inputs" | "outputs" | "params"> &
  Readonly<Record<string, unknown>>;

interface EntityChange<T> {
  /** Place in the collection, at the moment the patch is applied. */
  readonly index: number;
  /** Absent: the entity is added. */
  readonly before?: T | undefined;
  /** Absent: the entity is removed. */
  readonly after?: T | undefined;
  /** The first of a collection that the document did not have: without it the document has none again. */
  readonly creates?: boolean | undefined;
}

export type EntityPatch = {
  [C in Collection]: EntityChange<Entities[C]> & {
    readonly collection: C;
    /** Id of the subgraph that it is in; absent: the graph that the patches are for. */
    readonly scope?: string | undefined;
  };
}[Collection];

export type SubgraphPatch = EntityChange<Subgraph> & { readonly collection: "subgraphs" };

/** Of a subgraph, all but what is in it. */
export interface InterfacePatch {
  readonly collection: "interface";
  readonly scope: string;
  readonly before: SubgraphMeta;
  readonly after: SubgraphMeta;
}

export interface MetaPatch {
  readonly collection: "meta";
  readonly before: DocumentMeta;
  readonly after: DocumentMeta;
}

export type Patch = EntityPatch | SubgraphPatch | InterfacePatch | MetaPatch;

export function metaOf(document: WorkflowDocument): DocumentMeta {
  const { nodes: _nodes, links: _links, frames: _frames, view: _view, subgraphs: _subgraphs, ...meta } = document;
  return meta as DocumentMeta;
}

export function interfaceOf(subgraph: Subgraph): SubgraphMeta {
  const { nodes: _nodes, links: _links, frames: _frames, view: _view, ...meta } = subgraph;
  return meta as SubgraphMeta;
}

/** Patches for the graph of a subgraph, as patches of the whole document. Those that name their place keep it. */
export function inScope(patches: readonly Patch[], scope: string | undefined): readonly Patch[] {
  if (scope === undefined) return patches;
  return patches.map((patch) =>
    patch.collection === "nodes" || patch.collection === "links" || patch.collection === "frames"
      ? ({ ...patch, scope: patch.scope ?? scope } as Patch)
      : patch,
  );
}

/** The patches that undo `patches`, in the order in which to apply them. */
export function invertPatches(patches: readonly Patch[]): Patch[] {
  return patches.toReversed().map((patch) => ({ ...patch, before: patch.after, after: patch.before }) as Patch);
}

/** Applies patches in order; the given document is not changed and untouched entities keep their identity. */
export function applyPatches(document: WorkflowDocument, patches: readonly Patch[]): WorkflowDocument {
  if (patches.length === 0) return document;
  const next: WorkflowDocument = { ...document };
  /** Lists and subgraphs that were copied, and may be changed. */
  const own = new Set<unknown>();
  const ownSubgraph = (id: string): Subgraph => {
    const list = ownList(next, "subgraphs", own) as Subgraph[];
    const index = list.findIndex((subgraph) => subgraph.id === id);
    const subgraph = list[index];
    if (!subgraph) throw new Error(`A patch is for the subgraph "${id}", which is not there`);
    if (own.has(subgraph)) return subgraph;
    const copy = { ...subgraph };
    own.add(copy);
    list[index] = copy;
    return copy;
  };
  for (const patch of patches) {
    if (patch.collection === "meta") replaceMeta(next, patch.after, ["nodes", "links", "frames", "subgraphs", "view"]);
    else if (patch.collection === "interface") {
      replaceMeta(ownSubgraph(patch.scope), patch.after, ["nodes", "links", "frames", "view"]);
    } else {
      const holder = patch.collection === "subgraphs" || patch.scope === undefined ? next : ownSubgraph(patch.scope);
      change(holder, patch, own);
    }
  }
  return next;
}

type Holder = Record<string, unknown>;

function ownList(holder: Holder, collection: string, own: Set<unknown>): unknown[] {
  const list = holder[collection] as unknown[] | undefined;
  if (list && own.has(list)) return list;
  const copy = [...(list ?? [])];
  own.add(copy);
  holder[collection] = copy;
  return copy;
}

function change(holder: Holder, patch: EntityPatch | SubgraphPatch, own: Set<unknown>): void {
  const list = ownList(holder, patch.collection, own);
  if (patch.after === undefined) list.splice(patch.index, 1);
  else list.splice(patch.index, patch.before === undefined ? 0 : 1, patch.after);
  if (patch.creates && patch.after === undefined) delete holder[patch.collection];
}

function replaceMeta(holder: Holder, meta: Holder, kept: readonly string[]): void {
  for (const key of Object.keys(holder)) if (!kept.includes(key) && !(key in meta)) delete holder[key];
  Object.assign(holder, meta);
}

/**
 * One gesture made of two: patches of the same entity become one, so that a thousand steps of a slider cost one patch.
 * Only used while a gesture goes on, when no entity is added or removed in between.
 */
export function mergePatches(first: readonly Patch[], second: readonly Patch[]): Patch[] {
  const merged = [...first];
  for (const patch of second) {
    const at = merged.findLastIndex((earlier) => isSameEntity(earlier, patch));
    const earlier = merged[at];
    if (earlier?.before !== undefined && patch.before !== undefined && patch.after !== undefined) {
      merged[at] = { ...patch, before: earlier.before } as Patch;
    } else {
      merged.push(patch);
    }
  }
  return merged;
}

function isSameEntity(a: Patch, b: Patch): boolean {
  if (a.collection === "meta" || b.collection === "meta") return a.collection === b.collection;
  if (a.collection === "interface" || b.collection === "interface") {
    return a.collection === "interface" && b.collection === "interface" && a.scope === b.scope;
  }
  if (a.collection === "subgraphs" || b.collection === "subgraphs") return false;
  return a.collection === b.collection && a.scope === b.scope && a.after !== undefined && a.after.id === b.before?.id;
}
