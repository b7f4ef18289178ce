import type { Viewport } from "@xyflow/react";
import { type RefObject, useEffect } from "react";
import type { Session } from "../session/session.ts";

export const ZOOM_RANGE = { min: 0.1, max: 3 } as const;

interface Grip {
  readonly x: number;
  readonly y: number;
  readonly distance: number;
}

/**
 * Two fingers zoom and pan, wherever they lie: React Flow itself lets them do so only where no node is. What the first
 * finger had begun, a drag or a pan, stands still from then on, until no finger is left.
 */
export function useTwoFingers(area: RefObject<HTMLElement | null>, session: Session): void {
  useEffect(() => {
    const element = area.current;
    if (!element) return;
    let start: { grip: Grip; view: Viewport } | undefined;
    let isOurs = false;

    const gripOf = ({ touches }: TouchEvent): Grip | undefined => {
      const [a, b] = touches;
      if (!a || !b) return undefined;
      const { left, top } = element.getBoundingClientRect();
      return {
        x: (a.clientX + b.clientX) / 2 - left,
        y: (a.clientY + b.clientY) / 2 - top,
        distance: Math.max(1, Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY)),
      };
    };
    const onStart = (event: TouchEvent) => {
      const grip = gripOf(event);
      const isOnCanvas = event.target instanceof Element && event.target.closest(".react-flow") !== null;
      if (!grip || !session.canvas || !(isOurs || isOnCanvas)) return;
      event.stopPropagation();
      if (!isOurs) for (const { target } of event.touches) breakOff(target);
      isOurs = true;
      start = { grip, view: session.canvas.getViewport() };
    };
    const onMove = (event: TouchEvent) => {
      if (!isOurs) return;
      event.stopPropagation();
      if (event.cancelable) event.preventDefault();
      const grip = gripOf(event);
      if (start && grip) void session.canvas?.setViewport(pinched(start.view, start.grip, grip));
    };
    const onEnd = (event: TouchEvent) => {
      if (!isOurs) return;
      if (event.touches.length < 2 && start) {
        start = undefined;
        const view = session.canvas?.getViewport();
        if (view) session.documents.setView(view);
      }
      isOurs = event.touches.length > 0;
    };
    const options = { capture: true, passive: false };
    element.addEventListener("touchstart", onStart, options);
    element.addEventListener("touchmove", onMove, options);
    element.addEventListener("touchend", onEnd, options);
    element.addEventListener("touchcancel", onEnd, options);
    return () => {
      element.removeEventListener("touchstart", onStart, options);
      element.removeEventListener("touchmove", onMove, options);
      element.removeEventListener("touchend", onEnd, options);
      element.removeEventListener("touchcancel", onEnd, options);
    };
  }, [area, session]);
}

/** Fields that are scrubbed and lists that are put in order follow pointers, which go on while touches are stopped. */
function breakOff(target: EventTarget): void {
  target.dispatchEvent(new PointerEvent("pointercancel", { bubbles: true, pointerType: "touch" }));
}

/** The view in which what lay between the fingers lies between them again. */
export function pinched(view: Viewport, from: Grip, to: Grip): Viewport {
  const zoom = Math.max(ZOOM_RANGE.min, Math.min(ZOOM_RANGE.max, (view.zoom * to.distance) / from.distance));
  const scale = zoom / view.zoom;
  return { x: to.x - (from.x - view.x) * scale, y: to.y - (from.y - view.y) * scale, zoom };
}
