import type { WorkflowDocument, WorkflowFrame, WorkflowLink, WorkflowNode } from "../../graph/document.ts";

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
export type DocumentMeta = Omit<WorkflowDocument, Collection | "view">;

export type EntityPatch = {
  [C in Collection]: {
    readonly collection: C;
    /** Place in the collection, at the moment the patch is applied. */
    readonly index: number;
    /** Absent: the entity is added. */
    readonly before?: Entities[C] | undefined;
    /** Absent: the entity is removed. */
    readonly after?: Entities[C] | undefined;
  };
}[Collection];

export interface MetaPatch {
  readonly collection: "meta";
  readonly before: DocumentMeta;
  readonly after: DocumentMeta;
}

export type Patch = EntityPatch | MetaPatch;

export function metaOf(document: WorkflowDocument): DocumentMeta {
  const { nodes: _nodes, links: _links, frames: _frames, view: _view, ...meta } = document;
  return meta as DocumentMeta;
}

/** The patches that undo `patches`, in the order in which to apply them. */
export function invertPatches(patches: readonly Patch[]): Patch[] {
  return patches.toReversed().map((patch) => ({ ...patch, before: patch.after, after: patch.before }) as Patch);
}

/** Applies patches in order; the given document is not changed and untouched entities keep their identity. */
export function applyPatches(document: WorkflowDocument, patches: readonly Patch[]): WorkflowDocument {
  let next = document;
  const copied = new Map<Collection, Entities[Collection][]>();
  for (const patch of patches) {
    if (patch.collection === "meta") {
      const { nodes, links, frames, view } = next;
      next = {
        ...patch.after,
        nodes,
        links,
        ...(frames ? { frames } : {}),
        ...(view ? { view } : {}),
      } as WorkflowDocument;
      continue;
    }
    let list = copied.get(patch.collection);
    if (!list) {
      list = [...(document[patch.collection] ?? [])];
      copied.set(patch.collection, list);
    }
    if (patch.after === undefined) list.splice(patch.index, 1);
    else list.splice(patch.index, patch.before === undefined ? 0 : 1, patch.after);
  }
  if (copied.size === 0) return next;
  next = { ...next };
  for (const [collection, list] of copied) {
    // A document without frames stays without: undoing the first frame restores the file exactly.
    if (collection === "frames" && list.length === 0) delete next.frames;
    else Object.assign(next, { [collection]: list });
  }
  return next;
}

/**
 * One gesture made of two: patches of the same entity become one, so that a thousand steps of a slider cost one patch.
 * Only used while a gesture goes on, when no entity is added or removed in between.
 */
export function mergePatches(first: readonly Patch[], second: readonly Patch[]): Patch[] {
  const merged = [...first];
  for (const patch of second) {
    const at = merged.findIndex((earlier) => isSameEntity(earlier, patch));
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
  return a.collection === b.collection && a.after !== undefined && a.after.id === b.before?.id;
}
