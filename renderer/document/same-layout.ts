import type { WorkflowDocument } from "../../graph/document.ts";
import type { Point } from "./point.ts";

type Graph = Pick<WorkflowDocument, "nodes" | "frames">;
interface Placed {
  readonly id: string;
  readonly position: Point;
  readonly size?: { readonly width: number; readonly height: number } | undefined;
  readonly collapsed?: boolean | undefined;
}

/** Whether two states of a graph have the same nodes and frames at the same places, as large as before. Pure. */
export function isSameLayout(a: Graph, b: Graph): boolean {
  return areSamePlaces(a.nodes, b.nodes) && areSamePlaces(a.frames ?? [], b.frames ?? []);
}

function areSamePlaces(all: readonly Placed[], others: readonly Placed[]): boolean {
  if (all === others) return true;
  return all.length === others.length && all.every((one, at) => isSamePlace(one, others[at]!));
}

function isSamePlace(a: Placed, b: Placed): boolean {
  if (a === b) return true;
  return (
    a.id === b.id &&
    a.position.x === b.position.x &&
    a.position.y === b.position.y &&
    a.size?.width === b.size?.width &&
    a.size?.height === b.size?.height &&
    (a.collapsed ?? false) === (b.collapsed ?? false)
  );
}
