import type { JsonValue } from "../../graph/document.ts";
import type { ImageReference } from "../../graph/events.ts";
import { parseImageValue } from "../../graph/values.ts";
import { addLink, addNode, moveLink } from "../document/commands.ts";
import { inputKey } from "../document/document-store.ts";
import { applyPatches, type Patch } from "../document/patch.ts";
import type { Session } from "../session/session.ts";

const LOADER = "load-image";
const PAINTER = "paint-mask";
/** Where a new Paint Mask stands from its picture, flow pixels. */
const BESIDE = { x: 340, y: 120 };
const MAX_DEPTH = 20;

/** Opens the mask of a node: of a Paint Mask its own, of a Load Image that of the Paint Mask it feeds, which may be new. */
export function openMaskOf(session: Session, nodeId: string): void {
  const node = session.documents.getState().nodesById.get(nodeId);
  if (!node) return;
  const painterId = node.type === LOADER ? (painterOf(session, nodeId) ?? addPainter(session, nodeId)) : nodeId;
  const painter = session.documents.getState().nodesById.get(painterId ?? "");
  const param = painter && maskParam(session, painter.type);
  if (painterId && param) session.view.setState({ maskEditor: { nodeId: painterId, param } });
}

/** The name of the param that holds a painted mask. */
export function maskParam({ definitionOf }: Pick<Session, "definitionOf">, type: string): string | undefined {
  return definitionOf(type)?.params.find((param) => param.kind === "image" && param.role === "mask")?.name;
}

/** The picture that a mask is painted on, as far as this window knows it: a loaded one, or what a run showed. */
export function pictureBehind(session: Session, nodeId: string): string | undefined {
  const { graph: document, nodesById, linkByInput } = session.documents.getState();
  const input = session.definitionOf(nodesById.get(nodeId)?.type ?? "")?.inputs.find(({ type }) => type === "image");
  let link = input && linkByInput.get(inputKey(nodeId, input.name));
  for (let depth = 0; link && depth < MAX_DEPTH; depth++) {
    const source = nodesById.get(link.from.node);
    if (!source) return undefined;
    const own = ownPicture(session, source.id, source.type, source.params);
    if (own) return own;
    // What shows the same picture elsewhere has it, too.
    const { from } = link;
    for (const other of document.links) {
      if (other.from.node !== from.node || other.from.port !== from.port) continue;
      const shown = shownBy(session, other.to.node);
      if (shown) return shown;
    }
    link = source.type === "reroute" ? document.links.find(({ to }) => to.node === source.id) : undefined;
  }
  return undefined;
}

function ownPicture(
  session: Session,
  id: string,
  type: string,
  params: Readonly<Record<string, JsonValue>>,
): string | undefined {
  const loaded = type === LOADER ? parseImageValue(params.image) : undefined;
  return loaded ?? shownBy(session, id);
}

function shownBy(session: Session, id: string): string | undefined {
  const images: readonly ImageReference[] = session.runs.getState().nodes.get(id)?.images ?? [];
  return images[0]?.hash;
}

function painterOf(session: Session, loaderId: string): string | undefined {
  const { graph: document, nodesById } = session.documents.getState();
  return document.links.find(
    ({ from, to }) => from.node === loaderId && from.port === "image" && nodesById.get(to.node)?.type === PAINTER,
  )?.to.node;
}

/** Puts a Paint Mask beside a Load Image; what took the picture's transparency for a mask takes the painted one. */
function addPainter(session: Session, loaderId: string): string | undefined {
  const { graph: document, nodesById } = session.documents.getState();
  const loader = nodesById.get(loaderId);
  const definition = session.definitionOf(PAINTER);
  if (!loader || !definition) return undefined;
  const position = { x: loader.position.x + BESIDE.x, y: loader.position.y + BESIDE.y };
  const { patches, nodeId } = addNode(document, definition, position);
  const all: Patch[] = [...patches];
  let current = applyPatches(document, patches);
  const apply = (change: Patch[]) => {
    all.push(...change);
    current = applyPatches(current, change);
  };
  apply(addLink(current, { from: { node: loaderId, port: "image" }, to: { node: nodeId, port: "image" } }));
  for (const link of document.links) {
    if (link.from.node !== loaderId || link.from.port !== "mask") continue;
    apply(moveLink(current, link.id, { from: { node: nodeId, port: "mask" }, to: link.to }));
  }
  session.documents.commit({ label: "add", patches: all });
  session.flow.select(new Set([nodeId]));
  return nodeId;
}
