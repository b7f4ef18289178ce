import {
  applyEdgeChanges,
  applyNodeChanges,
  type Edge,
  type EdgeChange,
  type Node,
  type NodeChange,
} from "@xyflow/react";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { DefinitionLookup, PortType } from "../../graph/definition.ts";
import type { WorkflowDocument, WorkflowNode } from "../../graph/document.ts";
import { moveNodes, type Point, resizeNode } from "../document/commands.ts";
import type { DocumentStore } from "../document/document-store.ts";

/**
 * What React Flow needs to draw: nodes with measured sizes, selection and positions in the middle of a drag. It follows
 * the document; gestures that end here become one committed change each.
 */
export type FlowNode = Node<Record<string, never>, "heddle" | "note">;
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
  selectedLinks(): Set<string>;
}

const NO_DATA: Record<string, never> = {};

export function createFlowStore(documents: DocumentStore, definitionOf: DefinitionLookup): FlowStore {
  const draw = (document: WorkflowDocument, previous: FlowState): FlowState => ({
    nodes: drawNodes(document, previous.nodes, definitionOf),
    links: drawLinks(document, previous.links, definitionOf),
  });
  const store = createStore<FlowState>(() => draw(documents.getState().document, { nodes: [], links: [] }));
  documents.subscribe((state, before) => {
    if (state.document !== before.document) store.setState((previous) => draw(state.document, previous));
  });

  return Object.assign(store, {
    changeNodes(changes: NodeChange<FlowNode>[]) {
      const before = new Map(store.getState().nodes.map((node) => [node.id, node]));
      store.setState((state) => ({ nodes: applyNodeChanges(changes, state.nodes) }));
      commitMoves(documents, changes, before);
      commitResizes(documents, changes, store.getState().nodes);
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
    selectedNodes: () => new Set(store.getState().nodes.flatMap((node) => (node.selected ? [node.id] : []))),
    selectedLinks: () => new Set(store.getState().links.flatMap((link) => (link.selected ? [link.id] : []))),
  });
}

function withSelection<T extends { selected?: boolean }>(entity: T, selected: boolean): T {
  return Boolean(entity.selected) === selected ? entity : { ...entity, selected };
}

/** A drag is over when React Flow reports a position that is not `dragging`; arrow keys report such positions only. */
function commitMoves(
  documents: DocumentStore,
  changes: readonly NodeChange<FlowNode>[],
  before: ReadonlyMap<string, FlowNode>,
): void {
  const positions = new Map<string, Point>();
  let wasDragged = false;
  for (const change of changes) {
    if (change.type !== "position" || change.dragging || !change.position) continue;
    positions.set(change.id, { x: Math.round(change.position.x), y: Math.round(change.position.y) });
    wasDragged ||= before.get(change.id)?.dragging === true;
  }
  if (positions.size === 0) return;
  const { document } = documents.getState();
  documents.commit({
    label: "move",
    patches: moveNodes(document, positions),
    ...(wasDragged ? {} : { gesture: `nudge ${[...positions.keys()].join(" ")}` }),
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
    documents.commit({
      label: "resize",
      patches: resizeNode(documents.getState().document, change.id, change.dimensions, at),
    });
  }
}

function drawNodes(
  document: WorkflowDocument,
  previous: readonly FlowNode[],
  definitionOf: DefinitionLookup,
): FlowNode[] {
  const known = new Map(previous.map((node) => [node.id, node]));
  return document.nodes.map((node) => drawNode(node, known.get(node.id), definitionOf));
}

function drawNode(node: WorkflowNode, previous: FlowNode | undefined, definitionOf: DefinitionLookup): FlowNode {
  const type = definitionOf(node.type)?.isAnnotation ? "note" : "heddle";
  const { x, y } = node.position;
  const width = node.size?.width;
  const height = type === "note" ? node.size?.height : undefined;
  if (
    previous?.type === type &&
    previous.position.x === x &&
    previous.position.y === y &&
    previous.width === width &&
    previous.height === height
  ) {
    return previous;
  }
  const { width: _width, height: _height, ...kept } = previous ?? {};
  return {
    ...kept,
    id: node.id,
    type,
    position: { x, y },
    data: NO_DATA,
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
  };
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
