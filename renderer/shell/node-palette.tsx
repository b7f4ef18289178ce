import { Dialog } from "@base-ui/react/dialog";
import { Command } from "cmdk";
import { CornerDownRight, Search, Trash2 } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useStore } from "zustand";
import { isPortCompatible, type NodeDefinition, type PortDefinition } from "../../graph/definition.ts";
import { findInput, linkableInputs } from "../../graph/linkable-params.ts";
import { INPUT_NODE, isBoundary, OUTPUT_NODE } from "../../graph/subgraphs/boundary.ts";
import { NEW_PORT, withSubgraphs } from "../../graph/subgraphs/lookup.ts";
import type { LibraryEntry } from "../../protocol/subgraphs.ts";
import { CARD_WIDTH } from "../canvas/card-geometry.ts";
import { SocketShape } from "../canvas/socket-shape.tsx";
import { type LinkEnds, whyNotLink } from "../document/commands.ts";
import { inputKey } from "../document/document-store.ts";
import { takesFrom } from "../document/obvious-links.ts";
import { type DefinitionText, type Text, useDefinitionText, useText } from "../i18n/use-text.ts";
import { connect, disconnect, placeNode } from "../session/actions.ts";
import { placeBehind, roomFor } from "../session/add-behind.ts";
import { useSession, useView } from "../session/context.tsx";
import type { Session } from "../session/session.ts";
import type { NodePaletteRequest } from "../session/view-store.ts";
import { placeSubgraph, removeFromLibrary } from "../subgraph/subgraph-actions.ts";
import { NoChoice } from "./no-choice.tsx";
import { NodePreview } from "./node-preview.tsx";
import styles from "./palette.module.css";
import { searchScore } from "./search-score.ts";
import { printedKeys } from "./shortcuts.ts";

/** Room between a node and one that is put beside it, in flow pixels. */
const BESIDE = 60;
const LIST_WIDTH = 360;
const PREVIEW_WIDTH = 260;
const HEIGHT = 420;
const MARGIN = 12;
/** What nobody placed leaves the tool bar in view, from which it came. */
const ABOVE_TOOLBAR = 64;
/** What takes from the chosen nodes comes before what is called the same. */
const FIT_BONUS = 0.2;
/** And of those first what keeps pictures, while nothing in the workflow does. */
const OUTPUT_BONUS = 0.02;
/** In narrower windows the list is alone. */
const PREVIEW_FROM = 900;

/**
 * Search for a node to add. When a link waits for its other end, only what fits is offered: sockets of the workflow and
 * nodes, connected with the pick.
 */
export function NodePalette() {
  const session = useSession();
  const request = useView((state) => state.nodePalette);
  if (!request) return null;
  return <OpenPalette session={session} request={request} />;
}

function OpenPalette({ session, request }: { session: Session; request: NodePaletteRequest }) {
  const text = useText();
  const words = useDefinitionText();
  const close = () => session.view.setState({ nodePalette: undefined });
  const library = useStore(session.library, (state) => state.entries);
  useEffect(() => {
    // Without an answer there are the entries of before.
    session.library.refresh().catch(() => {});
  }, [session]);
  const choices = useMemo(() => choicesFor(session, request, library), [session, request, library]);
  const [value, setValue] = useState("");
  const [search, setSearch] = useState("");
  const list = useRef<HTMLDivElement>(null);
  // What is searched for is in one list, the best first; by category one looks around.
  const groups: ["" | NodeDefinition["category"], NodeDefinition[]][] =
    search.trim() === "" ? [...choices.nodes] : [["", [...choices.nodes.values()].flat()]];
  const previewed = choices.definitions.get(value);
  const hasPreview = window.innerWidth >= PREVIEW_FROM;
  const width = LIST_WIDTH + (hasPreview ? PREVIEW_WIDTH : 0);
  // In the window also when that becomes smaller.
  const left = `max(${MARGIN}px, min(${request.at.x}px, 100vw - ${width + MARGIN}px))`;
  const top = `max(${MARGIN}px, min(${request.at.y}px, 100vh - ${HEIGHT + (request.isUnplaced ? ABOVE_TOOLBAR : MARGIN)}px))`;
  const pick = (action: () => void) => {
    close();
    action();
  };
  const existing = choices.sockets.length > 0 && (
    <Command.Group heading={text("palette.existing")} className={styles.group}>
      {choices.sockets.map((socket) => {
        const node = session.documents.getState().nodesById.get(socket.nodeId);
        const isNew = socket.port.name === NEW_PORT;
        const title = node?.title || titleOf(text, words, socket.definition);
        const port = isNew ? text("subgraph.newSocket") : portWords(words, socket);
        return (
          <Command.Item
            key={socketValue(socket)}
            value={socketValue(socket)}
            keywords={[`${title} ${port}`, title, port, socket.port.name]}
            className={styles.item}
            onSelect={() => pick(() => connect(session, socket.ends))}
          >
            <CornerDownRight size={14} className={styles.icon} />
            <span className={styles.name}>
              {title} <span className={styles.dim}>{port}</span>
            </span>
            <Port port={socket.port} />
          </Command.Item>
        );
      })}
    </Command.Group>
  );
  return (
    <Dialog.Root open onOpenChange={(open) => !open && close()}>
      <Dialog.Portal>
        <Dialog.Backdrop className={styles.clearBackdrop} />
        <Dialog.Popup
          // The next key is for the canvas: it goes on building.
          finalFocus={false}
          data-to-canvas=""
          className={styles.palette}
          style={{ left, top, width, ...(hasPreview ? { height: HEIGHT } : { maxHeight: HEIGHT }) }}
        >
          <Dialog.Title className="visually-hidden">
            {text(request.link ? "palette.connect" : "menu.addNode")}
          </Dialog.Title>
          <Command
            label={text("palette.search")}
            loop
            filter={(candidate, search, keywords) => {
              const score = searchScore(candidate, search, keywords);
              return score > 0 ? score + (choices.bonus.get(candidate) ?? 0) : 0;
            }}
            className={styles.command}
            value={value}
            onValueChange={setValue}
            onKeyDown={(event) => {
              const kept = choices.library.find(({ entry }) => libraryValue(entry) === value);
              if (event.key !== "Delete" || !event.shiftKey || !kept) return;
              event.preventDefault();
              void removeFromLibrary(session, kept.entry.name);
            }}
          >
            <Search size={16} className={styles.searchIcon} aria-hidden />
            <Command.Input
              className={styles.input}
              placeholder={text(request.link ? "palette.searchFitting" : "palette.search")}
              aria-label={text("palette.search")}
              autoFocus
              value={search}
              onValueChange={(next) => {
                setSearch(next);
                // The best comes first, once it is sorted: a list that was scrolled would hide it.
                requestAnimationFrame(() => list.current?.scrollTo({ top: 0 }));
              }}
            />
            <div className={styles.panes}>
              <Command.List ref={list} className={styles.list} label={text("palette.results")}>
                <Command.Empty className={styles.none}>
                  <NoChoice>{text("palette.none")}</NoChoice>
                </Command.Empty>
                {choices.linked && (
                  <Command.Item
                    className={styles.item}
                    value="disconnect"
                    onSelect={() => pick(() => disconnect(session, new Set([choices.linked as string])))}
                  >
                    {text("palette.disconnect")}
                  </Command.Item>
                )}
                {request.isDropped !== true && existing}
                {groups.map(([category, definitions]) => (
                  <Command.Group
                    key={category}
                    heading={text(category === "" ? "palette.nodes" : `category.${category}`)}
                    className={styles.group}
                  >
                    {definitions.map((definition) => (
                      <Command.Item
                        key={definition.type}
                        value={definition.type}
                        keywords={[
                          words.title(definition),
                          definition.title,
                          text(`category.${definition.category}`),
                          ...definition.aliases,
                        ]}
                        className={styles.item}
                        onSelect={() => pick(() => add(session, request, definition))}
                      >
                        <Entry definition={definition} />
                      </Command.Item>
                    ))}
                  </Command.Group>
                ))}
                {request.isDropped === true && existing}
                {choices.library.length > 0 && (
                  <Command.Group heading={text("subgraph.library")} className={styles.group}>
                    {choices.library.map(({ entry, definition }) => (
                      <Command.Item
                        key={entry.name}
                        value={libraryValue(entry)}
                        keywords={[definition.title, text("subgraph.library"), text("category.subgraph")]}
                        className={styles.item}
                        onSelect={() => pick(() => addFromLibrary(session, request, { entry, definition }))}
                      >
                        <Entry definition={definition} />
                        <button
                          type="button"
                          className={styles.remove}
                          aria-label={text("subgraph.forget", { name: definition.title })}
                          title={`${text("subgraph.forget", { name: definition.title })} (${printedKeys("Shift+Delete")})`}
                          tabIndex={-1}
                          onClick={(event) => {
                            event.stopPropagation();
                            void removeFromLibrary(session, entry.name);
                          }}
                        >
                          <Trash2 size={14} />
                        </button>
                      </Command.Item>
                    ))}
                  </Command.Group>
                )}
              </Command.List>
              {hasPreview && <NodePreview definition={previewed} />}
            </div>
          </Command>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Entry({ definition }: { definition: NodeDefinition }) {
  const words = useDefinitionText();
  return (
    <>
      <span className={styles.entry}>
        <span className={styles.name}>{words.title(definition)}</span>
        <span className={styles.help}>{words.description(definition)}</span>
      </span>
      <span className={styles.ports}>
        {definition.outputs.slice(0, 3).map((port) => (
          <Port key={port.name} port={port} />
        ))}
      </span>
    </>
  );
}

function Port({ port }: { port: PortDefinition }) {
  return (
    <span style={{ color: `var(--port-${port.type})` }} className={styles.port}>
      <SocketShape type={port.type} size={10} />
    </span>
  );
}

function titleOf(text: Text, words: DefinitionText, definition: NodeDefinition): string {
  if (definition.type === INPUT_NODE) return text("subgraph.inputs");
  return definition.type === OUTPUT_NODE ? text("subgraph.outputs") : words.title(definition);
}

/** A socket of a parameter is called as the parameter is. */
function portWords(words: DefinitionText, { definition, side, port }: SocketChoice): string {
  const param = side === "inputs" ? definition.params.find(({ name }) => name === port.name) : undefined;
  return param ? words.param(definition, param) : words.port(definition, side, port);
}

interface SocketChoice {
  nodeId: string;
  definition: NodeDefinition;
  port: PortDefinition;
  side: "inputs" | "outputs";
  ends: LinkEnds;
}

interface LibraryChoice {
  entry: LibraryEntry;
  definition: NodeDefinition;
}

interface Choices {
  /** The link that feeds the input the palette was opened on. */
  linked: string | undefined;
  sockets: SocketChoice[];
  nodes: Map<NodeDefinition["category"], NodeDefinition[]>;
  library: LibraryChoice[];
  /** What is previewed, by value of the list. */
  definitions: Map<string, NodeDefinition>;
  /** What is added to the score of types of nodes that take what the chosen nodes give. */
  bonus: ReadonlyMap<string, number>;
}

const socketValue = ({ nodeId, port }: SocketChoice) => `${nodeId} ${port.name}`;
const libraryValue = ({ name }: LibraryEntry) => `library/${name}`;

function choicesFor(session: Session, { link, from }: NodePaletteRequest, entries: readonly LibraryEntry[]): Choices {
  const { definitionOf, documents } = session;
  const { graph, nodesById, linkByInput, document } = documents.getState();
  const own = (document.subgraphs ?? []).flatMap(({ id }) => definitionOf(`subgraph/${id}`) ?? []);
  const definitions = [...session.definitions, ...own];
  const library = entries.flatMap((entry): LibraryChoice[] => {
    const id = entry.file.subgraphs[0]?.id ?? "";
    const definition = withSubgraphs(entry.file, definitionOf)(`subgraph/${id}`);
    // What is in this workflow is offered as such.
    return definition && !document.subgraphs?.some((one) => one.id === id) ? [{ entry, definition }] : [];
  });
  const given = (from ?? []).flatMap((id) => definitionOf(nodesById.get(id)?.type ?? "")?.outputs ?? []);
  const hasOutput = graph.nodes.some(({ type }) => definitionOf(type)?.isOutput);
  const bonus = new Map(
    definitions
      .filter((one) => takesFrom(one, given))
      .map((one) => [one.type, FIT_BONUS + (!hasOutput && keepsPictures(one) ? OUTPUT_BONUS : 0)]),
  );
  const choices = (
    all: readonly NodeDefinition[],
    kept: LibraryChoice[],
    rest: Pick<Choices, "linked" | "sockets">,
  ): Choices => ({
    ...rest,
    bonus,
    nodes: Map.groupBy(all, (definition) => definition.category),
    library: kept,
    definitions: new Map([
      ...rest.sockets.map((socket) => [socketValue(socket), socket.definition] as const),
      ...all.map((definition) => [definition.type, definition] as const),
      ...kept.map(({ entry, definition }) => [libraryValue(entry), definition] as const),
    ]),
  });
  if (!link) return choices(definitions, library, { linked: undefined, sockets: [] });
  const node = nodesById.get(link.nodeId);
  const port = node && portAt(definitionOf(node.type), link);
  if (!port) return choices([], [], { linked: undefined, sockets: [] });
  const here = { node: link.nodeId, port: link.port };
  const side = link.side === "input" ? "outputs" : "inputs";
  const sockets = graph.nodes.flatMap((other): SocketChoice[] => {
    const definition = definitionOf(other.type);
    if (!definition) return [];
    const candidates = side === "inputs" ? linkableInputs(definition) : definition.outputs;
    return candidates.flatMap((candidate) => {
      const there = { node: other.id, port: candidate.name };
      const ends = side === "inputs" ? { from: here, to: there } : { from: there, to: here };
      if (whyNotLink(graph, definitionOf, ends)) return [];
      // A boundary takes everything: it comes after what fits by itself.
      return [{ nodeId: other.id, definition, port: candidate, side, ends }];
    });
  });
  const isLast = ({ nodeId }: SocketChoice) => isBoundary(nodesById.get(nodeId) ?? { type: "" });
  return choices(
    definitions.filter((definition) => fittingPort(definition, port, side) !== undefined),
    library.filter(({ definition }) => fittingPort(definition, port, side) !== undefined),
    {
      linked: link.side === "input" ? linkByInput.get(inputKey(link.nodeId, link.port))?.id : undefined,
      sockets: [...sockets.filter((socket) => !isLast(socket)), ...sockets.filter(isLast)],
    },
  );
}

/** Most workflows end in a picture. */
const keepsPictures = ({ isOutput, inputs }: NodeDefinition) =>
  isOutput === true && inputs.some(({ type }) => type === "image");

function portAt(
  definition: NodeDefinition | undefined,
  { port, side }: { port: string; side: "input" | "output" },
): PortDefinition | undefined {
  if (!definition) return undefined;
  return side === "input" ? findInput(definition, port) : definition.outputs.find(({ name }) => name === port);
}

/** The first socket that fits; of params only where nothing else does, and what fits exactly. */
function fittingPort(definition: NodeDefinition, port: PortDefinition, side: "inputs" | "outputs") {
  const socket = definition[side].find((candidate) =>
    side === "inputs" ? isPortCompatible(port.type, candidate.type) : isPortCompatible(candidate.type, port.type),
  );
  if (socket || side === "outputs") return socket;
  return linkableInputs(definition).find(({ type }) => type === port.type);
}

/** The link that waited, to a node that has just been placed. */
function endsFor(session: Session, link: NonNullable<NodePaletteRequest["link"]>, definition: NodeDefinition) {
  const own = session.documents.getState().nodesById.get(link.nodeId);
  const port = own && portAt(session.definitionOf(own.type), link);
  const other = port && fittingPort(definition, port, link.side === "input" ? "outputs" : "inputs");
  const here = { node: link.nodeId, port: link.port };
  return (nodeId: string): LinkEnds | undefined => {
    if (!other) return undefined;
    const there = { node: nodeId, port: other.name };
    return link.side === "input" ? { from: there, to: here } : { from: here, to: there };
  };
}

/**
 * Where a link was dropped; beside the node that the palette was opened on, before an input and behind an output; in free room
 * where nobody pointed at a place.
 */
function placeFor(session: Session, { at, link, isUnplaced }: NodePaletteRequest, definition: NodeDefinition) {
  if (isUnplaced && !link) return roomFor(session, definition);
  const { canvas, flow } = session;
  const { x, y } = canvas?.screenToFlowPosition({ x: at.x, y: at.y }) ?? { x: 0, y: 0 };
  const [box] = link ? flow.boxes(new Set([link.nodeId])) : [];
  if (!link || !box) return { x: Math.round(x), y: Math.round(y) };
  const place =
    link.side === "input" ? Math.min(x, box.x - BESIDE) - CARD_WIDTH : Math.max(x, box.x + box.width + BESIDE);
  return { x: Math.round(place), y: Math.round(y) };
}

function add(session: Session, request: NodePaletteRequest, definition: NodeDefinition): void {
  if (request.from) {
    placeBehind(session, definition, request.from);
    return;
  }
  const ends = request.link && endsFor(session, request.link, definition);
  placeNode(session, definition, placeFor(session, request, definition), ends);
}

function addFromLibrary(session: Session, request: NodePaletteRequest, { entry, definition }: LibraryChoice): void {
  const { link } = request;
  placeSubgraph(session, entry.file, placeFor(session, request, definition), (nodeId, placed) =>
    link ? endsFor(session, link, placed)(nodeId) : undefined,
  );
}
