import {
  type Connection,
  type FinalConnectionState,
  MiniMap,
  type OnConnectStartParams,
  ReactFlow,
  SelectionMode,
  type Viewport,
} from "@xyflow/react";
import { type DragEvent, type MouseEvent, useCallback, useEffect, useMemo, useRef } from "react";
import { useStore } from "zustand";
import { findInput } from "../../graph/linkable-params.ts";
import type { LinkEnds, LinkRefusal } from "../document/commands.ts";
import { whyNotLink } from "../document/commands.ts";
import { useText } from "../i18n/use-text.ts";
import { connect, disconnect, reconnect } from "../session/actions.ts";
import { useDocument, useSession, useSettings } from "../session/context.tsx";
import { isTaken, takeDropped } from "../session/incoming-files.ts";
import { dropOnLink } from "../session/insert-in-link.ts";
import { leaveCopy } from "../session/leave-copy.ts";
import { isFitted, kept, lookAtDocument } from "../session/look.ts";
import type { CanvasMenuRequest } from "../session/view-store.ts";
import { Breadcrumbs } from "../subgraph/breadcrumbs.tsx";
import { BoundaryCard } from "./boundary-card.tsx";
import { useBreakOff } from "./break-off.ts";
import styles from "./canvas.module.css";
import { CanvasMenu } from "./canvas-menu.tsx";
import { EmptyCanvas } from "./empty-canvas.tsx";
import { type FlowLink, type FlowNode, frameOfFlowId } from "./flow-store.ts";
import { FrameCard } from "./frame-card.tsx";
import { GRID_GAP, GridDots } from "./grid-dots.tsx";
import { Link } from "./link.tsx";
import { useLongPress } from "./long-press.ts";
import { useMovePerFrame } from "./move-per-frame.ts";
import { NodeCard } from "./node-card.tsx";
import { NoteCard } from "./note-card.tsx";
import { usePickUpLink } from "./pick-up-link.ts";
import { RerouteCard } from "./reroute-card.tsx";
import { useSpokenGraph } from "./spoken-graph.ts";
import { useSpokenHelp } from "./spoken-help.ts";
import { Toolbar } from "./toolbar.tsx";
import { useTwoFingers, ZOOM_RANGE } from "./two-fingers.ts";
import { useFittedView } from "./use-fitted-view.ts";

const nodeTypes = { heddle: NodeCard, note: NoteCard, reroute: RerouteCard, frame: FrameCard, boundary: BoundaryCard };
const edgeTypes = { link: Link };
const GRID: [number, number] = [GRID_GAP, GRID_GAP];
/** Any mouse button pans, as in ComfyUI; with Shift or Ctrl the left one draws a selection. */
const PAN_BUTTONS = [0, 1, 2];

/**
 * The graph: React Flow as a thin skin over the document and flow stores. It is rendered for every frame of a drag; what lies
 * over it is not.
 */
export function Canvas() {
  const session = useSession();
  const text = useText();
  const { nodes, links } = useSpokenGraph(useStore(session.flow));
  const minimap = useSettings((state) => state.minimap);
  const snap = useSettings((state) => state.snapToGrid);
  const spokenHelp = useSpokenHelp();
  const frame = useRef<HTMLElement>(null);
  useLongPress(frame);
  useMovePerFrame(frame);
  useBreakOff(frame, session);
  usePickUpLink(frame, session);
  useTwoFingers(frame, session);
  useFittedView(frame, session);
  const path = useDocument((state) => state.path);
  const shownPath = useRef(path);
  useEffect(() => {
    // Another graph came into view: it is looked at from where it was left, or as it fits.
    if (shownPath.current === path) return;
    shownPath.current = path;
    lookAtDocument(session);
  }, [path, session]);
  const handlers = useMemo(() => canvasHandlers(session, frame, text), [session, text]);

  const onDrop = useCallback(
    async (event: DragEvent) => {
      if (!isTaken(event.dataTransfer)) return;
      event.preventDefault();
      const at = session.canvas?.screenToFlowPosition({ x: event.clientX, y: event.clientY });
      await takeDropped(session, event.dataTransfer, at);
    },
    [session],
  );

  return (
    <main
      ref={frame}
      className={styles.canvas}
      aria-label={text("canvas.name")}
      onDragOver={(event) => event.preventDefault()}
      onDrop={onDrop}
    >
      <ReactFlow<FlowNode, FlowLink>
        nodes={nodes}
        edges={links}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        {...handlers}
        minZoom={ZOOM_RANGE.min}
        maxZoom={ZOOM_RANGE.max}
        snapToGrid={snap}
        snapGrid={GRID}
        selectionKeyCode={MULTI_SELECT_KEYS}
        selectionMode={SelectionMode.Partial}
        panOnDrag={PAN_BUTTONS}
        zoomOnDoubleClick={false}
        panActivationKeyCode="Space"
        multiSelectionKeyCode={MULTI_SELECT_KEYS}
        deleteKeyCode={null}
        connectionRadius={28}
        elevateNodesOnSelect
        onlyRenderVisibleElements={nodes.length > VIRTUALISE_ABOVE}
        ariaLabelConfig={spokenHelp}
        proOptions={PRO_OPTIONS}
      >
        <GridDots />
        {minimap && (
          <MiniMap
            className={styles.minimap}
            pannable
            zoomable
            ariaLabel={text("canvas.minimap")}
            nodeColor={minimapColor}
            maskColor="color-mix(in srgb, var(--canvas) 70%, transparent)"
            bgColor="var(--surface-1)"
          />
        )}
      </ReactFlow>
      <Breadcrumbs />
      {nodes.length === 0 && <EmptyCanvas />}
      <Toolbar />
      <CanvasMenu />
    </main>
  );
}

/** What stands in a frame is seen through it. */
const minimapColor = ({ type }: FlowNode) =>
  type === "frame" ? "color-mix(in srgb, var(--surface-4) 30%, transparent)" : "var(--surface-4)";
const PRO_OPTIONS = { hideAttribution: true };
const MULTI_SELECT_KEYS = ["Shift", "Meta", "Control"];
/** Fewer nodes are all in the page, for screen readers and the search of the browser. */
const VIRTUALISE_ABOVE = 60;

interface LinkDrop {
  /** Pixels of the window. */
  readonly at: { readonly x: number; readonly y: number };
  /** The end that stays. */
  readonly from: LinkEnds["from"];
  readonly side: "input" | "output";
  readonly ends?: LinkEnds;
  readonly why?: LinkRefusal | "same-side";
}

function canvasHandlers(
  session: ReturnType<typeof useSession>,
  frame: React.RefObject<HTMLElement | null>,
  text: ReturnType<typeof useText>,
) {
  const { documents, flow, view, definitionOf } = session;
  const ends = (connection: Connection | FlowLink): LinkEnds | undefined =>
    connection.sourceHandle && connection.targetHandle
      ? {
          from: { node: connection.source, port: connection.sourceHandle },
          to: { node: connection.target, port: connection.targetHandle },
        }
      : undefined;
  const refusal = (connection: Connection | FlowLink) => {
    const link = ends(connection);
    return link ? whyNotLink(documents.getState().graph, definitionOf, link) : "unknown-port";
  };
  /** In flow pixels: the view moves while something is drawn at its edge. */
  const placeOf = ({ clientX, clientY }: MouseEvent) =>
    session.canvas?.screenToFlowPosition({ x: clientX, y: clientY }, { snapToGrid: false }) ?? { x: 0, y: 0 };
  /** Where the selection that is being drawn begins. */
  let marqueeFrom = { x: 0, y: 0 };
  /** An end of a link that is there is being dragged, not a new link. */
  let isMoving = false;
  const markLinking = (type?: string, to = "") => {
    for (const [name, value] of [
      ["data-linking", type],
      ["data-linking-to", to],
    ] as const) {
      if (type === undefined) frame.current?.removeAttribute(name);
      else frame.current?.setAttribute(name, value ?? "");
    }
  };
  /** Where a link was dropped that no socket took: what it would join there, or why it does not. */
  const dropOf = (
    event: globalThis.MouseEvent | TouchEvent,
    { fromHandle, toHandle, fromNode, isValid }: FinalConnectionState,
  ): LinkDrop | undefined => {
    const { graph, nodesById } = documents.getState();
    if (!fromHandle || !fromNode || isValid || !nodesById.has(fromNode.id)) return undefined;
    const from = { node: fromNode.id, port: fromHandle.id ?? "" };
    const side = fromHandle.type === "source" ? "output" : "input";
    const joined = (other: LinkEnds["to"]) => (side === "output" ? { from, to: other } : { from: other, to: from });
    const pointer = "changedTouches" in event ? event.changedTouches[0] : event;
    const at = { x: pointer?.clientX ?? 0, y: pointer?.clientY ?? 0 };
    if (toHandle) {
      const link = joined({ node: toHandle.nodeId, port: toHandle.id ?? "" });
      const why = fromHandle.type === toHandle.type ? "same-side" : whyNotLink(graph, definitionOf, link);
      return { at, from, side, ...(why ? { why } : { ends: link }) };
    }
    const row = side === "output" ? rowUnder(at.x, at.y) : undefined;
    if (!row) return { at, from, side };
    const why = whyNotLink(graph, definitionOf, joined(row));
    return { at, from, side, ...(why ? { why } : { ends: joined(row) }) };
  };
  const openMenu = (event: { clientX: number; clientY: number }, of: CanvasMenuRequest["of"]) =>
    view.setState({ canvasMenu: { at: { x: event.clientX, y: event.clientY }, of } });

  return {
    onInit: (instance: NonNullable<typeof session.canvas>) => {
      session.canvas = instance;
      lookAtDocument(session);
    },
    onMoveEnd: (event: globalThis.MouseEvent | TouchEvent | null, viewport: Viewport) => {
      // A view that nobody chose is not kept: the workflow opens as it fits the window.
      if (!event && !documents.getState().graph.view && isFitted(session, viewport)) return;
      documents.setView(kept(viewport));
    },
    onNodeDragStop: (event: MouseEvent | globalThis.MouseEvent | TouchEvent, node: FlowNode, all: FlowNode[]) => {
      if (flow.isBreakingOff()) return;
      if (event.altKey) {
        // Frames are moved with all that stands in them, and copied with Ctrl+D.
        const ids = all.map(({ id }) => id);
        if (!ids.some((id) => frameOfFlowId(id) !== undefined)) leaveCopy(session, new Set(ids));
        return;
      }
      const point = "changedTouches" in event ? event.changedTouches[0] : event;
      const linkId = all.length === 1 && point ? linkUnder(point.clientX, point.clientY) : undefined;
      if (linkId) dropOnLink(session, node.id, linkId);
    },
    onSelectionStart: (event: MouseEvent) => {
      marqueeFrom = placeOf(event);
      flow.beginMarquee();
    },
    onSelectionEnd: (event: MouseEvent) => {
      const from = marqueeFrom;
      const to = placeOf(event);
      const [x, y] = [Math.min(from.x, to.x), Math.min(from.y, to.y)];
      flow.endMarquee({ x, y, width: Math.abs(to.x - from.x), height: Math.abs(to.y - from.y) });
    },
    onPaneClick: () => letGoOfWords(),
    onNodeClick: (event: MouseEvent, node: FlowNode) => {
      letGoOfWords((event.target as Element).closest(".react-flow__node"));
      // A click, not a drag, on one of several selected nodes means that one.
      const isSeveral = flow.selectedNodes().size + flow.selectedFrames().size + flow.selectedLinks().size > 1;
      if (isSeveral && !event.shiftKey && !event.ctrlKey && !event.metaKey) flow.select(new Set([node.id]));
    },
    onNodeContextMenu: (event: MouseEvent, node: FlowNode) => {
      event.preventDefault();
      if (!node.selected) flow.select(new Set([node.id]));
      openMenu(event, "selection");
    },
    onSelectionContextMenu: (event: MouseEvent) => {
      event.preventDefault();
      openMenu(event, "selection");
    },
    onEdgeContextMenu: (event: MouseEvent, link: FlowLink) => {
      event.preventDefault();
      openMenu(event, { link: link.id });
    },
    onNodesChange: flow.changeNodes,
    onEdgesChange: flow.changeLinks,
    isValidConnection: (connection: Connection | FlowLink) => refusal(connection) === undefined,
    onConnect: (connection: Connection) => {
      const link = ends(connection);
      if (link && !flow.isBreakingOff()) connect(session, link);
    },
    onConnectStart: (_: unknown, { nodeId, handleId, handleType }: OnConnectStartParams) => {
      const node = documents.getState().nodesById.get(nodeId ?? "");
      const definition = node && definitionOf(node.type);
      const output = definition?.outputs.find((port) => port.name === handleId);
      const port = handleType === "source" ? output : definition && findInput(definition, handleId ?? "");
      const type = port?.type ?? "any";
      markLinking(type, handleType === "source" ? "target" : "source");
    },
    onConnectEnd: (event: globalThis.MouseEvent | TouchEvent, state: FinalConnectionState) => {
      markLinking();
      if (isMoving || flow.isBreakingOff()) return;
      const drop = dropOf(event, state);
      if (drop?.why) view.notify({ tone: "info", text: text(`link.${drop.why}`) });
      else if (drop?.ends) connect(session, drop.ends);
      else if (drop) {
        const { at, from, side } = drop;
        view.setState({ nodePalette: { at, link: { nodeId: from.node, port: from.port, side }, isDropped: true } });
      }
    },
    onReconnectStart: () => {
      isMoving = true;
    },
    onReconnect: (old: FlowLink, connection: Connection) => {
      const link = ends(connection);
      if (link && !flow.isBreakingOff()) reconnect(session, old.id, link);
    },
    onReconnectEnd: (
      event: globalThis.MouseEvent | TouchEvent,
      link: FlowLink,
      _: unknown,
      state: FinalConnectionState,
    ) => {
      isMoving = false;
      if (flow.isBreakingOff()) return;
      // Dropped where nothing is, the link is taken away; where it cannot be, it stays as it was.
      const drop = dropOf(event, state);
      if (drop?.why) view.notify({ tone: "info", text: text(`link.${drop.why}`) });
      else if (drop?.ends) reconnect(session, link.id, drop.ends);
      else if (drop) disconnect(session, new Set([link.id]));
    },
    onDoubleClick: (event: MouseEvent) => {
      if (!isOpenGround(event.target as Element)) return;
      view.setState({ nodePalette: { at: { x: event.clientX, y: event.clientY } } });
    },
    onPaneContextMenu: (event: MouseEvent | globalThis.MouseEvent) => {
      event.preventDefault();
      openMenu(event, "canvas");
    },
  };
}

/** Words that were chosen elsewhere: a click on the canvas leaves them so, and Ctrl+C would go on copying them instead of nodes. */
function letGoOfWords(clicked?: Element | null): void {
  const words = document.getSelection();
  if (words && !words.isCollapsed && !clicked?.contains(words.anchorNode)) words.removeAllRanges();
}

/** The canvas itself, or a frame below its title: something may be put there. */
const isOpenGround = (target: Element): boolean =>
  target.classList.contains("react-flow__pane") ||
  (target.closest(".react-flow__node-frame") !== null && target.closest("header") === null);

/** The parameter under a point of the window: a link may be dropped on its row. */
function rowUnder(x: number, y: number): { node: string; port: string } | undefined {
  const row = document.elementFromPoint(x, y)?.closest("[data-socket-row]");
  const node = row?.closest(".react-flow__node")?.getAttribute("data-id");
  const port = row?.getAttribute("data-socket-row");
  return node && port ? { node, port } : undefined;
}

/** The link under a point of the window; nodes that lie above it do not hide it. */
function linkUnder(x: number, y: number): string | undefined {
  const edge = document.elementsFromPoint(x, y).find((element) => element.closest(".react-flow__edge"));
  return edge?.closest(".react-flow__edge")?.getAttribute("data-id") ?? undefined;
}
