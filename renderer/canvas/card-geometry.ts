import { type NodeHandle, Position } from "@xyflow/react";
import type { NodeDefinition, ParamDefinition } from "../../graph/definition.ts";
import type { WorkflowNode } from "../../graph/document.ts";
import { isBoundary } from "../../graph/subgraphs/boundary.ts";
import { visibleParams } from "../../graph/values.ts";

/**
 * Where things stand on a card before it is drawn, in flow pixels: so that only what is in view has to be drawn, and links
 * of the rest know where to go. `node.module.css` has the same numbers; a card that is drawn is measured.
 */
export const CARD_WIDTH = 288;
export const REROUTE_SIZE = { width: 56, height: 28 } as const;
/** How large what can be resized may be drawn; the height of a card follows its content. */
export const SIZE_LIMITS = {
  card: { minWidth: 220, maxWidth: 720 },
  note: { minWidth: 160, minHeight: 80 },
  frame: { minWidth: 120, minHeight: 120 },
} as const;
const NOTE_HEIGHT = 180;
const BORDER = 1;
const HEADER = 38;
const RULE = 2;
const PORTS_TOP = 8;
const PORTS_BOTTOM = 4;
const ROW = 24;
const SOCKET = 16;
const PARAMS_TOP = 6;
const PARAM_ROW = 32;
const BOUNDARY_WIDTH = 160;
const AREA_ROW = 122;
const PICTURE = 280;

interface Size {
  readonly width: number;
  readonly height: number;
}

export function estimateSize(node: WorkflowNode, definition: NodeDefinition): Size {
  if (isReroute(node)) return REROUTE_SIZE;
  const width = isBoundary(node) ? BOUNDARY_WIDTH : (node.size?.width ?? CARD_WIDTH);
  if (definition.isAnnotation) return { width, height: node.size?.height ?? NOTE_HEIGHT };
  if (node.collapsed) return { width, height: HEADER + RULE + 2 * BORDER };
  const params = visibleParams(definition, node.params);
  const shown = params.filter((param) => !param.advanced);
  const height = shown.reduce((sum, param) => sum + rowHeight(param), params.length > shown.length ? ROW : 0);
  return {
    width,
    height: portsBottom(definition) + 2 * BORDER + height + 18 + (definition.isOutput ? PICTURE : 0),
  };
}

const rowHeight = (param: ParamDefinition) => (param.kind === "text" && param.multiline ? AREA_ROW : PARAM_ROW);

/** Inputs that do not stand for a param: those have their socket in the param's row. */
function plainInputs({ inputs, params }: NodeDefinition) {
  const names = new Set(params.map(({ name }) => name));
  return inputs.filter(({ name }) => !names.has(name));
}

function portsBottom(definition: NodeDefinition): number {
  const rows = Math.max(plainInputs(definition).length, definition.outputs.length);
  return HEADER + RULE + (rows === 0 ? 0 : PORTS_TOP + rows * ROW + PORTS_BOTTOM);
}

/** @param sockets params that have a socket in their row */
export function socketHandles(
  node: WorkflowNode,
  definition: NodeDefinition,
  { width, height }: Size,
  sockets: ReadonlySet<string> = new Set(),
): NodeHandle[] {
  const place = (index: number) => {
    if (isReroute(node)) return height / 2;
    if (node.collapsed) return BORDER + HEADER / 2;
    return BORDER + HEADER + RULE + PORTS_TOP + ROW * index + ROW / 2;
  };
  const handle = (type: "source" | "target", x: number, id: string, y: number): NodeHandle => ({
    id,
    type,
    position: type === "source" ? Position.Right : Position.Left,
    x: x - SOCKET / 2,
    y: y - SOCKET / 2,
    width: SOCKET,
    height: SOCKET,
  });
  let top = BORDER + portsBottom(definition) + PARAMS_TOP;
  const rows = visibleParams(definition, node.params).flatMap((param) => {
    const isSocket = sockets.has(param.name);
    if (param.advanced && !isSocket) return [];
    const middle = top + (isSocket ? PARAM_ROW : rowHeight(param)) / 2 - 2;
    top += isSocket ? PARAM_ROW : rowHeight(param);
    return isSocket ? [handle("target", BORDER, param.name, node.collapsed ? place(0) : middle)] : [];
  });
  return [
    ...plainInputs(definition).map((port, index) => handle("target", BORDER, port.name, place(index))),
    ...rows,
    ...definition.outputs.map((port, index) => handle("source", width - BORDER, port.name, place(index))),
  ];
}

export const isReroute = (node: Pick<WorkflowNode, "type">): boolean => node.type === "reroute";
