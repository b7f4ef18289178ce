import { useEffect } from "react";
import { translate } from "../i18n/i18n.ts";
import { copySelection, cutSelection } from "../session/actions.ts";
import { fragmentToText } from "../session/clipboard.ts";
import { isGraphShown, takeDropped } from "../session/incoming-files.ts";
import { moveByKey } from "../session/keyboard-moves.ts";
import { pasteText } from "../session/paste.ts";
import type { Session } from "../session/session.ts";
import { runCommand, worksWhileTyping } from "./commands.ts";
import { commandOfKey, isForText } from "./shortcuts.ts";

/** Keyboard and clipboard of the window. */
export function useShortcuts(session: Session): void {
  useEffect(() => {
    const pointer = { x: 0, y: 0, over: false };
    const onPointerMove = (event: PointerEvent) => {
      pointer.x = event.clientX;
      pointer.y = event.clientY;
      pointer.over = isOnCanvas(event.target);
    };
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      if (event.key === "Escape" && leaveField(event.target)) return;
      const id = commandOfKey(event);
      if ((!id && !ARROWS[event.key]) || isModalOpen()) return;
      if (isOfMenu(event.target)) {
        // Nor the browser's: Ctrl+A would choose all words of the page.
        if (event.ctrlKey || event.metaKey) event.preventDefault();
        return;
      }
      if (!id) {
        moveWithArrows(session, event);
        return;
      }
      if (isTyping(event.target) && !(mayInterrupt(event.target, id) && !isForText(event))) return;
      // Its own keys are bare ones, which choose or step.
      if (isControl(event.target) && !event.ctrlKey && !event.metaKey && !event.altKey) return;
      // Tab adds a node on the canvas; everywhere else it moves the focus, as it does with Shift.
      if (id === "node.add" && event.key === "Tab" && !isCanvasFocused(event.target)) return;
      if (id === "node.edit" && !isCanvasFocused(event.target) && !isNode(event.target)) return;
      takeTyped(event.target);
      // Also where there is nothing to do: the browser would undo in the text that was last written, or add a bookmark.
      if (runCommand(session, id) || event.ctrlKey || event.metaKey) event.preventDefault();
    };
    // Before the canvas sees the key: on Enter it would choose the node that has the focus, and that one alone; on an arrow move it.
    const onEarlyKeyDown = (event: KeyboardEvent) => {
      const isCommand = /^(Enter|Arrow.+)$/.test(event.key) && (event.ctrlKey || event.metaKey || event.altKey);
      if (!isCommand || !isNode(event.target)) return;
      onKeyDown(event);
      event.stopPropagation();
    };
    const put = (event: ClipboardEvent, remove: boolean) => {
      if (isTyping(event.target) || isModalOpen() || hasTextSelection() || !isGraphShown(session)) return;
      const fragment = copySelection(session);
      if (!fragment) return;
      event.clipboardData?.setData("text/plain", fragmentToText(fragment));
      event.preventDefault();
      if (remove) cutSelection(session);
    };
    const onCopy = (event: ClipboardEvent) => put(event, false);
    const onCut = (event: ClipboardEvent) => put(event, true);
    const onPaste = async (event: ClipboardEvent) => {
      if (isTyping(event.target) || isModalOpen() || session.face.getState().face === "app") return;
      const { clipboardData } = event;
      const text = clipboardData?.getData("text/plain") ?? "";
      if (pasteText(session, text, pointer.over ? pointer : undefined)) return;
      if (clipboardData && clipboardData.files.length > 0) {
        const at = pointer.over ? pointer : { x: window.innerWidth / 3, y: window.innerHeight / 3 };
        await takeDropped(session, clipboardData, session.canvas?.screenToFlowPosition(at));
      } else if (text.trim()) session.view.notify({ tone: "info", text: translate("clipboard.nothing") });
    };
    document.addEventListener("pointermove", onPointerMove);
    document.addEventListener("keydown", onEarlyKeyDown, { capture: true });
    document.addEventListener("keydown", onKeyDown);
    document.addEventListener("copy", onCopy);
    document.addEventListener("cut", onCut);
    document.addEventListener("paste", onPaste);
    return () => {
      document.removeEventListener("pointermove", onPointerMove);
      document.removeEventListener("keydown", onEarlyKeyDown, { capture: true });
      document.removeEventListener("keydown", onKeyDown);
      document.removeEventListener("copy", onCopy);
      document.removeEventListener("cut", onCut);
      document.removeEventListener("paste", onPaste);
    };
  }, [session]);
}

const CONTROLS = 'select, input:is([type="checkbox"], [type="radio"], [type="range"])';

/** Something that is set by key, and in which nothing is typed. */
function isControl(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches(CONTROLS);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.tagName === "TEXTAREA" || (target.tagName === "INPUT" && !isControl(target)))
  );
}

function isModalOpen(): boolean {
  return document.querySelector('[role="dialog"]') !== null;
}

/** Whether a command goes before what is typed; undo does where all that was typed is in the workflow already. */
function mayInterrupt(field: EventTarget | null, id: string): boolean {
  const isOfHistory = id === "edit.undo" || id === "edit.redo";
  return worksWhileTyping.has(id) || (isOfHistory && field instanceof Element && field.matches("[data-settled]"));
}

/**
 * A menu or a list is open, and its keys are its own: what they would do to the workflow is hidden below it. One that has been
 * chosen from fades away, and takes none any more.
 */
function isOfMenu(target: EventTarget | null): boolean {
  const menu = target instanceof Element ? target.closest('[role="menu"], [role="listbox"]') : null;
  return menu !== null && menu.closest("[data-closed]") === null;
}

/** What is typed and not yet taken, as in the field of a number, counts before a command looks at the workflow. */
function takeTyped(field: EventTarget | null): void {
  if (!(field instanceof HTMLInputElement) || !field.matches("[data-param] input, [data-name]")) return;
  field.blur();
  if (!field.matches("[data-name]")) field.focus({ preventScroll: true });
}

function hasTextSelection(): boolean {
  return !(document.getSelection()?.isCollapsed ?? true);
}

function isOnCanvas(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(".react-flow") !== null;
}

/** From a field of a node back to the canvas, where the next key goes on building. */
function leaveField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement) || !target.closest(".react-flow__node [data-param]")) return false;
  target.blur();
  return true;
}

/** A node as a whole has the focus, none of its fields. */
function isNode(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches(".react-flow__node");
}

const ARROWS: Readonly<Record<string, { x: number; y: number } | undefined>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** On the canvas, where no node has the focus: React Flow moves those itself. */
function moveWithArrows(session: Session, event: KeyboardEvent): void {
  const direction = ARROWS[event.key];
  if (!direction || event.ctrlKey || event.metaKey || event.altKey || !isCanvasFocused(event.target)) return;
  if (session.workspace.getState().active === undefined || session.face.getState().face === "app") return;
  event.preventDefault();
  moveByKey(session, direction, event.shiftKey);
}

/** Nothing in particular has the focus, or the canvas itself has. */
function isCanvasFocused(target: EventTarget | null): boolean {
  return target === document.body || (target instanceof Element && target.matches(".react-flow, .react-flow__pane"));
}
