import { HeddleError } from "../../common/errors.ts";
import { readEmbedded } from "../../graph/embedding/embedded.ts";
import { looksLikeSubgraph } from "../../graph/subgraphs/file.ts";
import { imageToJson } from "../../graph/values.ts";
import { addNode, type Point, setParam } from "../document/commands.ts";
import { applyPatches } from "../document/patch.ts";
import { ownPicture, PICTURE_MIME } from "../gallery/drag-out.ts";
import { translate } from "../i18n/i18n.ts";
import { openSubgraphFile } from "../subgraph/subgraph-actions.ts";
import { loadFile, tell } from "./actions.ts";
import type { Session } from "./session.ts";

const PICTURE_NODE = "load-image";
/** What a file is stands at its beginning. */
const LOOKED_AT_BYTES = 1_000;

/**
 * A file that was dropped or pasted on the canvas: a workflow, or a picture with one inside, is opened; any other picture
 * becomes a Load Image node at `position` (flow pixels), and so does one with a workflow for which `asPicture` asks that.
 */
export async function takeFile(
  session: Session,
  file: File,
  position: Point = { x: 0, y: 0 },
  { asPicture = false, place }: { asPicture?: boolean; place?: Promise<string | undefined> | undefined } = {},
): Promise<void> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const isPicture = file.type.startsWith("image/") && (asPicture || !holdsWorkflow(bytes));
  // The start page and the form have no place for a node: there it is told that no workflow is inside.
  if (isPicture && isGraphShown(session)) await placePicture(session, file, position);
  else {
    const known = await place?.catch(() => undefined);
    takeWorkflow(session, { name: file.name, bytes, ...(known ? { place: known } : {}) }, position);
  }
}

/** Cards that were made of several pictures stand side by side. */
const BESIDE = 320;

/** Whether something is dragged that {@link takeDropped} takes. */
export const isTaken = ({ types }: DataTransfer): boolean => types.includes("Files") || types.includes(PICTURE_MIME);

/**
 * What was dropped at `position`: files of the disk, pictures side by side, workflows with the way back to their files; or a
 * picture of Heddle's own that was dragged from the results or the gallery, which becomes a Load Image node.
 */
export async function takeDropped(
  session: Session,
  data: DataTransfer,
  position: Point = { x: 0, y: 0 },
): Promise<void> {
  const own = data.getData(PICTURE_MIME);
  if (own !== "") {
    try {
      await takeFile(session, await ownPicture(session, own), position, { asPicture: true });
    } catch (error) {
      tell(session, error);
    }
    return;
  }
  const items = [...data.items].filter(({ kind }) => kind === "file");
  // All is asked for before the first answer: a drop is forgotten when its event is over.
  const files = items.flatMap((item) => {
    const file = item.getAsFile();
    if (!file) return [];
    const isPicture = file.type.startsWith("image/");
    return [{ file, place: isPicture ? undefined : session.host.placeOfDropped?.(item) }];
  });
  for (const [at, { file, place }] of files.entries()) {
    try {
      await takeFile(session, file, { x: position.x + at * BESIDE, y: position.y }, { place });
    } catch {
      // A folder, or a file that is gone by now: what was dropped with it is taken all the same.
      session.view.notify({ tone: "error", text: translate("file.unreadable", { name: file.name }) });
    }
  }
}

/** Whether the graph is in view: not the start page, nor the form. */
export const isGraphShown = ({ workspace, face }: Session) =>
  workspace.getState().active !== undefined && face.getState().face === "graph";

/** Lets the person choose a workflow, a picture with one inside, or a subgraph, which is put into the open workflow. */
export async function openFile(session: Session): Promise<void> {
  const file = await session.host.openFile();
  const middle = session.canvas?.screenToFlowPosition({ x: window.innerWidth / 3, y: window.innerHeight / 3 });
  if (file) takeWorkflow(session, file, middle ?? { x: 0, y: 0 });
}

function takeWorkflow(
  session: Session,
  file: { name: string; bytes: Uint8Array; place?: string },
  position: Point,
): void {
  const start = new TextDecoder().decode(file.bytes.subarray(0, LOOKED_AT_BYTES));
  if (looksLikeSubgraph(start)) openSubgraphFile(session, new TextDecoder().decode(file.bytes), position);
  else loadFile(session, file);
}

function holdsWorkflow(bytes: Uint8Array): boolean {
  try {
    const embedded = readEmbedded(bytes);
    return Boolean(embedded?.workflow ?? embedded?.prompt ?? embedded?.parameters);
  } catch (error) {
    if (error instanceof HeddleError) return true;
    throw error;
  }
}

async function placePicture(session: Session, file: File, position: Point): Promise<void> {
  const definition = session.definitionOf(PICTURE_NODE);
  const param = definition?.params.find(({ kind }) => kind === "image");
  if (!definition || !param) return;
  try {
    const { hash } = await session.host.rpc.images.put({ file });
    const { graph: document } = session.documents.getState();
    const rounded = { x: Math.round(position.x), y: Math.round(position.y) };
    const { patches, nodeId } = addNode(document, definition, rounded);
    const filled = setParam(applyPatches(document, patches), nodeId, param.name, imageToJson(hash));
    session.documents.commit({ label: "add", patches: [...patches, ...filled] });
    session.flow.select(new Set([nodeId]));
    session.view.notify({ tone: "success", text: translate("file.pictureAdded", { name: file.name }) });
  } catch (error) {
    tell(session, error);
  }
}
