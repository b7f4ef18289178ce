import { HeddleError } from "../../common/errors.ts";
import type { NodeDefinition } from "../../graph/definition.ts";
import type { JsonValue, WorkflowDocument, WorkflowNode } from "../../graph/document.ts";
import { stripMetadata } from "../../graph/embedding/strip-metadata.ts";
import type { OpenedWorkflow } from "../../graph/importers/index.ts";
import { withoutPrivateData } from "../../graph/private-data.ts";
import type { Problem } from "../../graph/problems.ts";
import { serializeWorkflow } from "../../graph/serialize.ts";
import { isBoundary } from "../../graph/subgraphs/boundary.ts";
import { errorsOf, validateWorkflow } from "../../graph/validate.ts";
import type { RunPriority } from "../../protocol/runs.ts";
import { frameFlowId } from "../canvas/flow-store.ts";
import {
  addLink,
  addNode,
  clearOffset,
  copyFragment,
  type Fragment,
  insertFragment,
  isLocked,
  type LinkEnds,
  moveLink,
  type Point,
  removeLinks,
  removeSelection,
  setCollapsed,
  setMode,
  setParam,
} from "../document/commands.ts";
import { isDirty, type Origin } from "../document/document-store.ts";
import { withoutNodes } from "../document/form-commands.ts";
import { applyPatches, inScope, type Patch } from "../document/patch.ts";
import { prefixOf } from "../document/scope.ts";
import { rollSeeds } from "../document/seeds.ts";
import { refuseRecursion, withoutUnused } from "../document/subgraph-commands.ts";
import { fetchStoredPicture } from "../host/stored-picture.ts";
import { translate } from "../i18n/i18n.ts";
import { failureText, problemText } from "../i18n/problem-text.ts";
import { lookForModels, withReferences } from "../models/missing-actions.ts";
import { withBoundaryPort } from "../subgraph/boundary-port.ts";
import { showNode } from "./look.ts";
import { rememberRecent } from "./recent.ts";
import type { Session } from "./session.ts";
import { readWorkflowFile } from "./workflow-file.ts";

/** What menus, shortcuts, the palette and the canvas do: each reads the session, and changes it once. */
const GRID = 20;

export function editParam(session: Session, nodeId: string, name: string, value: JsonValue, gesture?: string): void {
  const patches = setParam(session.documents.getState().graph, nodeId, name, value);
  session.documents.commit({ label: "edit", patches, ...(gesture ? { gesture } : {}) });
}

export function connect(session: Session, ends: LinkEnds): void {
  const { made, patches } = withBoundaryPort(session, ends);
  session.documents.commit({
    label: "connect",
    patches: [...made, ...addLink(session.documents.getState().graph, patches)],
  });
}

export function reconnect(session: Session, linkId: string, ends: LinkEnds): void {
  const { made, patches } = withBoundaryPort(session, ends);
  session.documents.commit({
    label: "connect",
    patches: [...made, ...moveLink(session.documents.getState().graph, linkId, patches)],
  });
}

export function disconnect(session: Session, linkIds: ReadonlySet<string>): void {
  session.documents.commit({
    label: "disconnect",
    patches: removeLinks(session.documents.getState().graph, linkIds),
  });
}

/** Adds a node, connects it when a link waits for it, and selects it: one step of undo. */
export function placeNode(
  session: Session,
  definition: NodeDefinition,
  position: Point,
  ends?: (nodeId: string) => LinkEnds | undefined,
): void {
  const { graph: document, inside } = session.documents.getState();
  const { patches, nodeId } = addNode(document, definition, position);
  try {
    refuseRecursion(document.subgraphs ?? [], [{ id: nodeId, type: definition.type } as WorkflowNode], inside);
  } catch (error) {
    tell(session, error);
    return;
  }
  const link = ends?.(nodeId);
  const linked: Patch[] = link ? addLink(document, link) : [];
  session.documents.commit({ label: "add", patches: [...patches, ...linked] });
  session.flow.select(new Set([nodeId]));
}

export function deleteSelection(session: Session): void {
  const { graph, nodesById, document, inside, path, definitionOf } = session.documents.getState();
  const chosen = session.flow.selectedNodes();
  const patches = inScope(
    removeSelection(graph, definitionOf, chosen, session.flow.selectedLinks(), session.flow.selectedFrames()),
    inside.at(-1)?.id,
  );
  const locked = [...chosen].filter((id) => {
    const node = nodesById.get(id);
    return node && isLocked(node);
  });
  if (locked.length > 0) session.view.notify({ tone: "info", text: translate("lock.stays") });
  const gone = new Set([...chosen].filter((id) => !locked.includes(id)));
  const form = path.length === 0 ? withoutNodes(document, gone) : [];
  commitWithoutUnused(session, "delete", [...patches, ...form]);
}

/** Commits patches of the whole document; subgraphs that nothing stands for any more go in the same step. */
export function commitWithoutUnused(session: Session, label: string, patches: readonly Patch[]): void {
  if (patches.length === 0) return;
  const { document } = session.documents.getState();
  const unused = withoutUnused(document, applyPatches(document, patches));
  session.documents.commit({ label, patches: [...patches, ...unused], whole: true });
}

export function selectAll(session: Session): void {
  const { nodes, frames = [] } = session.documents.getState().graph;
  session.flow.select(new Set([...nodes.map(({ id }) => id), ...frames.map(({ id }) => frameFlowId(id))]));
}

/** What is selected; frames with all that stands in them. */
export function copySelection(session: Session): Fragment | undefined {
  const { nodes, frames } = selectionWithContent(session);
  const fragment = copyFragment(session.documents.getState().graph, nodes, frames);
  return fragment.nodes.length + (fragment.frames?.length ?? 0) === 0 ? undefined : fragment;
}

/** Removes what {@link copySelection} copies. */
export function cutSelection(session: Session): void {
  const { nodes, frames } = selectionWithContent(session);
  session.flow.select(new Set([...nodes, ...[...frames].map(frameFlowId)]), session.flow.selectedLinks());
  deleteSelection(session);
}

/** What is selected, with what stands in selected frames: what is done to those is done to that. */
export function selectionWithContent({ flow }: Session): { nodes: Set<string>; frames: Set<string> } {
  const { nodes, frames } = flow.contentOfFrames(flow.selectedFrames());
  return { nodes: new Set([...flow.selectedNodes(), ...nodes]), frames };
}

/** A step aside; with frames below, since a frame that lies on another would take the content of both. */
function besideItself({ frames = [] }: Fragment): Point {
  if (frames.length === 0) return { x: GRID * 2, y: GRID * 2 };
  const top = Math.min(...frames.map(({ position }) => position.y));
  const bottom = Math.max(...frames.map(({ position, size }) => position.y + size.height));
  return { x: 0, y: bottom - top + GRID * 2 };
}

/** Pastes at `position` (flow coordinates of the upper left corner), or a step beside where it was copied. */
export function paste(session: Session, fragment: Fragment, position?: Point): void {
  const places = [...fragment.nodes, ...(fragment.frames ?? [])].map((one) => one.position);
  const left = Math.min(...places.map(({ x }) => x));
  const top = Math.min(...places.map(({ y }) => y));
  const step = besideItself(fragment);
  const wanted = position ? { x: Math.round(position.x - left), y: Math.round(position.y - top) } : step;
  const { graph, inside } = session.documents.getState();
  const offset = clearOffset(graph, fragment, wanted, step);
  try {
    const { patches, nodeIds, frameIds } = insertFragment(graph, fragment, offset, inside);
    session.documents.commit({ label: "paste", patches });
    session.flow.select(new Set([...nodeIds, ...frameIds.map(frameFlowId)]));
  } catch (error) {
    tell(session, error);
  }
}

export function duplicateSelection(session: Session): void {
  const fragment = copySelection(session);
  if (fragment) paste(session, fragment);
}

/** Mutes or bypasses the selection, and what stands in its frames; when all of it is that already, makes it active again. */
export function toggleMode(session: Session, mode: "muted" | "bypassed"): void {
  const { nodes: ids } = selectionWithContent(session);
  const { graph: document, nodesById } = session.documents.getState();
  const isSet = [...ids].every((id) => nodesById.get(id)?.mode === mode);
  session.documents.commit({ label: "mode", patches: setMode(document, ids, isSet ? "active" : mode) });
}

export function toggleCollapsed(session: Session, ids = session.flow.selectedNodes()): void {
  const { graph: document, nodesById } = session.documents.getState();
  const isSet = [...ids].every((id) => nodesById.get(id)?.collapsed === true);
  session.documents.commit({ label: "collapse", patches: setCollapsed(document, ids, !isSet) });
}

/** Runs the whole workflow, or `targets` and what they need, as often as `times` says. */
export async function run(
  session: Session,
  targets?: readonly string[],
  { times = 1, priority }: { times?: number; priority?: RunPriority } = {},
): Promise<void> {
  const problems = validateWorkflow(session.documents.getState().document, session.definitionOf, targets);
  if (errorsOf(problems).length > 0) {
    showFirstProblem(session, errorsOf(problems));
    return;
  }
  const isWanted = session.runs.beginSeries();
  for (let n = 0; n < times && isWanted(); n++) {
    const patches = rollSeeds(session.documents.getState().document, session.definitionOf);
    session.documents.commit({ label: "seed", patches, whole: true });
    await session.runs.start(session.documents.getState().document, targets ? [...targets] : undefined, priority);
    if (session.runs.getState().failure) return;
  }
}

/** Runs the chosen nodes and what they need; notes and frames have nothing to run. */
export async function runSelection(session: Session): Promise<void> {
  const { nodesById, path } = session.documents.getState();
  const targets = [...session.flow.selectedNodes()].filter((id) => {
    const node = nodesById.get(id);
    return (
      node && node.mode === "active" && !isBoundary(node) && session.definitionOf(node.type)?.isAnnotation !== true
    );
  });
  if (targets.length === 0) return;
  await run(
    session,
    targets.map((id) => prefixOf(path) + id),
  );
}

export function cancel(session: Session): Promise<void> {
  return session.runs.cancel();
}

/** Brings the first node with a problem into view and says how many there are; a problem of no node is told itself. */
export function showFirstProblem(session: Session, errors: readonly Problem[]): void {
  const first = errors.find(({ nodeId }) => nodeId !== undefined)?.nodeId;
  const general = errors.find(({ nodeId }) => nodeId === undefined);
  const told = general && problemText(translate, general);
  if (first !== undefined) showNode(session, first);
  const notice = session.view.notify({
    tone: "error",
    ...(told && first === undefined
      ? { text: told.message, detail: told.help }
      : { text: translate("run.blocked", { count: errors.length }), detail: told?.message }),
  });
  // Put right, or left for another workflow, it is not said any longer.
  const withdraw = () => {
    session.view.dismiss(notice);
    for (const stop of stops) stop();
  };
  const stops = [
    session.issues.subscribe((state) => state.errors === 0 && withdraw()),
    session.workspace.subscribe((state) => state.active !== session.id && withdraw()),
  ];
}

/** Opens a workflow in a tab of its own. */
export function openDocument(session: Session, opened: WorkflowDocument, origin: Origin = {}): Session {
  return session.workspace.open(opened, origin);
}

/** Closes a tab now, or after the person has said what becomes of its unsaved changes. */
export function closeTab(session: Session, id = session.id): void {
  closeTabs(session, [id]);
}

export function closeTabs({ workspace, view }: Session, ids: readonly string[]): void {
  const tabs = ids.flatMap((id) => workspace.find(id) ?? []);
  const unsaved = tabs.filter(({ documents }) => isDirty(documents.getState()));
  for (const tab of tabs) if (!unsaved.includes(tab)) workspace.close(tab.id);
  const [first] = unsaved;
  if (!first) return;
  // One should see what one is asked about.
  workspace.activate(first.id);
  view.setState({ closing: unsaved.map(({ id }) => id) });
}

/** The tab whose workflow lies in this file; two would overwrite each other. */
export function tabOfPlace({ workspace }: Session, place: string): Session | undefined {
  return workspace.getState().tabs.find(({ documents }) => documents.getState().place === place);
}

/** Opens a workflow file or a picture with a workflow inside; says plainly what is wrong with any other. */
export function loadFile(session: Session, file: { name: string; bytes: Uint8Array; place?: string }): void {
  try {
    const { document, repairs, report, isPicture } = readWorkflowFile(file, session.definitionOf);
    const isForeign = report !== undefined;
    const keepsFile = !isPicture && !isForeign;
    const same = keepsFile && file.place ? tabOfPlace(session, file.place) : undefined;
    if (same && isDirty(same.documents.getState())) {
      session.workspace.activate(same.id);
      session.view.notify({ tone: "info", text: translate("file.isOpen", { name: file.name }) });
      return;
    }
    // What is open as it was saved gives way to what the file holds now.
    if (same) session.workspace.close(same.id);
    openRead(
      session,
      { document, repairs, report },
      keepsFile ? { fileName: file.name, place: file.place, dirty: repairs.length > 0 } : { dirty: isForeign },
    );
    if (keepsFile) void rememberRecent(file.name, document, file.place);
    if (keepsFile && file.place) session.host.tookOver?.(file.place);
  } catch (error) {
    tell(session, error);
  }
}

/** Opens a workflow that was copied as text, of Heddle or of another program. Returns whether the text is one. */
export function openWorkflowText(session: Session, text: string): boolean {
  const file = { name: translate("title.untitled"), bytes: new TextEncoder().encode(text) };
  try {
    openRead(session, readWorkflowFile(file, session.definitionOf), { dirty: true });
    return true;
  } catch (error) {
    if (error instanceof HeddleError) return false;
    throw error;
  }
}

function openRead(
  session: Session,
  { document, repairs, report }: Pick<OpenedWorkflow, "document" | "repairs" | "report">,
  origin: Origin,
): void {
  const opened = openDocument(session, document, origin);
  session.view.setState({ importReport: report });
  void lookForModels(opened);
  const [first] = repairs;
  if (!first) return;
  const { message } = problemText(translate, first);
  session.view.notify({ tone: "info", text: translate("file.repaired", { count: repairs.length, message }) });
}

/**
 * Saves under the name the file has, or asks; `asNew` always asks. Returns whether it was saved. What somebody else wrote into
 * the file since is lost only if `overwrites`, which a button of the message that says so asks for.
 */
export async function saveFile(session: Session, { asNew = false, overwrites = false } = {}): Promise<boolean> {
  const { document, ...usual } = session.documents.getState();
  const { fileName, place } = asNew ? {} : usual;
  const bytes = async () => new TextEncoder().encode(serializeWorkflow(await asSaved(session, document)));
  try {
    const saved = await session.host.saveTo(place, fileName ?? suggestedName(document.title), bytes, { overwrites });
    if (!saved) return false;
    session.documents.markSaved(document, saved.name, saved.place);
    void rememberRecent(saved.name, document, saved.place);
    session.view.notify({ tone: "success", text: translate("file.saved", { name: saved.name }) });
    return true;
  } catch (error) {
    if (error instanceof HeddleError && error.code === "file-changed") {
      const { message, help } = failureText(error);
      const action = { label: translate("file.overwrite"), run: () => void saveFile(session, { overwrites: true }) };
      session.view.notify({ tone: "error", text: message, detail: help, action });
    } else tell(session, error);
    return false;
  }
}

/** The workflow as it goes into a file: with what is known of its models, without what the person keeps to themselves. */
async function asSaved(session: Session, document: WorkflowDocument): Promise<WorkflowDocument> {
  const known = await withReferences(session, document);
  return session.settings.getState().stripPrivate ? withoutPrivateData(known, session.definitionOf) : known;
}

/** @throws HeddleError `picture-damaged`: what cannot be stripped for sure is not passed on */
function withoutMetadata(bytes: Uint8Array): Uint8Array {
  const stripped = stripMetadata(bytes);
  if (stripped) return stripped;
  throw new HeddleError({
    code: "picture-damaged",
    message: "The picture’s metadata cannot be taken out, so it was not saved.",
    help: "Draw it again, or save it with its metadata.",
  });
}

/** Saves a picture: as it is in the store with its workflow inside, or with nothing but its pixels. */
export async function saveImage(
  session: Session,
  image: { hash: string; mimeType: string; seed?: string | undefined },
) {
  try {
    const response = await fetchStoredPicture(session.host.imageUrl(image.hash));
    const original = new Uint8Array(await response.arrayBuffer());
    const bytes = session.settings.getState().stripPrivate ? withoutMetadata(original) : original;
    const extension = image.mimeType.split("/")[1]?.replace("jpeg", "jpg") ?? "png";
    const name = await session.host.saveFile(
      `heddle-${image.seed ?? image.hash.slice(0, 8)}.${extension}`,
      bytes,
      image.mimeType,
    );
    if (name !== undefined) session.view.notify({ tone: "success", text: translate("file.saved", { name }) });
  } catch (error) {
    tell(session, error);
  }
}

export async function copyText(session: Session, text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    session.view.notify({ tone: "success", text: done });
  } catch {
    session.view.notify({ tone: "error", text: translate("clipboard.refused"), detail: text });
  }
}

/** Says what went wrong in a notice. */
export function tell(session: Session, error: unknown): void {
  const { message, help } = failureText(error);
  session.view.notify({ tone: "error", text: message, detail: help });
}

function suggestedName(title: string): string {
  const stem = title
    .trim()
    .replaceAll(/[\\/:*?"<>|]+/g, "-")
    .slice(0, 80);
  return `${stem || translate("title.fileName")}.json`;
}
