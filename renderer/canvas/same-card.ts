import type { NodeProps } from "@xyflow/react";
import type { FlowNode } from "./flow-store.ts";

/**
 * Whether a card looks the same as before: React Flow moves it by itself and gives it a new place with every frame of a drag,
 * which nothing in it shows. For `memo`.
 */
export function isSameCard(before: NodeProps<FlowNode>, after: NodeProps<FlowNode>): boolean {
  return (
    before.id === after.id &&
    before.selected === after.selected &&
    before.width === after.width &&
    before.height === after.height
  );
}
