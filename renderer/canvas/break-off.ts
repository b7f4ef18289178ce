import { type RefObject, useEffect } from "react";
import type { Session } from "../session/session.ts";

const HELD_BESIDE = new Set(["Shift", "Control", "Alt", "AltGraph", "Meta", " "]);

/**
 * While something of the canvas is being dragged with the mouse, Escape puts it back and ends the drag. No other key is heard:
 * what it did would be done to what is in the hand, and another tab has nodes of the same ids.
 */
export function useBreakOff(area: RefObject<HTMLElement | null>, { flow }: Session): void {
  useEffect(() => {
    let isHeld = false;
    /** Until the button is let go nothing else begins with it: no words are chosen, and none are dragged. */
    let isOver = false;
    const follow = ({ buttons }: PointerEvent) => {
      isHeld = buttons !== 0;
      isOver &&= isHeld;
    };
    const rest = (event: Event) => {
      if (isOver) event.preventDefault();
    };
    const press = (event: KeyboardEvent) => {
      if (!isHeld || HELD_BESIDE.has(event.key)) return;
      if (!flow.isDragging() && !area.current?.hasAttribute("data-linking")) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (event.key !== "Escape") return;
      // React Flow knows only one end of a drag, that the button is let go.
      const letGo = new MouseEvent("mouseup", { bubbles: true, view: window });
      flow.breakOff(() => document.dispatchEvent(letGo));
      isOver = true;
    };
    const events = ["pointerdown", "pointermove", "pointerup", "pointercancel"] as const;
    for (const name of events) window.addEventListener(name, follow, true);
    window.addEventListener("keydown", press, true);
    window.addEventListener("dragstart", rest, true);
    window.addEventListener("selectstart", rest, true);
    return () => {
      for (const name of events) window.removeEventListener(name, follow, true);
      window.removeEventListener("keydown", press, true);
      window.removeEventListener("dragstart", rest, true);
      window.removeEventListener("selectstart", rest, true);
    };
  }, [area, flow]);
}
