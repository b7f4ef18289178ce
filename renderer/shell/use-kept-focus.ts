import { useEffect } from "react";

/** A dialog may go a moment later than the key that closed it, when it has faded away. */
const LATER_MS = 400;
const DIALOG = '[role="dialog"]';
const ABOVE = `${DIALOG}, [role="menu"], [role="listbox"]`;
const FOCUSABLE = ':is(button, input, select, textarea, a[href], [tabindex="0"]):not(:disabled)';

/** What had the focus, and what stands in for it once it is gone. */
interface Place {
  readonly element: Element;
  readonly isAbove: boolean;
  /** The node that the focus was in before it went to this part of it. */
  readonly node: string | undefined;
  readonly isTab: boolean;
  readonly dialog: Element | null;
  /** What it is part of, from the inside out, each before its neighbours, and at which place it is there. */
  readonly around: readonly { readonly part: Element; readonly at: number }[];
}

/**
 * The keyboard is never left without a place: where a key takes away what had the focus, as a tab that it closes, a node that
 * it deletes or a palette out of which a dialog opens, the focus goes back to where it came from, or to the nearest that is there.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    let last: Place | undefined;
    /** What had the focus before something opened above it; nothing, where that was the canvas. */
    let below: Place | undefined;
    const onFocusIn = ({ target, relatedTarget }: FocusEvent) => {
      if (!(target instanceof Element)) return;
      // A dialog takes the focus itself where something in it that had it is gone, whenever that goes.
      if (last && isGone(last) && target === last.dialog) {
        onKey();
        return;
      }
      const from = relatedTarget instanceof Element ? relatedTarget : undefined;
      const place = placeOf(target, from);
      if (!place.isAbove || target.closest("[data-to-canvas]")) below = undefined;
      else if (!last?.isAbove) below = last && from === last.element ? last : undefined;
      last = place;
    };
    const keep = () => {
      const active = document.activeElement;
      if (!last || !isGone(last) || (active !== document.body && active !== last.dialog)) return;
      const beside = last.isTab ? undefined : besideIt(last);
      if (beside) beside.focus();
      else if (!last.dialog?.isConnected) standIn(last.isAbove ? below : last)?.focus({ preventScroll: true });
    };
    let frame = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
    const onKey = () => {
      stop();
      // After dialogs, which look a frame later.
      frame = requestAnimationFrame(() => {
        frame = requestAnimationFrame(keep);
      });
      timer = setTimeout(keep, LATER_MS);
    };
    const options = { capture: true };
    document.addEventListener("focusin", onFocusIn, options);
    document.addEventListener("keydown", onKey, options);
    document.addEventListener("keyup", onKey, options);
    return () => {
      stop();
      document.removeEventListener("focusin", onFocusIn, options);
      document.removeEventListener("keydown", onKey, options);
      document.removeEventListener("keyup", onKey, options);
    };
  }, []);
}

function placeOf(element: Element, from: Element | undefined): Place {
  const node = element.closest(".react-flow__node");
  return {
    element,
    isAbove: element.closest(ABOVE) !== null,
    node: (node?.contains(from ?? null) && node.getAttribute("data-id")) || undefined,
    isTab: element.matches("[data-tab], [data-tab-name]"),
    dialog: element.closest(DIALOG),
    around: partsAround(element),
  };
}

const isGone = ({ element }: Place) => !element.isConnected || element.matches(":disabled");
const focusableIn = (row: Element) => [...row.querySelectorAll<HTMLElement>(FOCUSABLE)];

function partsAround(element: Element): Place["around"] {
  const part = element.closest('li, section, [role="toolbar"]');
  if (!part) return [];
  const at = focusableIn(part).indexOf(element as HTMLElement);
  const beside = [part, part.nextElementSibling, part.previousElementSibling].flatMap((one) => one ?? []);
  const outside = part.parentElement ? partsAround(part.parentElement) : [];
  return [...beside.map((one) => ({ part: one, at })), ...outside];
}

/** What is at the same place of the same entry of a list now, or of the next one, or else in what the list is part of. */
function besideIt({ around }: Place): HTMLElement | undefined {
  for (const { part, at } of around) {
    const found = part.isConnected ? focusableIn(part) : [];
    if (found.length > 0) return found[Math.max(0, Math.min(at, found.length - 1))];
  }
  return undefined;
}

function standIn(place: Place | undefined): HTMLElement | null {
  if (place && !isGone(place) && place.element instanceof HTMLElement) return place.element;
  if (place?.isTab) return document.querySelector('[role="tab"][aria-selected="true"]');
  const node = place?.node === undefined ? undefined : `.react-flow__node[data-id="${CSS.escape(place.node)}"]`;
  const found = node === undefined ? null : document.querySelector<HTMLElement>(node);
  return found ?? ground();
}

/** What keys are for when nothing in particular has the focus. */
function ground(): HTMLElement | null {
  const ground = document.querySelector<HTMLElement>(".react-flow") ?? document.querySelector<HTMLElement>("main");
  if (ground && !ground.hasAttribute("tabindex")) ground.tabIndex = -1;
  return ground;
}
