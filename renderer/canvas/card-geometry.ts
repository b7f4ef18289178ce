import { type NodeHandle, Position } from "@xyflow/react";
import type { NodeDefinition } from "../../graph/definition.ts";
import type { WorkflowNode } from "../../graph/document.ts";
import { visibleParams } from "../../graph/values.ts";

/**
 * Where things stand on a card before it is drawn, in flow pixels: so that only what is in view has to be drawn, and links
 * of the rest know where to go. `node.module.css` has the same numbers; a card that is drawn is measured.
 */
export const CARD_WIDTH = 288;
export const REROUTE_SIZE = { width: 56, height: 28 } as const;
const NOTE_HEIGHT = 180;
const BORDER = 1;
const HEADER = 38;
const RULE = 2;
const PORTS_TOP = 8;
const PORTS_BOTTOM = 4;
const ROW = 24;
const SOCKET = 16;
const PARAM_ROW = 32;
const AREA_ROW = 122;
const PICTURE = 280;

interface Size {
  readonly width: number;
  readonly height: number;
}

export function estimateSize(node: WorkflowNode, definition: NodeDefinition): Size {
  if (isReroute(node)) return REROUTE_SIZE;
  const width = node.size?.width ?? CARD_WIDTH;
  if (definition.isAnnotation) return { width, height: node.size?.height ?? NOTE_HEIGHT };
  if (node.collapsed) return { width, height: HEADER + RULE + 2 * BORDER };
  const rows = Math.max(definition.inputs.length, definition.outputs.length);
  const params = visibleParams(definition, node.params);
  const shown = params.filter((param) => !param.advanced);
  const height = shown.reduce(
    (sum, param) => sum + (param.kind === "text" && param.multiline ? AREA_ROW : PARAM_ROW),
    params.length > shown.length ? ROW : 0,
  );
  const ports = rows === 0 ? 0 : PORTS_TOP + rows * ROW + PORTS_BOTTOM;
  return { width, height: HEADER + RULE + 2 * BORDER + ports + height + 18 + (definition.isOutput ? PICTURE : 0) };
}

export function socketHandles(node: WorkflowNode, definition: NodeDefinition, { width, height }: Size): NodeHandle[] {
  const place = (index: number) => {
    if (isReroute(node)) return height / 2;
    if (node.collapsed) return BORDER + HEADER / 2;
    return BORDER + HEADER + RULE + PORTS_TOP + ROW * index + ROW / 2;
  };
  const handle = (type: "source" | "target", x: number, id: string, index: number): NodeHandle => ({
    id,
    type,
    position: type === "source" ? Position.Right : Position.Left,
    x: x - SOCKET / 2,
    y: place(index) - SOCKET / 2,
    width: SOCKET,
    height: SOCKET,
  });
  return [
    ...definition.inputs.map((port, index) => handle("target", BORDER, port.name, index)),
    ...definition.outputs.map((port, index) => handle("source", width - BORDER, port.name, index)),
  ];
}

export const isReroute = (node: Pick<WorkflowNode, "type">): boolean => node.type === "reroute";
