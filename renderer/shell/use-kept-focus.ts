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
  /** The entry of a list or the bar that it is in, its neighbours, and at which place it is there. */
  readonly row: Element | null;
  readonly neighbours: readonly (Element | null)[];
  readonly at: number;
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
      // A dialog takes the focus itself where something in it that had it is gone.
      if (last && isGone(last) && target === last.dialog) return;
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
  const row = element.closest('li, [role="toolbar"]');
  return {
    element,
    isAbove: element.closest(ABOVE) !== null,
    node: (node?.contains(from ?? null) && node.getAttribute("data-id")) || undefined,
    isTab: element.matches("[data-tab], [data-tab-name]"),
    dialog: element.closest(DIALOG),
    row,
    neighbours: [row?.nextElementSibling ?? null, row?.previousElementSibling ?? null],
    at: row ? focusableIn(row).indexOf(element as HTMLElement) : -1,
  };
}

const isGone = ({ element }: Place) => !element.isConnected || element.matches(":disabled");
const focusableIn = (row: Element) => [...row.querySelectorAll<HTMLElement>(FOCUSABLE)];

/** What is at the same place of the same entry or bar now, or of the next one. */
function besideIt({ row, neighbours, at }: Place): HTMLElement | undefined {
  const entry = [row, ...neighbours].find((one) => one?.isConnected && focusableIn(one).length > 0);
  const found = entry ? focusableIn(entry) : [];
  return found[Math.max(0, Math.min(at, found.length - 1))];
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
