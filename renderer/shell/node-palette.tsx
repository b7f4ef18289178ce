import { Dialog } from "@base-ui/react/dialog";
import { Command } from "cmdk";
import { CornerDownRight } from "lucide-react";
import { useMemo } from "react";
import { isPortCompatible, type NodeDefinition, type PortDefinition } from "../../graph/definition.ts";
import { SocketShape } from "../canvas/socket-shape.tsx";
import { type LinkEnds, whyNotLink } from "../document/commands.ts";
import { inputKey } from "../document/document-store.ts";
import { useDefinitionText, useText } from "../i18n/use-text.ts";
import { connect, disconnect, placeNode } from "../session/actions.ts";
import { useSession, useView } from "../session/context.tsx";
import type { Session } from "../session/session.ts";
import type { NodePaletteRequest } from "../session/view-store.ts";
import styles from "./palette.module.css";
import { searchScore } from "./search-score.ts";

const WIDTH = 360;
const HEIGHT = 420;
const MARGIN = 12;

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
  const choices = useMemo(() => choicesFor(session, request), [session, request]);
  const left = Math.max(MARGIN, Math.min(request.at.x, window.innerWidth - WIDTH - MARGIN));
  const top = Math.max(MARGIN, Math.min(request.at.y, window.innerHeight - HEIGHT - MARGIN));
  const pick = (action: () => void) => {
    close();
    action();
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && close()}>
      <Dialog.Portal>
        <Dialog.Backdrop className={styles.clearBackdrop} />
        <Dialog.Popup className={styles.palette} style={{ left, top, width: WIDTH, maxHeight: HEIGHT }}>
          <Dialog.Title className="visually-hidden">
            {text(request.link ? "palette.connect" : "menu.addNode")}
          </Dialog.Title>
          <Command label={text("palette.search")} loop filter={searchScore} className={styles.command}>
            <Command.Input
              className={styles.input}
              placeholder={text(request.link ? "palette.searchFitting" : "palette.search")}
              aria-label={text("palette.search")}
              autoFocus
            />
            <Command.List className={styles.list} label={text("palette.results")}>
              <Command.Empty className={styles.none}>{text("palette.none")}</Command.Empty>
              {choices.linked && (
                <Command.Item
                  className={styles.item}
                  value="disconnect"
                  onSelect={() => pick(() => disconnect(session, new Set([choices.linked as string])))}
                >
                  {text("palette.disconnect")}
                </Command.Item>
              )}
              {choices.sockets.length > 0 && (
                <Command.Group heading={text("palette.existing")} className={styles.group}>
                  {choices.sockets.map((socket) => {
                    const node = session.documents.getState().nodesById.get(socket.nodeId);
                    const title = node?.title || words.title(socket.definition);
                    const port = words.port(socket.definition, socket.side, socket.port);
                    return (
                      <Command.Item
                        key={`${socket.nodeId} ${socket.port.name}`}
                        value={`${socket.nodeId} ${socket.port.name}`}
                        keywords={[title, port, socket.port.name]}
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
              )}
              {[...choices.nodes].map(([category, definitions]) => (
                <Command.Group key={category} heading={text(`category.${category}`)} className={styles.group}>
                  {definitions.map((definition) => (
                    <Command.Item
                      key={definition.type}
                      value={definition.type}
                      keywords={[
                        words.title(definition),
                        definition.title,
                        text(`category.${category}`),
                        ...definition.aliases,
                      ]}
                      className={styles.item}
                      onSelect={() => pick(() => add(session, request, definition))}
                    >
                      <span className={styles.entry}>
                        <span className={styles.name}>{words.title(definition)}</span>
                        <span className={styles.help}>{words.description(definition)}</span>
                      </span>
                      <span className={styles.ports}>
                        {definition.outputs.slice(0, 3).map((port) => (
                          <Port key={port.name} port={port} />
                        ))}
                      </span>
                    </Command.Item>
                  ))}
                </Command.Group>
              ))}
            </Command.List>
          </Command>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Port({ port }: { port: PortDefinition }) {
  return (
    <span style={{ color: `var(--port-${port.type})` }} className={styles.port}>
      <SocketShape type={port.type} size={10} />
    </span>
  );
}

interface SocketChoice {
  nodeId: string;
  definition: NodeDefinition;
  port: PortDefinition;
  side: "inputs" | "outputs";
  ends: LinkEnds;
}

interface Choices {
  /** The link that feeds the input the palette was opened on. */
  linked: string | undefined;
  sockets: SocketChoice[];
  nodes: Map<NodeDefinition["category"], NodeDefinition[]>;
}

function choicesFor(session: Session, { link }: NodePaletteRequest): Choices {
  const { definitions, definitionOf, documents } = session;
  if (!link) return { linked: undefined, sockets: [], nodes: Map.groupBy(definitions, (d) => d.category) };
  const { document, nodesById, linkByInput } = documents.getState();
  const node = nodesById.get(link.nodeId);
  const own = node && definitionOf(node.type);
  const port = own?.[link.side === "input" ? "inputs" : "outputs"].find((candidate) => candidate.name === link.port);
  if (!port) return { linked: undefined, sockets: [], nodes: new Map() };
  const here = { node: link.nodeId, port: link.port };
  const side = link.side === "input" ? "outputs" : "inputs";
  const sockets = document.nodes.flatMap((other): SocketChoice[] => {
    const definition = definitionOf(other.type);
    return (definition?.[side] ?? []).flatMap((candidate) => {
      const there = { node: other.id, port: candidate.name };
      const ends = side === "inputs" ? { from: here, to: there } : { from: there, to: here };
      if (!definition || whyNotLink(document, definitionOf, ends)) return [];
      return [{ nodeId: other.id, definition, port: candidate, side, ends }];
    });
  });
  const fitting = definitions.filter((definition) => fittingPort(definition, port, side) !== undefined);
  return {
    linked: link.side === "input" ? linkByInput.get(inputKey(link.nodeId, link.port))?.id : undefined,
    sockets,
    nodes: Map.groupBy(fitting, (definition) => definition.category),
  };
}

function fittingPort(definition: NodeDefinition, port: PortDefinition, side: "inputs" | "outputs") {
  return definition[side].find((candidate) =>
    side === "inputs" ? isPortCompatible(port.type, candidate.type) : isPortCompatible(candidate.type, port.type),
  );
}

function add(session: Session, { at, link }: NodePaletteRequest, definition: NodeDefinition): void {
  const { canvas, documents, definitionOf } = session;
  const position = canvas?.screenToFlowPosition({ x: at.x, y: at.y }) ?? { x: 0, y: 0 };
  const rounded = { x: Math.round(position.x), y: Math.round(position.y) };
  if (!link) {
    placeNode(session, definition, rounded);
    return;
  }
  const own = documents.getState().nodesById.get(link.nodeId);
  const ports = own && definitionOf(own.type)?.[link.side === "input" ? "inputs" : "outputs"];
  const port = ports?.find((candidate) => candidate.name === link.port);
  const other = port && fittingPort(definition, port, link.side === "input" ? "outputs" : "inputs");
  const here = { node: link.nodeId, port: link.port };
  // A node before an input stands to its left.
  const place = link.side === "input" ? { x: rounded.x - 340, y: rounded.y } : rounded;
  placeNode(session, definition, place, (nodeId) => {
    if (!other) return undefined;
    const there = { node: nodeId, port: other.name };
    return link.side === "input" ? { from: there, to: here } : { from: here, to: there };
  });
}
