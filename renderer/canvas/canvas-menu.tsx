import {
  AlignHorizontalJustifyStart,
  AppWindow,
  Ban,
  BoxSelect,
  Cable,
  ChevronsDownUp,
  ChevronsUpDown,
  CircleHelp,
  ClipboardPaste,
  Copy,
  CopyPlus,
  Eye,
  EyeOff,
  GitCommitHorizontal,
  Grid3x3,
  LayoutGrid,
  Library,
  Lock,
  LockOpen,
  Magnet,
  Maximize,
  PackageOpen,
  Palette,
  Pencil,
  Pin,
  PinOff,
  Play,
  Plus,
  RotateCcw,
  Scissors,
  Spline,
  SquareDashed,
  Tag,
  Trash2,
  Unlink,
  Workflow,
} from "lucide-react";
import { memo } from "react";
import type { WorkflowNode } from "../../graph/document.ts";
import { portOfParam } from "../../graph/linkable-params.ts";
import { isLocked, isPinned, setSocketParam, socketParams } from "../document/commands.ts";
import { inputKey } from "../document/document-store.ts";
import { apiNameOf, isExposed, toggleExposed } from "../document/form-commands.ts";
import type { TextKey } from "../i18n/i18n.ts";
import { useDefinitionText, useText } from "../i18n/use-text.ts";
import { copyText, disconnect, editParam, selectionWithContent } from "../session/actions.ts";
import { bendLink, colorSelection, FRAME_COLORS } from "../session/arrange-actions.ts";
import { useSession, useView } from "../session/context.tsx";
import { canBeInserted, insertable, insertIntoLink } from "../session/insert-in-link.ts";
import { pasteFromClipboard } from "../session/paste.ts";
import type { CanvasMenuRequest } from "../session/view-store.ts";
import { type Command, runCommand } from "../shell/commands.ts";
import { shortcutLabel } from "../shell/shortcuts.ts";
import { selectedSubgraph } from "../subgraph/subgraph-actions.ts";
import { isSweepable } from "../sweep/axis-editor.tsx";
import { openSweepOf } from "../sweep/open-sweep.ts";
import { MenuGroup, MenuItem, MenuSeparator, PointMenu, Submenu } from "../ui/menu.tsx";
import styles from "./canvas.module.css";

const ICON = 14;
const ALIGN_COMMANDS = [
  ["align.left", "arrange.left"],
  ["align.centre", "arrange.centre"],
  ["align.right", "arrange.right"],
  ["align.top", "arrange.top"],
  ["align.middle", "arrange.middle"],
  ["align.bottom", "arrange.bottom"],
  ["align.distributeX", "arrange.distributeX"],
  ["align.distributeY", "arrange.distributeY"],
] as const;

/** The menu of the right mouse button and of Shift+F10: of what is selected, of a link, or of the empty canvas. */
export const CanvasMenu = memo(function CanvasMenu() {
  const { view } = useSession();
  const text = useText();
  const request = useView((state) => state.canvasMenu);
  if (!request) return null;
  return (
    <PointMenu
      at={request.at}
      label={text("menu.context")}
      onClose={() => view.setState((state) => (state.canvasMenu === request ? { canvasMenu: undefined } : {}))}
    >
      {request.of === "selection" && <SelectionItems />}
      {request.of === "canvas" && <CanvasItems at={request.at} />}
      {typeof request.of === "object" &&
        ("link" in request.of ? (
          <LinkItems at={request.at} linkId={request.of.link} />
        ) : (
          <ParamItems at={request.at} nodeId={request.of.node} param={request.of.param} />
        ))}
    </PointMenu>
  );
});

function Item({ id, text: key, icon }: { id: Command["id"]; text: TextKey; icon?: React.ReactNode }) {
  const session = useSession();
  const text = useText();
  return (
    <MenuItem icon={icon} shortcut={shortcutLabel(id)} onClick={() => runCommand(session, id)}>
      {text(key)}
    </MenuItem>
  );
}

function SelectionItems() {
  const session = useSession();
  const text = useText();
  const ids = session.flow.selectedNodes();
  const [first] = ids;
  const node = session.documents.getState().nodesById.get(first ?? "");
  const hasNodes = ids.size > 0;
  const { definitionOf } = session;
  const definition = node && definitionOf(node.type);
  return (
    <>
      {hasNodes && definition?.isAnnotation !== true && (
        <Item id="run.selection" text={ids.size > 1 ? "run.selection" : "run.toHere"} icon={<Play size={ICON} />} />
      )}
      {hasNodes && <MenuSeparator />}
      <Item id="edit.cut" text="menu.cut" icon={<Scissors size={ICON} />} />
      <Item id="edit.copy" text="menu.copy" icon={<Copy size={ICON} />} />
      <Item id="edit.duplicate" text="menu.duplicate" icon={<CopyPlus size={ICON} />} />
      <Item id="node.rename" text="menu.rename" icon={<Pencil size={ICON} />} />
      <Submenu icon={<Palette size={ICON} />} label={text("menu.colour")}>
        <div className={styles.swatches}>
          {FRAME_COLORS.map((color, index) => (
            <MenuItem
              key={color}
              onClick={() => colorSelection(session, color)}
              icon={<span className={styles.swatch} style={{ background: color }} />}
            >
              {text(`colour.${index}` as TextKey)}
            </MenuItem>
          ))}
        </div>
        <MenuSeparator />
        <MenuItem onClick={() => colorSelection(session, undefined)}>{text("menu.noColour")}</MenuItem>
      </Submenu>
      <MenuSeparator />
      <StateItems />
      <MenuSeparator />
      {selectedSubgraph(session) ? (
        <SubgraphItems />
      ) : (
        <Item id="subgraph.collapse" text="subgraph.collapse" icon={<Workflow size={ICON} />} />
      )}
      {insertable(session) !== undefined && (
        <Item id="node.insert" text="menu.insertInLink" icon={<GitCommitHorizontal size={ICON} />} />
      )}
      {hasNodes && <Item id="edit.frame" text="menu.frame" icon={<SquareDashed size={ICON} />} />}
      {ids.size > 1 && (
        <>
          <Submenu icon={<AlignHorizontalJustifyStart size={ICON} />} label={text("menu.align")}>
            {ALIGN_COMMANDS.map(([id, key]) => (
              <Item key={id} id={id} text={key} />
            ))}
          </Submenu>
          <Item id="edit.tidy" text="menu.tidySelection" icon={<LayoutGrid size={ICON} />} />
        </>
      )}
      <MenuSeparator />
      {definition && (
        <MenuItem icon={<CircleHelp size={ICON} />} onClick={() => session.view.setState({ helpOn: definition.type })}>
          {text("menu.nodeHelp")}
        </MenuItem>
      )}
      <Item id="edit.delete" text="menu.delete" icon={<Trash2 size={ICON} />} />
    </>
  );
}

/** What can be on or off: each says what it does to the selection as that is now. */
function StateItems() {
  const session = useSession();
  const { nodesById } = session.documents.getState();
  const nodes = [...session.flow.selectedNodes()].flatMap((id) => nodesById.get(id) ?? []);
  const modes = [...selectionWithContent(session).nodes].flatMap((id) => nodesById.get(id)?.mode ?? []);
  const isMuted = modes.length > 0 && modes.every((mode) => mode === "muted");
  const isBypassed = modes.length > 0 && modes.every((mode) => mode === "bypassed");
  return (
    <>
      <Item
        id="node.mute"
        text={isMuted ? "menu.unmute" : "menu.mute"}
        icon={isMuted ? <Eye size={ICON} /> : <EyeOff size={ICON} />}
      />
      <Item id="node.bypass" text={isBypassed ? "menu.unbypass" : "menu.bypass"} icon={<Ban size={ICON} />} />
      {nodes.length > 0 && <FixedItems nodes={nodes} />}
    </>
  );
}

/** Of nodes alone: frames are neither folded nor pinned. */
function FixedItems({ nodes }: { nodes: readonly WorkflowNode[] }) {
  const isFolded = nodes.every(({ collapsed }) => collapsed === true);
  const isFixed = nodes.every(isPinned);
  const isClosed = nodes.every(isLocked);
  return (
    <>
      <Item
        id="node.collapse"
        text={isFolded ? "menu.expand" : "menu.collapse"}
        icon={isFolded ? <ChevronsUpDown size={ICON} /> : <ChevronsDownUp size={ICON} />}
      />
      {/* What is locked stays where it is, pinned or not. */}
      {!isClosed && (
        <Item
          id="node.pin"
          text={isFixed ? "menu.unpin" : "menu.pinOnly"}
          icon={isFixed ? <PinOff size={ICON} /> : <Pin size={ICON} />}
        />
      )}
      <Item
        id="node.lock"
        text={isClosed ? "lock.unlock" : "lock.lock"}
        icon={isClosed ? <LockOpen size={ICON} /> : <Lock size={ICON} />}
      />
    </>
  );
}

function SubgraphItems() {
  const text = useText();
  return (
    <>
      <Item id="subgraph.open" text="subgraph.open" icon={<Workflow size={ICON} />} />
      <Item id="subgraph.unpack" text="subgraph.unpack" icon={<PackageOpen size={ICON} />} />
      <Submenu icon={<Library size={ICON} />} label={text("subgraph.more")}>
        <Item id="subgraph.edit" text="subgraph.edit" />
        <Item id="subgraph.keep" text="subgraph.keep" />
        <Item id="subgraph.export" text="subgraph.export" />
        <Item id="subgraph.independent" text="subgraph.independent" />
      </Submenu>
    </>
  );
}

/** Of the row of a parameter. */
function ParamItems({ at, nodeId, param: name }: { at: CanvasMenuRequest["at"]; nodeId: string; param: string }) {
  const session = useSession();
  const text = useText();
  const words = useDefinitionText();
  const { nodesById, linkByInput, document, graph, path } = session.documents.getState();
  const node = nodesById.get(nodeId);
  const definition = node && session.definitionOf(node.type);
  const param = definition?.params.find((candidate) => candidate.name === name);
  if (!node || !definition || !param) return null;
  const isLinked = linkByInput.has(inputKey(nodeId, name));
  const isSocket = isLinked || socketParams(node).includes(name);
  const shown = isExposed(document, nodeId, name);
  const entry = document.exposed?.find((one) => one.node === nodeId && one.param === name);
  const apiName = path.length === 0 && entry ? apiNameOf(entry) : `${nodeId}.${name}`;
  return (
    <MenuGroup label={words.param(definition, param)}>
      {portOfParam(param) && (
        <>
          <MenuItem
            icon={isSocket ? <Unlink size={ICON} /> : <Cable size={ICON} />}
            onClick={() =>
              session.documents.commit({ label: "socket", patches: setSocketParam(graph, nodeId, name, !isSocket) })
            }
          >
            {text(isSocket ? "param.toValue" : "param.toSocket")}
          </MenuItem>
          <MenuItem
            icon={<Plus size={ICON} />}
            onClick={() => session.view.setState({ nodePalette: { at, link: { nodeId, port: name, side: "input" } } })}
          >
            {text("param.connect")}
          </MenuItem>
          <MenuSeparator />
        </>
      )}
      {path.length === 0 && (
        <MenuItem
          icon={<AppWindow size={ICON} />}
          onClick={() =>
            session.documents.commit({ label: "form", patches: toggleExposed(document, nodeId, name), whole: true })
          }
        >
          {text(shown ? "param.hide" : "param.expose")}
        </MenuItem>
      )}
      {path.length === 0 && shown && (
        <MenuItem
          icon={<Tag size={ICON} />}
          onClick={() => session.view.setState({ properties: { focus: `${nodeId}.${name}` } })}
        >
          {text("param.apiName")}
        </MenuItem>
      )}
      {!isLinked && isSweepable(param) && (
        <MenuItem icon={<Grid3x3 size={ICON} />} onClick={() => openSweepOf(session, nodeId, param)}>
          {text("param.sweep")}
        </MenuItem>
      )}
      <MenuItem
        icon={<RotateCcw size={ICON} />}
        disabled={isLinked}
        onClick={() => editParam(session, nodeId, name, param.default)}
      >
        {text("param.reset")}
      </MenuItem>
      <MenuItem icon={<Copy size={ICON} />} onClick={() => void copyText(session, apiName, text("param.nameCopied"))}>
        {text("param.copyName", { name: apiName })}
      </MenuItem>
    </MenuGroup>
  );
}

function CanvasItems({ at }: { at: CanvasMenuRequest["at"] }) {
  const session = useSession();
  const text = useText();
  return (
    <>
      <MenuItem
        icon={<Plus size={ICON} />}
        shortcut={shortcutLabel("node.add")}
        onClick={() => session.view.setState({ nodePalette: { at } })}
      >
        {text("menu.addNode")}
      </MenuItem>
      <MenuItem
        icon={<ClipboardPaste size={ICON} />}
        shortcut={shortcutLabel("edit.paste")}
        onClick={() => void pasteFromClipboard(session, at)}
      >
        {text("menu.paste")}
      </MenuItem>
      <MenuSeparator />
      <Item id="edit.selectAll" text="menu.selectAll" icon={<BoxSelect size={ICON} />} />
      <Item id="edit.tidy" text="menu.tidy" icon={<LayoutGrid size={ICON} />} />
      <MenuSeparator />
      <Item id="view.fit" text="menu.fit" icon={<Maximize size={ICON} />} />
      <Item
        id="view.snap"
        text={session.settings.getState().snapToGrid ? "menu.noSnap" : "menu.snap"}
        icon={<Magnet size={ICON} />}
      />
    </>
  );
}

function LinkItems({ at, linkId }: { at: CanvasMenuRequest["at"]; linkId: string }) {
  const session = useSession();
  const text = useText();
  const reroute = session.definitionOf("reroute");
  const alone = insertable(session);
  return (
    <>
      {alone !== undefined && canBeInserted(session, alone, linkId) && (
        <MenuItem icon={<GitCommitHorizontal size={ICON} />} onClick={() => insertIntoLink(session, linkId)}>
          {text("menu.insertHere")}
        </MenuItem>
      )}
      {reroute && (
        <MenuItem
          icon={<Spline size={ICON} />}
          onClick={() => {
            const position = session.canvas?.screenToFlowPosition(at);
            if (position) bendLink(session, linkId, position, reroute);
          }}
        >
          {text("menu.reroute")}
        </MenuItem>
      )}
      <MenuItem icon={<Unlink size={ICON} />} onClick={() => disconnect(session, new Set([linkId]))}>
        {text("palette.disconnect")}
      </MenuItem>
    </>
  );
}
