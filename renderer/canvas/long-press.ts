import { type RefObject, useEffect } from "react";

const HOLD_MS = 500;
/** A finger is never quite still. */
const STILL_PX = 10;

/**
 * A finger or pen that is held opens the menu of what is under it, as the right button of a mouse does. Browsers that do so
 * by themselves are left to it.
 */
export function useLongPress(area: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const element = area.current;
    if (!element) return;
    let press: { id: number; x: number; y: number; timer: ReturnType<typeof setTimeout>; isOver: boolean } | undefined;

    const end = () => {
      if (press) clearTimeout(press.timer);
      press = undefined;
    };
    const begin = (event: PointerEvent) => {
      const isSecond = press !== undefined;
      end();
      // Two fingers zoom.
      if (isSecond || event.pointerType === "mouse") return;
      const { pointerId: id, clientX: x, clientY: y, target } = event;
      const timer = setTimeout(() => {
        if (press?.id !== id) return;
        press.isOver = true;
        const place = { clientX: x, clientY: y, bubbles: true, cancelable: true };
        target?.dispatchEvent(new MouseEvent("contextmenu", place));
      }, HOLD_MS);
      press = { id, x, y, timer, isOver: false };
    };
    const move = ({ pointerId, clientX, clientY }: PointerEvent) => {
      if (press?.id === pointerId && Math.hypot(clientX - press.x, clientY - press.y) > STILL_PX) end();
    };
    const lift = ({ pointerId }: PointerEvent) => {
      if (press?.id !== pointerId) return;
      // The menu is open: lifting the finger is no tap on what is under it.
      if (press.isOver) window.addEventListener("click", swallow, { capture: true, once: true });
      setTimeout(() => window.removeEventListener("click", swallow, { capture: true }));
      end();
    };
    const native = (event: MouseEvent) => {
      if (!event.isTrusted || !press) return;
      if (press.isOver) swallow(event);
      else end();
    };
    const options = { capture: true };
    element.addEventListener("pointerdown", begin, options);
    element.addEventListener("contextmenu", native, options);
    window.addEventListener("pointermove", move, options);
    window.addEventListener("pointerup", lift, options);
    window.addEventListener("pointercancel", end, options);
    return () => {
      end();
      element.removeEventListener("pointerdown", begin, options);
      element.removeEventListener("contextmenu", native, options);
      window.removeEventListener("pointermove", move, options);
      window.removeEventListener("pointerup", lift, options);
      window.removeEventListener("pointercancel", end, options);
    };
  }, [area]);
}

function swallow(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
}
