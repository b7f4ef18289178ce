import { useEffect } from "react";

/** A dialog may go a moment later than the key that closed it, when it has faded away. */
const LATER_MS = 400;
const ABOVE = '[role="dialog"], [role="menu"], [role="listbox"]';

/** What had the focus, and what stands in for it once it is gone. */
interface Place {
  readonly element: Element;
  readonly isAbove: boolean;
  /** The node that the focus was in before it went to this part of it. */
  readonly node: string | undefined;
  readonly isTab: boolean;
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
      const from = relatedTarget instanceof Element ? relatedTarget : undefined;
      const place = placeOf(target, from);
      if (!place.isAbove || target.closest("[data-to-canvas]")) below = undefined;
      else if (!last?.isAbove) below = last && from === last.element ? last : undefined;
      last = place;
    };
    const keep = () => {
      if (!last || last.element.isConnected || document.activeElement !== document.body) return;
      standIn(last.isAbove ? below : last)?.focus({ preventScroll: true });
    };
    let frame = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
    const onKey = () => {
      stop();
      frame = requestAnimationFrame(keep);
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
  };
}

function standIn(place: Place | undefined): HTMLElement | null {
  if (place?.element.isConnected && place.element instanceof HTMLElement) return place.element;
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
