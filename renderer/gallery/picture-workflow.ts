import type { DefinitionLookup, NodeDefinition } from "../../graph/definition.ts";
import type { WorkflowDocument, WorkflowNode } from "../../graph/document.ts";
import type { ImageReference } from "../../graph/events.ts";
import { withSubgraphs } from "../../graph/subgraphs/lookup.ts";
import { imageToJson } from "../../graph/values.ts";
import { freshId } from "../document/ids.ts";
import { applyPatches, inScope, type Patch } from "../document/patch.ts";
import { isSame } from "../document/same-content.ts";
import { graphOf } from "../document/scope.ts";
import { setSeedMode } from "../document/seeds.ts";
import { fetchStoredPicture } from "../host/stored-picture.ts";
import { translate } from "../i18n/i18n.ts";
import { workflowOf } from "../i18n/template-text.ts";
import { loadFile, openDocument, tell } from "../session/actions.ts";
import { takeFile } from "../session/incoming-files.ts";
import type { Session } from "../session/session.ts";
import { readWorkflowFile } from "../session/workflow-file.ts";
import { nameOfPicture } from "./picture-name.ts";

const LOADER = "load-image";

/** What a picture can be sent to: a template that begins with a picture, or a node on the canvas. */
export const destinations = ["image-to-image", "inpaint", "upscale", "canvas"] as const;
export type Destination = (typeof destinations)[number];

/** Opens the workflow inside a picture. */
export async function openWorkflowOf(session: Session, image: ImageReference): Promise<void> {
  const file = await fetchPicture(session, image);
  if (file) loadFile(session, file);
}

/** The workflow inside a picture; throws what reading it throws. */
export async function readPictureWorkflow(session: Session, image: ImageReference): Promise<WorkflowDocument> {
  return readWorkflowFile(await readPicture(session, image), session.definitionOf).document;
}

/** Gives the nodes of the open workflow the settings that the picture was made with: one step of undo. */
export async function applyParametersOf(session: Session, image: ImageReference): Promise<void> {
  try {
    const document = await readPictureWorkflow(session, image);
    const { patches, count } = parametersFrom(session.documents.getState().document, document, session.definitionOf);
    if (count === 0) {
      session.view.notify({ tone: "info", text: translate("gallery.appliedNone") });
      return;
    }
    session.documents.commit({ label: "edit", patches, whole: true });
    session.view.notify({ tone: "success", text: translate("gallery.applied", { count }) });
  } catch (error) {
    tell(session, error);
  }
}

/**
 * Settings of nodes that both workflows have, under the same id and of the same type; of a type that both have only once,
 * whatever its id; in the workflow and in the subgraphs that both have. What the picture's workflow does not say of such a node
 * has its usual value there, and seeds stay as they are from then on: the next run draws that picture. `count`: such nodes.
 */
export function parametersFrom(
  target: WorkflowDocument,
  source: WorkflowDocument,
  known: DefinitionLookup,
): { patches: readonly Patch[]; count: number } {
  const definitionOf = withSubgraphs(target, known);
  const all: Patch[] = [];
  let current = target;
  let count = 0;
  const apply = (scope: string | undefined, from: readonly WorkflowNode[]) => {
    const graph = () =>
      graphOf(
        current,
        current.subgraphs?.find(({ id }) => id === scope),
      );
    for (const { id, own, params } of nodesOfBoth(graph().nodes, from)) {
      const definition = definitionOf(own.type);
      if (!definition || definition.isAnnotation) continue;
      count++;
      const change = (patches: readonly Patch[]) => {
        const scoped = inScope(patches, scope);
        current = applyPatches(current, scoped);
        all.push(...scoped);
      };
      change(setParams(graph(), id, { ...without(own.params, definition), ...params }));
      for (const { name, kind } of definition.params)
        if (kind === "seed") change(setSeedMode(graph(), id, name, "fixed"));
    }
  };
  apply(undefined, source.nodes);
  for (const { id } of target.subgraphs ?? [])
    apply(id, source.subgraphs?.find((subgraph) => subgraph.id === id)?.nodes ?? []);
  return { patches: all, count };
}

function nodesOfBoth(target: readonly WorkflowNode[], source: readonly WorkflowNode[]) {
  const byId = new Map(target.map((node) => [node.id, node]));
  const only = (nodes: readonly WorkflowNode[], type: string) => {
    const [one, ...more] = nodes.filter((node) => node.type === type);
    return more.length === 0 ? one : undefined;
  };
  return source.flatMap(({ id, type, params }) => {
    const same = byId.get(id);
    const own = same?.type === type ? same : only(source, type) && only(target, type);
    return own ? [{ id: own.id, own, params }] : [];
  });
}

/** What a node of this kind has besides its params. */
function without(params: WorkflowNode["params"], { params: known }: NodeDefinition): WorkflowNode["params"] {
  const names = new Set(known.map(({ name }) => name));
  return Object.fromEntries(Object.entries(params).filter(([name]) => !names.has(name)));
}

function setParams(graph: WorkflowDocument, nodeId: string, params: WorkflowNode["params"]): Patch[] {
  const index = graph.nodes.findIndex(({ id }) => id === nodeId);
  const before = graph.nodes[index];
  if (!before || isSame(before.params, params)) return [];
  return [{ collection: "nodes", index, before, after: { ...before, params } }];
}

/**
 * Opens the template for `destination` with this picture in it, and with the prompt that it was made with; `canvas` puts it
 * on the open workflow.
 * @returns the tab with it, where there is a new one
 */
export async function sendPicture(
  session: Session,
  image: ImageReference,
  destination: Destination,
): Promise<Session | undefined> {
  try {
    const { name, bytes } = await readPicture(session, image);
    const file = new File([bytes as Uint8Array<ArrayBuffer>], name, { type: image.mimeType });
    if (destination === "canvas") {
      const middle = { x: window.innerWidth / 2, y: window.innerHeight / 2 };
      await takeFile(session, file, session.canvas?.screenToFlowPosition(middle), { asPicture: true });
      return undefined;
    }
    const template = session.hostState.getState().templates.find(({ id }) => id === destination);
    if (!template) {
      session.view.notify({ tone: "error", text: translate("gallery.noTemplate") });
      return undefined;
    }
    const { hash } = await session.host.rpc.images.put({ file });
    const made = await session.host.rpc.gallery.details({ hash: image.hash }).catch(() => null);
    const document = withPicture(withLoader(workflowOf(template)), hash, made?.prompt ?? "");
    return openDocument(session, document, { dirty: true });
  } catch (error) {
    tell(session, error);
    return undefined;
  }
}

/**
 * A workflow that draws its picture itself, with a Load Image in the place of what draws it: what nothing but the drawing
 * needs is left out. As it is where a picture is loaded already, or none is drawn.
 */
export function withLoader(document: WorkflowDocument): WorkflowDocument {
  const drawing = document.nodes.find(({ type }) => type === "vae-decode");
  if (!drawing || document.nodes.some(({ type }) => type === LOADER)) return document;
  const loader = {
    ...drawing,
    id: freshId(LOADER, new Set(document.nodes.map(({ id }) => id))),
    type: LOADER,
    params: {},
  };
  const gone = new Set([drawing.id]);
  const feedsOthers = (id: string) => {
    const links = document.links.filter(({ from }) => from.node === id);
    return links.length === 0 || links.some(({ to }) => !gone.has(to.node));
  };
  for (let before = 0; before !== gone.size; ) {
    before = gone.size;
    for (const { id } of document.nodes) if (!feedsOthers(id)) gone.add(id);
  }
  return {
    ...document,
    nodes: document.nodes.flatMap((node) => (node === drawing ? loader : gone.has(node.id) ? [] : node)),
    links: document.links.flatMap((link) => {
      if (gone.has(link.to.node)) return [];
      if (link.from.node === drawing.id) return { ...link, from: { ...link.from, node: loader.id } };
      return gone.has(link.from.node) ? [] : link;
    }),
  };
}

/** The first Load Image of the workflow has the picture, no mask of another one is kept, and the prompt is its own. */
export function withPicture(document: WorkflowDocument, hash: string, prompt: string): WorkflowDocument {
  const loader = document.nodes.find(({ type }) => type === LOADER);
  const writer = document.nodes.find(({ type }) => type === "prompt");
  return {
    ...document,
    nodes: document.nodes.map((node) => {
      if (node === loader) return { ...node, params: { ...node.params, image: imageToJson(hash) } };
      if (node.type === "paint-mask") return { ...node, params: { ...node.params, mask: "" } };
      if (node === writer && prompt !== "") return { ...node, params: { ...node.params, text: prompt } };
      return node;
    }),
  };
}

async function fetchPicture(session: Session, image: ImageReference) {
  try {
    return await readPicture(session, image);
  } catch (error) {
    tell(session, error);
    return undefined;
  }
}

async function readPicture(session: Session, image: ImageReference): Promise<{ name: string; bytes: Uint8Array }> {
  const response = await fetchStoredPicture(session.host.imageUrl(image.hash));
  return { name: nameOfPicture(image), bytes: new Uint8Array(await response.arrayBuffer()) };
}
