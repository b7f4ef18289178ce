import { type RefObject, useEffect } from "react";

/**
 * While a mouse button is held that was pressed on the canvas, its moves are taken once for every frame, where it is then: a
 * mouse tells of up to a thousand moves in a second, each would be worked out by React Flow, and only the last before a frame
 * is ever seen. A button that is released or pressed comes after the move before it.
 */
export function useMovePerFrame(area: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const element = area.current;
    if (!element) return;
    let isHeld = false;
    let waiting: MouseEvent | undefined;
    let frame = 0;
    const take = () => {
      cancelAnimationFrame(frame);
      const event = waiting;
      waiting = undefined;
      if (!event) return;
      // What was under the pointer may be gone by now.
      const target = event.target instanceof Node && event.target.isConnected ? event.target : document;
      target.dispatchEvent(new MouseEvent(event.type, event));
    };
    const move = (event: MouseEvent) => {
      if (!event.isTrusted || !isHeld) return;
      if (event.buttons === 0) {
        // Released where nobody heard of it.
        isHeld = false;
        take();
        return;
      }
      event.stopImmediatePropagation();
      if (!waiting) frame = requestAnimationFrame(take);
      waiting = event;
    };
    const press = (event: MouseEvent) => {
      take();
      if (event.target instanceof Node && element.contains(event.target)) isHeld = true;
    };
    const release = (event: MouseEvent) => {
      take();
      if (event.buttons === 0) isHeld = false;
    };
    window.addEventListener("mousedown", press, true);
    window.addEventListener("mousemove", move, true);
    window.addEventListener("mouseup", release, true);
    return () => {
      cancelAnimationFrame(frame);
      window.removeEventListener("mousedown", press, true);
      window.removeEventListener("mousemove", move, true);
      window.removeEventListener("mouseup", release, true);
    };
  }, [area]);
}
