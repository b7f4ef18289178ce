import { createStore, type StoreApi } from "zustand/vanilla";
import type { ImportReport } from "../../graph/importers/report.ts";

/** What is open above the canvas. Nothing here is undone, saved or sent. */
export interface NodePaletteRequest {
  /** Where it opens, in pixels of the window. */
  readonly at: { readonly x: number; readonly y: number };
  /** A link that waits for its other end: only nodes and sockets that fit are offered. */
  readonly link?: { readonly nodeId: string; readonly port: string; readonly side: "input" | "output" };
  /** The link was dropped where nothing is: a new node is meant rather than one that is there. */
  readonly isDropped?: boolean;
  /** The nodes behind which the new one comes: what goes without saying is linked. */
  readonly from?: readonly string[];
  /** Nobody pointed at a place: the node comes where there is room, near the middle of what is seen. */
  readonly isUnplaced?: boolean;
}

export interface CanvasMenuRequest {
  /** Where it opens, in pixels of the window; it leaves so much above that free, which is what it is of. */
  readonly at: { readonly x: number; readonly y: number; readonly above?: number };
  readonly of: "selection" | "canvas" | { readonly link: string } | { readonly node: string; readonly param: string };
}

export interface Notice {
  readonly id: number;
  readonly tone: "info" | "success" | "error";
  readonly text: string;
  readonly detail?: string | undefined;
  /** What can be done about it, on a button; the notice goes with it. */
  readonly action?: { readonly label: string; readonly run: () => void } | undefined;
}

export interface ViewState {
  readonly nodePalette: NodePaletteRequest | undefined;
  readonly dialog: "commands" | "templates" | "shortcuts" | "gallery" | "models" | "settings" | "about" | undefined;
  /** A menu of the canvas: of the selection, of one link, or of the empty canvas. */
  readonly canvasMenu: CanvasMenuRequest | undefined;
  /** What became of a workflow of another program. */
  readonly importReport: ImportReport | undefined;
  /** Type of the node whose help is open. */
  readonly helpOn: string | undefined;
  /** The node whose mask is being painted, and the name of the param that holds it. */
  readonly maskEditor: { readonly nodeId: string; readonly param: string } | undefined;
  /** Run whose log is open. */
  readonly logOf: string | undefined;
  /** The subgraph whose sockets and params are being chosen. */
  readonly subgraphDialog: string | undefined;
  /** Whether the matrix of runs is being set up. */
  readonly sweepDialog: boolean;
  /** Whether the properties of the workflow are open; at the API name of `focus` (`node.param`), where there is one. */
  readonly properties: { readonly focus?: string } | undefined;
  /** Whether the form of the workflow is being put together. */
  readonly formDialog: boolean;
  /** Content hash of the picture that is open large. */
  readonly viewerHash: string | undefined;
  readonly notices: readonly Notice[];
  /** Tabs with unsaved changes that are to be closed, until the person says what to do with the first of them. */
  readonly closing: readonly string[];
  /** The tab whose title is being edited. */
  readonly renamingTab: string | undefined;
  /** The node whose title is being edited. */
  readonly renamingNode: string | undefined;
}

export interface ViewStore extends StoreApi<ViewState> {
  /** Returns what {@link dismiss} takes. */
  notify(notice: Omit<Notice, "id">): number;
  dismiss(id: number): void;
  /** Another tab comes to the front: what was open on this one's canvas closes. */
  leaveTab(): void;
}

export function createViewStore(): ViewStore {
  const store = createStore<ViewState>(() => ({
    nodePalette: undefined,
    dialog: undefined,
    canvasMenu: undefined,
    importReport: undefined,
    helpOn: undefined,
    maskEditor: undefined,
    logOf: undefined,
    subgraphDialog: undefined,
    sweepDialog: false,
    properties: undefined,
    formDialog: false,
    viewerHash: undefined,
    notices: [],
    closing: [],
    renamingTab: undefined,
    renamingNode: undefined,
  }));
  let lastNotice = 0;
  const dismiss = (id: number) =>
    store.setState((state) => ({ notices: state.notices.filter((notice) => notice.id !== id) }));
  return Object.assign(store, {
    notify(notice: Omit<Notice, "id">) {
      const id = ++lastNotice;
      store.setState((state) => ({
        // The same message again replaces the one that is still there.
        notices: [...state.notices.filter(({ text }) => text !== notice.text).slice(-2), { ...notice, id }],
      }));
      if (notice.tone !== "error") setTimeout(() => dismiss(id), 4_000);
      return id;
    },
    dismiss,
    leaveTab() {
      store.setState({
        nodePalette: undefined,
        canvasMenu: undefined,
        helpOn: undefined,
        subgraphDialog: undefined,
        sweepDialog: false,
        properties: undefined,
        formDialog: false,
        renamingNode: undefined,
        renamingTab: undefined,
      });
    },
  });
}
