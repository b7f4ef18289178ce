import { show } from "../app-view/address.ts";
import { frameFlowId } from "../canvas/flow-store.ts";
import { middleOfLink } from "../canvas/link-place.ts";
import { glide } from "../canvas/motion.ts";
import { alignments } from "../document/arrange.ts";
import { toggleSafetyCheck } from "../document/form-commands.ts";
import { type TextKey, translate } from "../i18n/i18n.ts";
import { workflowOf } from "../i18n/template-text.ts";
import { lookForModels } from "../models/missing-actions.ts";
import {
  cancel,
  closeTab,
  closeTabs,
  deleteSelection,
  duplicateSelection,
  openDocument,
  run,
  runSelection,
  saveFile,
  selectAll,
  tell,
  toggleCollapsed,
  toggleMode,
} from "../session/actions.ts";
import { focusFirstField } from "../session/add-behind.ts";
import {
  alignSelection,
  distributeSelection,
  frameSelection,
  tidyUp,
  toggleLocked,
  togglePinned,
} from "../session/arrange-actions.ts";
import { openFile } from "../session/incoming-files.ts";
import { insertable, insertIntoLink } from "../session/insert-in-link.ts";
import { resizeByKey } from "../session/keyboard-moves.ts";
import { fitView } from "../session/look.ts";
import { copyToClipboard, pasteFromClipboard } from "../session/paste.ts";
import type { Session } from "../session/session.ts";
import { emptyWorkflow } from "../session/workspace.ts";
import {
  collapseSelection,
  enterSelected,
  exportSubgraph,
  keepInLibrary,
  leaveSubgraph,
  makeIndependent,
  selectedSubgraph,
  unpackSelected,
} from "../subgraph/subgraph-actions.ts";

/** Everything the command palette lists and the keyboard reaches. */
export interface Command {
  readonly id: `${string}.${string}`;
  readonly text: TextKey;
  /** What it is called elsewhere, in a menu or in other programs: it is found under those names too. */
  readonly also?: readonly TextKey[];
  /** Works on the start page too, where there is no workflow. */
  readonly isGlobal?: boolean;
  readonly run: (session: Session) => void;
  readonly isEnabled?: (session: Session) => boolean;
}

const ZOOM_MS = 160;

const hasSelection = (session: Session) => session.flow.selectedNodes().size > 0;
const hasNodesOrFrames = (session: Session) => hasSelection(session) || session.flow.selectedFrames().size > 0;
const firstSelected = (session: Session) => {
  const [frame] = session.flow.selectedFrames();
  return [...session.flow.selectedNodes()][0] ?? (frame === undefined ? undefined : frameFlowId(frame));
};
const isSubgraphSelected = (session: Session) => selectedSubgraph(session) !== undefined;
const isInSubgraph = (session: Session) => session.documents.getState().path.length > 0;
/** The subgraph that is meant: of the selected node, or the one that one is in. */
const subgraphHere = (session: Session) =>
  selectedSubgraph(session)?.subgraphId ?? session.documents.getState().inside.at(-1)?.id;
const isRunning = (session: Session) => session.runs.getState().phase !== "idle";
const hasTabs = (session: Session) => session.workspace.getState().tabs.length > 1;

export const commands: readonly Command[] = [
  {
    id: "run.start",
    text: "run.run",
    run: (s) => void run(s, undefined, { times: s.settings.getState().runCount }),
  },
  { id: "run.first", text: "run.first", run: (s) => void run(s, undefined, { priority: "high" }) },
  { id: "run.cancel", text: "run.cancel", run: (s) => void cancel(s), isEnabled: isRunning },
  { id: "run.selection", text: "run.selection", run: (s) => void runSelection(s), isEnabled: hasSelection },
  { id: "run.four", text: "run.four", run: (s) => void run(s, undefined, { times: 4 }) },
  { id: "run.cancelAll", text: "run.cancelAll", run: (s) => void s.runs.cancelAll(), isEnabled: isRunning },
  { id: "run.auto", text: "run.auto", run: (s) => s.settings.setState((v) => ({ autoRun: !v.autoRun })) },
  { id: "node.add", text: "menu.addNode", run: openNodePalette },
  {
    id: "node.edit",
    text: "menu.editNode",
    run: editNode,
    isEnabled: hasSelection,
  },
  { id: "file.newEmpty", text: "menu.newEmpty", run: newEmpty, isGlobal: true },
  { id: "file.default", text: "menu.newDefault", run: newDefault, isGlobal: true },
  {
    id: "file.templates",
    text: "menu.newFromTemplate",
    run: (s) => s.view.setState({ dialog: "templates" }),
    isGlobal: true,
  },
  { id: "file.open", text: "menu.open", run: (s) => void openFile(s), isGlobal: true },
  { id: "file.save", text: "menu.save", run: (s) => void saveFile(s) },
  { id: "file.saveAs", text: "menu.saveAs", run: (s) => void saveFile(s, { asNew: true }) },
  { id: "file.rename", text: "menu.renameWorkflow", run: (s) => s.view.setState({ renamingTab: s.id }) },
  { id: "file.properties", text: "properties.open", run: (s) => s.view.setState({ properties: {} }) },
  { id: "tab.home", text: "tabs.home", run: (s) => s.workspace.activate(undefined), isGlobal: true },
  { id: "tab.close", text: "tabs.close", run: (s) => closeTab(s) },
  { id: "tab.closeOthers", text: "tabs.closeOthers", run: closeOthers, isEnabled: hasTabs },
  { id: "tab.reopen", text: "tabs.reopen", run: (s) => s.workspace.reopen(), isGlobal: true },
  { id: "tab.next", text: "tabs.next", run: (s) => s.workspace.step(1), isGlobal: true },
  { id: "tab.previous", text: "tabs.previous", run: (s) => s.workspace.step(-1), isGlobal: true },
  { id: "tab.moveLeft", text: "tabs.moveLeft", run: (s) => moveTab(s, -1), isEnabled: hasTabs },
  { id: "tab.moveRight", text: "tabs.moveRight", run: (s) => moveTab(s, 1), isEnabled: hasTabs },
  {
    id: "edit.undo",
    text: "menu.undo",
    run: (s) => s.documents.undo(),
    isEnabled: (s) => s.documents.getState().history.past.length > 0,
  },
  {
    id: "edit.redo",
    text: "menu.redo",
    run: (s) => s.documents.redo(),
    isEnabled: (s) => s.documents.getState().history.future.length > 0,
  },
  { id: "edit.selectAll", text: "menu.selectAll", run: selectAll },
  { id: "edit.copy", text: "menu.copy", run: (s) => void copyToClipboard(s), isEnabled: hasNodesOrFrames },
  { id: "edit.cut", text: "menu.cut", run: (s) => void copyToClipboard(s, { cut: true }), isEnabled: hasNodesOrFrames },
  { id: "edit.paste", text: "menu.paste", run: (s) => void pasteFromClipboard(s) },
  { id: "edit.duplicate", text: "menu.duplicate", run: duplicateSelection, isEnabled: hasNodesOrFrames },
  {
    id: "edit.delete",
    text: "menu.delete",
    run: deleteSelection,
    isEnabled: (s) => hasNodesOrFrames(s) || s.flow.selectedLinks().size > 0,
  },
  {
    id: "node.rename",
    text: "menu.rename",
    run: (s) => s.view.setState({ renamingNode: firstSelected(s) }),
    isEnabled: (s) => firstSelected(s) !== undefined,
  },
  { id: "node.mute", text: "menu.mute", run: (s) => toggleMode(s, "muted"), isEnabled: hasNodesOrFrames },
  { id: "node.bypass", text: "menu.bypass", run: (s) => toggleMode(s, "bypassed"), isEnabled: hasNodesOrFrames },
  { id: "node.collapse", text: "menu.collapse", run: (s) => toggleCollapsed(s), isEnabled: hasSelection },
  { id: "node.pin", text: "menu.pin", run: togglePinned, isEnabled: hasSelection },
  { id: "node.lock", text: "lock.toggle", run: toggleLocked, isEnabled: hasSelection },
  {
    id: "node.insert",
    text: "menu.insertInLink",
    run: (s) => insertIntoLink(s),
    isEnabled: (s) => insertable(s) !== undefined,
  },
  { id: "node.wider", text: "menu.wider", run: (s) => resizeByKey(s, { x: 1, y: 0 }), isEnabled: hasNodesOrFrames },
  {
    id: "node.narrower",
    text: "menu.narrower",
    run: (s) => resizeByKey(s, { x: -1, y: 0 }),
    isEnabled: hasNodesOrFrames,
  },
  { id: "node.taller", text: "menu.taller", run: (s) => resizeByKey(s, { x: 0, y: 1 }), isEnabled: hasNodesOrFrames },
  {
    id: "node.shorter",
    text: "menu.shorter",
    run: (s) => resizeByKey(s, { x: 0, y: -1 }),
    isEnabled: hasNodesOrFrames,
  },
  { id: "subgraph.collapse", text: "subgraph.collapse", run: collapseSelection, isEnabled: hasNodesOrFrames },
  { id: "subgraph.open", text: "subgraph.open", run: enterSelected, isEnabled: isSubgraphSelected },
  { id: "subgraph.leave", text: "subgraph.leave", run: leaveSubgraph, isEnabled: isInSubgraph },
  { id: "subgraph.unpack", text: "subgraph.unpack", run: unpackSelected, isEnabled: isSubgraphSelected },
  {
    id: "subgraph.edit",
    text: "subgraph.edit",
    run: (s) => s.view.setState({ subgraphDialog: subgraphHere(s) }),
    isEnabled: (s) => subgraphHere(s) !== undefined,
  },
  {
    id: "subgraph.keep",
    text: "subgraph.keep",
    run: (s) => void keepInLibrary(s, subgraphHere(s) ?? ""),
    isEnabled: (s) => subgraphHere(s) !== undefined,
  },
  {
    id: "subgraph.export",
    text: "subgraph.export",
    run: (s) => void exportSubgraph(s, subgraphHere(s) ?? ""),
    isEnabled: (s) => subgraphHere(s) !== undefined,
  },
  { id: "subgraph.independent", text: "subgraph.independent", run: makeIndependent, isEnabled: isSubgraphSelected },
  {
    id: "view.app",
    text: "form.toggle",
    run: (s) => show(s.workspace, s.face.getState().face === "app" ? "graph" : "app"),
  },
  { id: "safety.toggle", text: "menu.safetyCheck", run: switchSafetyCheck },
  { id: "form.arrange", text: "form.arrange", run: (s) => s.view.setState({ formDialog: true }) },
  { id: "sweep.open", text: "sweep.open", run: (s) => s.view.setState({ sweepDialog: true }) },
  {
    id: "sweep.results",
    text: "sweep.showResults",
    run: (s) => s.sweeps.show(),
    isEnabled: (s) => s.sweeps.getState().all.length > 0,
  },
  { id: "node.menu", text: "menu.context", run: openCanvasMenu },
  { id: "edit.frame", text: "menu.frame", run: frameSelection, isEnabled: hasSelection },
  { id: "edit.tidy", text: "menu.tidy", run: (s) => void tidyUp(s) },
  ...alignments.map(
    (how): Command => ({
      id: `align.${how}`,
      text: `arrange.${how}`,
      run: (s) => alignSelection(s, how),
      isEnabled: hasSelection,
    }),
  ),
  {
    id: "align.distributeX",
    text: "arrange.distributeX",
    run: (s) => distributeSelection(s, "x"),
    isEnabled: hasSelection,
  },
  {
    id: "align.distributeY",
    text: "arrange.distributeY",
    run: (s) => distributeSelection(s, "y"),
    isEnabled: hasSelection,
  },
  { id: "view.fit", text: "menu.fit", run: (s) => fitView(s) },
  {
    id: "view.fitSelection",
    text: "menu.fitSelection",
    run: (s) => fitView(s, s.flow.selectedNodes()),
    isEnabled: hasSelection,
  },
  { id: "view.zoom100", text: "menu.zoom100", run: (s) => void s.canvas?.zoomTo(1, { duration: glide(ZOOM_MS) }) },
  { id: "view.zoomIn", text: "menu.zoomIn", run: (s) => void s.canvas?.zoomIn({ duration: glide(ZOOM_MS) }) },
  { id: "view.zoomOut", text: "menu.zoomOut", run: (s) => void s.canvas?.zoomOut({ duration: glide(ZOOM_MS) }) },
  {
    id: "view.results",
    text: "menu.results",
    run: (s) => s.settings.setState((v) => ({ resultsOpen: !v.resultsOpen })),
    isGlobal: true,
  },
  {
    id: "view.queue",
    text: "menu.queue",
    run: (s) => s.settings.setState((v) => ({ queueOpen: !v.queueOpen })),
    isGlobal: true,
  },
  {
    id: "node.help",
    text: "menu.nodeHelp",
    run: showNodeHelp,
    isEnabled: (s) => firstSelected(s) !== undefined,
  },
  {
    id: "models.refresh",
    text: "menu.refreshModels",
    run: (s) => void s.hostState.refreshModels().catch((error: unknown) => tell(s, error)),
    isGlobal: true,
  },
  { id: "view.minimap", text: "menu.minimap", run: (s) => s.settings.setState((v) => ({ minimap: !v.minimap })) },
  { id: "view.snap", text: "menu.snap", run: (s) => s.settings.setState((v) => ({ snapToGrid: !v.snapToGrid })) },
  {
    id: "app.dark",
    text: "theme.dark",
    also: ["theme.label", "theme.words"],
    run: (s) => s.settings.setState({ theme: "dark" }),
    isGlobal: true,
  },
  {
    id: "app.light",
    text: "theme.light",
    also: ["theme.label", "theme.words"],
    run: (s) => s.settings.setState({ theme: "light" }),
    isGlobal: true,
  },
  {
    id: "app.contrast",
    text: "theme.contrast",
    also: ["theme.label", "theme.words"],
    run: (s) => s.settings.setState({ theme: "contrast" }),
    isGlobal: true,
  },
  { id: "view.gallery", text: "menu.gallery", run: (s) => s.view.setState({ dialog: "gallery" }), isGlobal: true },
  { id: "view.models", text: "manager.open", run: (s) => s.view.setState({ dialog: "models" }), isGlobal: true },
  { id: "models.missing", text: "manager.lookForMissing", run: (s) => void lookForModels(s, { always: true }) },
  {
    id: "app.settings",
    text: "menu.settings",
    also: ["menu.allSettings", "settings.words"],
    run: (s) => s.view.setState({ dialog: "settings" }),
    isGlobal: true,
  },
  { id: "app.about", text: "menu.about", run: (s) => s.view.setState({ dialog: "about" }), isGlobal: true },
  { id: "app.commands", text: "menu.commands", run: (s) => s.view.setState({ dialog: "commands" }), isGlobal: true },
  {
    id: "app.shortcuts",
    text: "menu.shortcuts",
    also: ["keymap.words"],
    run: (s) => s.view.setState({ dialog: "shortcuts" }),
    isGlobal: true,
  },
];

/** These work even while a text field has the focus. */
export const worksWhileTyping: ReadonlySet<string> = new Set([
  "run.start",
  "run.first",
  "run.selection",
  "run.cancel",
  "file.open",
  "file.save",
  "file.saveAs",
  "tab.close",
  "tab.next",
  "tab.previous",
  "tab.home",
  "app.commands",
  "view.results",
]);

const GRAPH_ONLY = /^(node|align|subgraph)\.|^edit\.(?!undo|redo)|^view\.(fit|zoom)|^run\.selection/;

export function isEnabled(session: Session, command: Command): boolean {
  const hasWorkflow = session.workspace.getState().active !== undefined;
  // Behind the form nobody sees what becomes of the nodes.
  if (session.face.getState().face === "app" && GRAPH_ONLY.test(command.id)) return false;
  return (hasWorkflow || command.isGlobal === true) && command.isEnabled?.(session) !== false;
}

export function runCommand(session: Session, id: string): boolean {
  const command = commands.find((candidate) => candidate.id === id);
  if (!command || !isEnabled(session, command)) return false;
  command.run(session);
  return true;
}

export function newEmpty(session: Session): void {
  openDocument(session, emptyWorkflow());
}

/** The template that a new window opens with. */
function newDefault(session: Session): void {
  const [template] = session.hostState.getState().templates;
  openDocument(session, template ? workflowOf(template) : emptyWorkflow());
}

function switchSafetyCheck(session: Session): void {
  const { patches, isOn } = toggleSafetyCheck(session.documents.getState().document);
  session.documents.commit({ label: "form", patches, whole: true });
  session.view.notify({ tone: "info", text: translate(isOn ? "menu.safetyCheckOn" : "menu.safetyCheckOff") });
}

function showNodeHelp(session: Session): void {
  const node = session.documents.getState().nodesById.get(firstSelected(session) ?? "");
  if (node) session.view.setState({ helpOn: node.type });
}

/** On to its first field; a note has none, and is written where it stands. */
function editNode(session: Session): void {
  const id = firstSelected(session) ?? "";
  const { nodesById, definitionOf } = session.documents.getState();
  const isNote = definitionOf(nodesById.get(id)?.type ?? "")?.isAnnotation === true;
  if (isNote) session.view.setState({ renamingNode: id });
  else focusFirstField(id);
}

function closeOthers(session: Session): void {
  const others = session.workspace.getState().tabs.filter(({ id }) => id !== session.id);
  closeTabs(
    session,
    others.map(({ id }) => id),
  );
}

function moveTab({ workspace, id }: Session, by: number): void {
  workspace.move(id, workspace.getState().tabs.findIndex((tab) => tab.id === id) + by);
}

/** Behind what is chosen, when something is. */
function openNodePalette(session: Session): void {
  const from = [...session.flow.selectedNodes()];
  const at = { x: window.innerWidth / 2 - 180, y: window.innerHeight / 4 };
  session.view.setState({ nodePalette: { at, isUnplaced: true, ...(from.length > 0 ? { from } : {}) } });
}

/**
 * The menu of the parameter or the link that has the focus; of the selection, at its first node, or of the selected link; of the
 * canvas when nothing is selected.
 */
function openCanvasMenu(session: Session): void {
  const row = document.activeElement?.closest("[data-socket-row]");
  const node = row?.closest(".react-flow__node")?.getAttribute("data-id");
  const param = row?.getAttribute("data-socket-row");
  if (row && node && param) {
    const { left, bottom, height } = row.getBoundingClientRect();
    session.view.setState({ canvasMenu: { at: { x: left + 16, y: bottom, above: height }, of: { node, param } } });
    return;
  }
  const first = firstSelected(session);
  const [selectedLink] = first === undefined ? session.flow.selectedLinks() : [];
  const link = document.activeElement?.closest(".react-flow__edge")?.getAttribute("data-id") ?? selectedLink;
  const middle = link === undefined ? undefined : middleOfLink(link);
  if (link !== undefined && middle) {
    session.view.setState({ canvasMenu: { at: middle, of: { link } } });
    return;
  }
  const box = first === undefined ? undefined : session.flow.boxes(new Set([first]))[0];
  const at = box && session.canvas?.flowToScreenPosition({ x: box.x + 24, y: box.y + 32 });
  session.view.setState({
    canvasMenu: at
      ? { at, of: "selection" }
      : { at: { x: window.innerWidth / 3, y: window.innerHeight / 3 }, of: "canvas" },
  });
}
