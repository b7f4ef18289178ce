import type { WorkflowDocument } from "../../graph/document.ts";

/**
 * Whether two documents say the same, wherever they are looked at from. What a change left alone keeps its identity, so that
 * this mostly compares references.
 */
export function isSameContent(a: WorkflowDocument, b: WorkflowDocument): boolean {
  if (a === b) return true;
  const { view: _a, subgraphs: insideA = [], frames: framesA = [], ...restA } = a;
  const { view: _b, subgraphs: insideB = [], frames: framesB = [], ...restB } = b;
  return (
    isSame(restA, restB) &&
    isSame(framesA, framesB) &&
    insideA.length === insideB.length &&
    insideA.every((one, at) => one === insideB[at] || isSame(withoutView(one), withoutView(insideB[at])))
  );
}

/** Where a subgraph is looked at from is in no step. */
export function withoutView(entity: unknown): unknown {
  if (typeof entity !== "object" || entity === null || !("view" in entity)) return entity;
  const { view: _view, ...rest } = entity;
  return rest;
}

/** Equal as JSON, whatever the order of keys. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, at) => isSame(one, b[at]));
  }
  const [left, right] = [definedEntries(a), new Map(definedEntries(b))];
  return left.length === right.size && left.every(([key, value]) => right.has(key) && isSame(value, right.get(key)));
}
const definedEntries = (value: object) => Object.entries(value).filter(([, one]) => one !== undefined);
