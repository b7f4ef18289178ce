import { type PointerEvent, useRef } from "react";

/** How far a pointer goes before it drags and does not press any more, in pixels. */
const DRAG_FROM_PX = 5;

/**
 * Lets the pointer (mouse, pen or finger) drag items of a list to another place. The items carry `data-item` with their
 * id; `onMove` is called as soon as the pointer has passed a neighbour's middle.
 * @param handle selects what items are dragged by; without, the whole of them
 */
export function useReorder(axis: "x" | "y", onMove: (id: string, index: number) => void, handle?: string) {
  const drag = useRef<{ id: string; x: number; y: number; isMoving: boolean } | undefined>(undefined);
  return {
    onPointerDown(event: PointerEvent<HTMLElement>) {
      if (handle !== undefined && !(event.target instanceof Element && event.target.closest(handle))) return;
      const id = itemOf(event.target)?.dataset.item;
      if (event.button === 0 && id) drag.current = { id, x: event.clientX, y: event.clientY, isMoving: false };
    },
    onPointerMove(event: PointerEvent<HTMLElement>) {
      const { current } = drag;
      if (!current) return;
      if (event.buttons === 0) {
        drag.current = undefined;
        return;
      }
      const distance = Math.hypot(event.clientX - current.x, event.clientY - current.y);
      if (!current.isMoving && distance < DRAG_FROM_PX) return;
      if (!current.isMoving) {
        current.isMoving = true;
        event.currentTarget.setPointerCapture(event.pointerId);
      }
      const items = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-item]")];
      const from = items.findIndex((item) => item.dataset.item === current.id);
      const at = axis === "x" ? event.clientX : event.clientY;
      const passed = items.filter((item, index) => index !== from && middleOf(item, axis) < at).length;
      if (from >= 0 && passed !== from) onMove(current.id, passed);
    },
    onPointerUp() {
      drag.current = undefined;
    },
    onPointerCancel() {
      drag.current = undefined;
    },
  };
}

const itemOf = (target: EventTarget) =>
  target instanceof Element ? target.closest<HTMLElement>("[data-item]") : undefined;

function middleOf(item: HTMLElement, axis: "x" | "y"): number {
  const box = item.getBoundingClientRect();
  return axis === "x" ? box.x + box.width / 2 : box.y + box.height / 2;
}
