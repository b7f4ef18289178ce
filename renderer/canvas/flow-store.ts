import {
  applyEdgeChanges,
  applyNodeChanges,
  type Edge,
  type EdgeChange,
  type Node,
  type NodeChange,
  type Rect,
} from "@xyflow/react";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { DefinitionLookup, NodeDefinition, PortType } from "../../graph/definition.ts";
import type { WorkflowDocument, WorkflowFrame, WorkflowLink, WorkflowNode } from "../../graph/document.ts";
import { isBoundary } from "../../graph/subgraphs/boundary.ts";
import { changeFrames, isPinned, moveNodes, type Point, resizeNode, socketParams } from "../document/commands.ts";
import type { DocumentState, DocumentStore } from "../document/document-store.ts";
import { boxesInside } from "../document/frames.ts";
import { CARD_WIDTH, estimateSize, isReroute, REROUTE_SIZE, socketHandles } from "./card-geometry.ts";

/**
 * What React Flow needs to draw: nodes with measured sizes, selection and positions in the middle of a drag. It follows
 * the document; gestures that end here become one committed change each. Frames are nodes of React Flow's, under ids that
 * no node of a workflow has.
 */
export type FlowNode = Node<Record<string, never>, "heddle" | "note" | "reroute" | "frame" | "boundary">;
export type FlowLink = Edge<{ portType: PortType }, "link">;

export interface FlowState {
  readonly nodes: FlowNode[];
  readonly links: FlowLink[];
}

export interface FlowStore extends StoreApi<FlowState> {
  changeNodes(changes: NodeChange<FlowNode>[]): void;
  changeLinks(changes: EdgeChange<FlowLink>[]): void;
  select(nodes: ReadonlySet<string>, links?: ReadonlySet<string>): void;
  selectedNodes(): Set<string>;
  selectedFrames(): Set<string>;
  selectedLinks(): Set<string>;
  /** The nodes and frames (by their own ids) that stand in these frames, and the frames themselves. */
  contentOfFrames(frames: ReadonlySet<string>): { nodes: Set<string>; frames: Set<string> };
  /** The sockets of this node are others than when it was drawn up: what is measured counts from now on. */
  forgetEstimate(id: string): void;
  /** While a selection is being drawn, a frame that it only touches is not chosen: one draws it among what stands in a frame. */
  beginMarquee(): void;
  /** Chooses the frames that lie wholly in what was drawn, in flow pixels. */
  endMarquee(area: Rect): void;
  /** Whether something is being dragged or resized. */
  isDragging(): boolean;
  /** Puts what is being dragged or resized back to where the document has it; `end` lets go of it. */
  breakOff(end: () => void): void;
  isBreakingOff(): boolean;
  /** Where the nodes of the workflow stand and how large they are, measured or estimated. */
  boxes(ids?: ReadonlySet<string>): (Rect & { id: string })[];
}

const NOTHING: FlowState = { nodes: [], links: [] };
const NO_DATA: Record<string, never> = {};
const FRAME = "\nframe ";
export const frameFlowId = (id: string): string => FRAME + id;
export const frameOfFlowId = (id: string): string | undefined =>
  id.startsWith(FRAME) ? id.slice(FRAME.length) : undefined;

export function createFlowStore(documents: DocumentStore): FlowStore {
  const draw = ({ graph, definitionOf }: DocumentState, previous: FlowState): FlowState => ({
    nodes: sameOr(previous.nodes, drawNodes(graph, previous.nodes, definitionOf)),
    links: sameOr(previous.links, drawLinks(graph, previous.links, definitionOf)),
  });
  const store = createStore<FlowState>(() => draw(documents.getState(), NOTHING));
  documents.subscribe((state, before) => {
    const { graph, path, definitionOf } = state;
    if (definitionOf === before.definitionOf && path === before.path && isDrawnAlike(graph, before.graph)) return;
    // Nodes of another graph may have the same ids: nothing of them is kept.
    store.setState((previous) => draw(state, path === before.path ? previous : NOTHING));
  });
  /** What a frame that is being dragged takes along: the nodes that stood in it when the drag began. */
  const carried = new Map<string, ReadonlySet<string>>();
  let isBreakingOff = false;
  let isMarquee = false;
  const selected = <T extends { id: string; selected?: boolean }>(entities: readonly T[]) =>
    entities.flatMap((entity) => (entity.selected ? [entity.id] : []));

  return Object.assign(store, {
    changeNodes(changes: NodeChange<FlowNode>[]) {
      const before = new Map(store.getState().nodes.map((node) => [node.id, node]));
      const told = changes.filter(
        (change) => !(isBreakingOff && isOfDrag(change)) && !(isMarquee && choosesFrame(change)),
      );
      const resized = resizedBy(told, before);
      const moves = told.filter((change) => change.type === "position" && !resized.has(change.id));
      const taken = carry(moves, before, carried);
      const all = [...told, ...taken];
      store.setState((state) => ({ nodes: forgetEstimates(all, applyNodeChanges(all, state.nodes)) }));
      commitMoves(documents, [...moves, ...taken], before);
      commitResizes(documents, all, store.getState().nodes);
    },
    changeLinks(changes: EdgeChange<FlowLink>[]) {
      store.setState((state) => ({ links: applyEdgeChanges(changes, state.links) }));
    },
    select(nodes: ReadonlySet<string>, links: ReadonlySet<string> = new Set()) {
      store.setState((state) => ({
        nodes: state.nodes.map((node) => withSelection(node, nodes.has(node.id))),
        links: state.links.map((link) => withSelection(link, links.has(link.id))),
      }));
    },
    forgetEstimate(id: string) {
      const { nodes } = store.getState();
      if (nodes.some((node) => node.id === id && node.handles))
        store.setState({ nodes: withoutEstimates(nodes, new Set([id])) });
    },
    beginMarquee() {
      isMarquee = true;
    },
    endMarquee(area: Rect) {
      isMarquee = false;
      store.setState((state) => ({
        nodes: state.nodes.map((node) =>
          frameOfFlowId(node.id) === undefined ? node : withSelection(node, isWithin(boxOf(node), area)),
        ),
      }));
    },
    isDragging: () => store.getState().nodes.some(({ dragging, resizing }) => dragging || resizing),
    breakOff(end: () => void) {
      isBreakingOff = true;
      try {
        end();
      } finally {
        isBreakingOff = false;
      }
      carried.clear();
      store.setState((state) => ({
        nodes: drawNodes(documents.getState().graph, state.nodes.map(letGo), documents.getState().definitionOf),
      }));
    },
    isBreakingOff: () => isBreakingOff,
    selectedNodes: () => new Set(selected(store.getState().nodes).filter((id) => frameOfFlowId(id) === undefined)),
    selectedFrames: () => new Set(selected(store.getState().nodes).flatMap((id) => frameOfFlowId(id) ?? [])),
    selectedLinks: () => new Set(selected(store.getState().links)),
    contentOfFrames(frames: ReadonlySet<string>) {
      const all = new Map(store.getState().nodes.map((node) => [node.id, node]));
      const found = [...frames].flatMap((id) => {
        const frame = all.get(frameFlowId(id));
        return frame ? [frame.id, ...contentOf(frame, all)] : [];
      });
      return {
        nodes: new Set(found.filter((id) => frameOfFlowId(id) === undefined)),
        frames: new Set(found.flatMap((id) => frameOfFlowId(id) ?? [])),
      };
    },
    boxes: (ids?: ReadonlySet<string>) =>
      store
        .getState()
        .nodes.filter(({ id }) => (ids ? ids.has(id) : frameOfFlowId(id) === undefined))
        .map(boxOf),
  });
}

/**
 * Whether React Flow draws the same for both: what a parameter says is the business of its card alone, and typing should not
 * wait for a thousand nodes and their links to be drawn up and compared.
 */
function isDrawnAlike(one: WorkflowDocument, other: WorkflowDocument): boolean {
  return (
    one.links === other.links &&
    one.frames === other.frames &&
    (one.nodes === other.nodes ||
      (one.nodes.length === other.nodes.length &&
        one.nodes.every((node, at) => {
          const twin = other.nodes[at];
          return twin === node || (twin !== undefined && isPlacedAlike(node, twin));
        })))
  );
}

const isPlacedAlike = (one: WorkflowNode, other: WorkflowNode): boolean =>
  one.id === other.id &&
  one.type === other.type &&
  one.position === other.position &&
  one.size === other.size &&
  isPinned(one) === isPinned(other);

/** The list as it was when nothing in it has changed: React Flow then has nothing to look through. */
function sameOr<T>(before: T[], after: T[]): T[] {
  return before.length === after.length && before.every((one, at) => one === after[at]) ? before : after;
}

const boxOf = ({ id, position, measured, width, height }: FlowNode) => ({
  id,
  x: position.x,
  y: position.y,
  width: measured?.width ?? width ?? CARD_WIDTH,
  height: measured?.height ?? height ?? 0,
});

function withSelection<T extends { selected?: boolean }>(entity: T, selected: boolean): T {
  return Boolean(entity.selected) === selected ? entity : { ...entity, selected };
}

const choosesFrame = (change: NodeChange<FlowNode>): boolean =>
  change.type === "select" && change.selected && frameOfFlowId(change.id) !== undefined;

const isWithin = (box: Rect, area: Rect): boolean =>
  box.x >= area.x &&
  box.y >= area.y &&
  box.x + box.width <= area.x + area.width &&
  box.y + box.height <= area.y + area.height;

const isOfDrag = (change: NodeChange<FlowNode>): boolean =>
  change.type === "position" || (change.type === "dimensions" && change.resizing !== undefined);

function letGo(node: FlowNode): FlowNode {
  const { dragging, resizing, ...rest } = node;
  return dragging || resizing ? rest : node;
}

/**
 * What has an edge dragged. At a left or upper edge React Flow tells each new position as it tells that of a frame that was moved:
 * it takes nothing along, and is committed with the size when the edge is let go.
 */
function resizedBy(
  changes: readonly NodeChange<FlowNode>[],
  before: ReadonlyMap<string, FlowNode>,
): ReadonlySet<string> {
  const ids = changes.flatMap((change) =>
    (change.type === "dimensions" && change.resizing) || (change.type === "position" && before.get(change.id)?.resizing)
      ? change.id
      : [],
  );
  return new Set(ids);
}

/** A card that was measured needs no estimated sockets any more. */
function forgetEstimates(changes: readonly NodeChange<FlowNode>[], nodes: FlowNode[]): FlowNode[] {
  const measured = new Set(changes.flatMap((change) => (change.type === "dimensions" ? [change.id] : [])));
  return measured.size === 0 ? nodes : withoutEstimates(nodes, measured);
}

function withoutEstimates(nodes: FlowNode[], ids: ReadonlySet<string>): FlowNode[] {
  return nodes.map((node) => {
    if (!node.handles || !ids.has(node.id)) return node;
    const { handles: _estimated, ...rest } = node;
    return rest;
  });
}

/** The moves of nodes that a moving frame takes along; what is pinned stays. */
function carry(
  changes: readonly NodeChange<FlowNode>[],
  before: ReadonlyMap<string, FlowNode>,
  carried: Map<string, ReadonlySet<string>>,
): NodeChange<FlowNode>[] {
  const moved = new Set(changes.flatMap((change) => (change.type === "position" ? [change.id] : [])));
  return changes.flatMap((change): NodeChange<FlowNode>[] => {
    if (change.type !== "position" || !change.position || frameOfFlowId(change.id) === undefined) return [];
    const frame = before.get(change.id);
    if (!frame) return [];
    const content = carried.get(change.id) ?? contentOf(frame, before);
    if (change.dragging) carried.set(change.id, content);
    else carried.delete(change.id);
    const dx = change.position.x - frame.position.x;
    const dy = change.position.y - frame.position.y;
    return [...content].flatMap((id) => {
      const node = before.get(id);
      if (!node || moved.has(id) || node.draggable === false) return [];
      const position = { x: node.position.x + dx, y: node.position.y + dy };
      return [{ type: "position" as const, id, position, dragging: change.dragging ?? false }];
    });
  });
}

/** What stands in a frame, other frames too. */
function contentOf(frame: FlowNode, nodes: ReadonlyMap<string, FlowNode>): ReadonlySet<string> {
  const others = [...nodes.values()].filter(({ id }) => id !== frame.id).map(boxOf);
  return new Set(boxesInside(boxOf(frame), others).map(({ id }) => id));
}

/** A drag is over when React Flow reports a position that is not `dragging`; arrow keys report such positions only. */
function commitMoves(
  documents: DocumentStore,
  changes: readonly NodeChange<FlowNode>[],
  before: ReadonlyMap<string, FlowNode>,
): void {
  const positions = new Map<string, Point>();
  const frames = new Map<string, Point>();
  let wasDragged = false;
  for (const change of changes) {
    if (change.type !== "position" || change.dragging || !change.position) continue;
    const position = { x: Math.round(change.position.x), y: Math.round(change.position.y) };
    const frame = frameOfFlowId(change.id);
    if (frame === undefined) positions.set(change.id, position);
    else frames.set(frame, position);
    wasDragged ||= before.get(change.id)?.dragging === true;
  }
  if (positions.size === 0 && frames.size === 0) return;
  const { graph: document } = documents.getState();
  documents.commit({
    label: "move",
    patches: [
      ...moveNodes(document, positions),
      ...changeFrames(document, (frame) => ({ ...frame, position: { ...frame.position, ...frames.get(frame.id) } })),
    ],
    // What comes of dropping it is one step with the drag.
    gesture: wasDragged ? `drag ${Date.now()}` : `nudge ${[...positions.keys(), ...frames.keys()].join(" ")}`,
  });
}

function commitResizes(
  documents: DocumentStore,
  changes: readonly NodeChange<FlowNode>[],
  nodes: readonly FlowNode[],
): void {
  for (const change of changes) {
    if (change.type !== "dimensions" || change.resizing !== false || !change.dimensions) continue;
    const at = nodes.find((node) => node.id === change.id)?.position;
    const { graph: document } = documents.getState();
    const frameId = frameOfFlowId(change.id);
    const { dimensions } = change;
    documents.commit({
      label: "resize",
      patches:
        frameId === undefined
          ? resizeNode(document, change.id, dimensions, at)
          : changeFrames(document, (frame) =>
              frame.id === frameId ? { ...frame, size: dimensions, position: at ?? frame.position } : frame,
            ),
    });
  }
}

function drawNodes(
  document: WorkflowDocument,
  previous: readonly FlowNode[],
  definitionOf: DefinitionLookup,
): FlowNode[] {
  const known = new Map(previous.map((node) => [node.id, node]));
  const linked = Map.groupBy(document.links, (link) => link.to.node);
  return [
    // A frame within another lies above it, whichever was drawn first.
    ...(document.frames ?? [])
      .toSorted((a, b) => areaOf(b) - areaOf(a))
      .map((frame) => drawFrame(frame, known.get(frameFlowId(frame.id)))),
    ...document.nodes.map((node) => drawNode(node, known.get(node.id), definitionOf, linked)),
  ];
}

const areaOf = ({ size }: WorkflowFrame): number => size.width * size.height;

function drawFrame(frame: WorkflowFrame, previous: FlowNode | undefined): FlowNode {
  const { x, y } = frame.position;
  const { width, height } = frame.size;
  if (
    previous?.position.x === x &&
    previous.position.y === y &&
    previous.width === width &&
    previous.height === height
  ) {
    return previous;
  }
  return {
    ...previous,
    id: frameFlowId(frame.id),
    type: "frame",
    position: { x, y },
    width,
    height,
    measured: { width, height },
    handles: [],
    zIndex: -1,
    data: NO_DATA,
  };
}

function typeOf(node: WorkflowNode, definition: NodeDefinition | undefined): NonNullable<FlowNode["type"]> {
  if (definition && isBoundary(node)) return "boundary";
  if (definition?.isAnnotation) return "note";
  return definition && isReroute(node) ? "reroute" : "heddle";
}

function drawNode(
  node: WorkflowNode,
  previous: FlowNode | undefined,
  definitionOf: DefinitionLookup,
  linked: ReadonlyMap<string, readonly WorkflowLink[]>,
): FlowNode {
  const definition = definitionOf(node.type);
  const type = typeOf(node, definition);
  const { x, y } = node.position;
  const width = type === "reroute" ? REROUTE_SIZE.width : node.size?.width;
  const height = type === "note" ? node.size?.height : undefined;
  const draggable = !isPinned(node);
  if (
    previous?.type === type &&
    previous.position.x === x &&
    previous.position.y === y &&
    previous.width === width &&
    previous.height === height &&
    (previous.draggable ?? true) === draggable
  ) {
    return previous;
  }
  const {
    width: _width,
    height: _height,
    ...kept
  } = previous ?? estimated(node, definition, linked.get(node.id) ?? []);
  return {
    ...kept,
    id: node.id,
    type,
    position: { x, y },
    data: NO_DATA,
    draggable,
    // Else the canvas would take a press on a pinned node for one on itself.
    className: "nopan",
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
  };
}

/** A node of unknown type has the sockets that its links use; it has to be drawn to be measured. */
function estimated(
  node: WorkflowNode,
  definition: NodeDefinition | undefined,
  links: readonly WorkflowLink[],
): Partial<FlowNode> {
  if (!definition) return {};
  const measured = estimateSize(node, definition);
  const sockets = new Set([...links.map(({ to }) => to.port), ...socketParams(node)]);
  return { measured, handles: socketHandles(node, definition, measured, sockets) };
}

function drawLinks(
  document: WorkflowDocument,
  previous: readonly FlowLink[],
  definitionOf: DefinitionLookup,
): FlowLink[] {
  const known = new Map(previous.map((link) => [link.id, link]));
  const typeOfNode = new Map(document.nodes.map((node) => [node.id, node.type]));
  return document.links.map((link) => {
    const before = known.get(link.id);
    const source = typeOfNode.get(link.from.node);
    const portType =
      (source && definitionOf(source)?.outputs.find((port) => port.name === link.from.port)?.type) || "any";
    if (
      before?.source === link.from.node &&
      before.sourceHandle === link.from.port &&
      before.target === link.to.node &&
      before.targetHandle === link.to.port &&
      before.data?.portType === portType
    ) {
      return before;
    }
    return {
      id: link.id,
      type: "link",
      source: link.from.node,
      sourceHandle: link.from.port,
      target: link.to.node,
      targetHandle: link.to.port,
      data: { portType },
      ariaLabel: `${link.from.node} ${link.from.port} → ${link.to.node} ${link.to.port}`,
      selected: before?.selected ?? false,
    };
  });
}
