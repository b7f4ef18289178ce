import type { NodeDefinition } from "../../graph/definition.ts";
import { subgraphIdOf } from "../../graph/subgraphs/boundary.ts";
import { parseSubgraphFile, type SubgraphFile, subgraphFileOf } from "../../graph/subgraphs/file.ts";
import { withSubgraphs } from "../../graph/subgraphs/lookup.ts";
import { addLink, addNode, isLocked, type LinkEnds, type Point } from "../document/commands.ts";
import { applyPatches, inScope } from "../document/patch.ts";
import {
  addSubgraphs,
  changeInterface,
  collapseToSubgraph,
  refuseRecursion,
  unpackSubgraph,
} from "../document/subgraph-commands.ts";
import { translate } from "../i18n/i18n.ts";
import { spokenDefinitions } from "../i18n/spoken-definitions.ts";
import { commitWithoutUnused, selectionWithContent, tell } from "../session/actions.ts";
import type { Session } from "../session/session.ts";

/** The id of the subgraph that the only selected node stands for. */
export function selectedSubgraph(session: Session): { nodeId: string; subgraphId: string } | undefined {
  const [nodeId, ...others] = session.flow.selectedNodes();
  const node = session.documents.getState().nodesById.get(nodeId ?? "");
  const subgraphId = node && subgraphIdOf(node);
  return others.length === 0 && nodeId !== undefined && subgraphId !== undefined ? { nodeId, subgraphId } : undefined;
}

/** Puts the selection into a subgraph, and asks what of it is to be seen from outside. */
export function collapseSelection(session: Session): void {
  const { graph, definitionOf, path, document } = session.documents.getState();
  const count = (document.subgraphs?.length ?? 0) + 1;
  const made = collapseToSubgraph(
    graph,
    spokenDefinitions(definitionOf),
    selectionWithContent(session),
    count === 1 ? translate("subgraph.untitled") : `${translate("subgraph.untitled")} ${count}`,
    path.length === 0,
  );
  if (!made) return;
  session.documents.commit({ label: "subgraph", patches: made.patches });
  session.flow.select(new Set([made.nodeId]));
  session.view.setState({ subgraphDialog: made.subgraphId });
}

export function enterSelected(session: Session): void {
  const chosen = selectedSubgraph(session);
  if (chosen) session.documents.enter([...session.documents.getState().path, chosen.nodeId]);
}

/** Out of the subgraph, to the node that stands for it. */
export function leaveSubgraph(session: Session): void {
  const { path } = session.documents.getState();
  const last = path.at(-1);
  if (last === undefined) return;
  session.documents.enter(path.slice(0, -1));
  session.flow.select(new Set([last]));
}

export function unpackSelected(session: Session): void {
  const chosen = selectedSubgraph(session);
  const { graph, inside, nodesById } = session.documents.getState();
  const node = nodesById.get(chosen?.nodeId ?? "");
  if (node && isLocked(node)) {
    session.view.notify({ tone: "info", text: translate("lock.stays") });
    return;
  }
  const made = chosen && unpackSubgraph(graph, chosen.nodeId, inside.length === 0);
  if (!made) return;
  commitWithoutUnused(session, "unpack", inScope(made.patches, inside.at(-1)?.id));
  session.flow.select(new Set(made.nodeIds));
}

/** Gives the selected node a subgraph of its own: what is changed in it changes for no other. */
export function makeIndependent(session: Session): void {
  const chosen = selectedSubgraph(session);
  const { document, nodesById, graph, inside } = session.documents.getState();
  const file = chosen && subgraphFileOf(document, chosen.subgraphId);
  const node = nodesById.get(chosen?.nodeId ?? "");
  const [own] = file?.subgraphs ?? [];
  if (!chosen || !node || !own) return;
  // Other words make it another one.
  const { patches, ids } = addSubgraphs(document, [{ ...own, title: `${own.title} 2` }]);
  const index = graph.nodes.indexOf(node);
  const after = { ...node, type: `subgraph/${ids.get(own.id) ?? own.id}` };
  const replaced = inScope([{ collection: "nodes", index, before: node, after }], inside.at(-1)?.id);
  commitWithoutUnused(session, "independent", [...patches, ...replaced]);
}

export function changeSubgraph(session: Session, id: string, change: Parameters<typeof changeInterface>[2]): void {
  const patches = changeInterface(session.documents.getState().document, id, change);
  session.documents.commit({ label: "subgraph", patches, whole: true });
}

export async function keepInLibrary(session: Session, subgraphId: string): Promise<void> {
  const file = subgraphFileOf(session.documents.getState().document, subgraphId);
  if (!file) return;
  try {
    await session.host.rpc.subgraphs.save({ file });
    await session.library.refresh();
    const name = file.subgraphs[0]?.title ?? "";
    session.view.notify({ tone: "success", text: translate("subgraph.kept", { name }) });
  } catch (error) {
    tell(session, error);
  }
}

export async function removeFromLibrary(session: Session, name: string): Promise<void> {
  try {
    await session.host.rpc.subgraphs.remove({ name });
    await session.library.refresh();
  } catch (error) {
    tell(session, error);
  }
}

export async function exportSubgraph(session: Session, subgraphId: string): Promise<void> {
  const file = subgraphFileOf(session.documents.getState().document, subgraphId);
  if (!file) return;
  try {
    const bytes = new TextEncoder().encode(`${JSON.stringify(file, null, 2)}\n`);
    const name = await session.host.saveFile(`${subgraphId}.subgraph.json`, bytes, "application/json");
    if (name !== undefined) session.view.notify({ tone: "success", text: translate("file.saved", { name }) });
  } catch (error) {
    tell(session, error);
  }
}

/** Puts a subgraph from a file or the library into the graph as a node, connected where a link waits for it. */
export function placeSubgraph(
  session: Session,
  { subgraphs }: SubgraphFile,
  position: Point,
  ends?: (nodeId: string, definition: NodeDefinition) => LinkEnds | undefined,
): void {
  const { document, graph, inside } = session.documents.getState();
  const [first] = subgraphs;
  if (!first) return;
  try {
    const { patches: added, ids } = addSubgraphs(document, subgraphs);
    const type = `subgraph/${ids.get(first.id) ?? first.id}`;
    const withThem = applyPatches(graph, added);
    const definition = withSubgraphs(withThem, session.definitionOf)(type);
    if (!definition) return;
    const { patches, nodeId } = addNode(withThem, definition, position);
    refuseRecursion(withThem.subgraphs ?? [], applyPatches(withThem, patches).nodes.slice(-1), inside);
    const link = ends?.(nodeId, definition);
    const linked = link ? addLink(applyPatches(withThem, patches), link) : [];
    session.documents.commit({ label: "add", patches: [...added, ...patches, ...linked] });
    session.flow.select(new Set([nodeId]));
  } catch (error) {
    tell(session, error);
  }
}

/** A subgraph's file that was opened, dropped or pasted. */
export function openSubgraphFile(session: Session, text: string, position: Point): void {
  try {
    placeSubgraph(session, parseSubgraphFile(text), position);
  } catch (error) {
    tell(session, error);
  }
}
