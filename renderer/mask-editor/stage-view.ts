import { type PointerEvent, useCallback, useEffect, useRef, useState, type WheelEvent } from "react";

/** Where the mask lies on the stage: CSS pixels, scale 1 = a pixel of the mask is a CSS pixel. */
export interface Placement {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

const MARGIN = 16;
const SCALES = { least: 0.05, most: 32 } as const;

/** How far a place has to move to lie in view. */
const intoView = (place: number, length: number) =>
  Math.max(0, MARGIN - place) - Math.max(0, place - (length - MARGIN));

/** Zoom and pan of the stage: wheel, middle button, Space and drag, two fingers. */
export function useStageView({ width, height }: Size) {
  const ref = useRef<HTMLDivElement>(null);
  const [placement, setPlacement] = useState<Placement>({ x: 0, y: 0, scale: 1 });
  const fingers = useRef(new Map<number, { x: number; y: number }>());
  const panning = useRef<number>(undefined);

  const fit = useCallback(() => {
    const box = ref.current?.getBoundingClientRect();
    if (!box) return;
    const scale = Math.min((box.width - 2 * MARGIN) / width, (box.height - 2 * MARGIN) / height, 8);
    setPlacement({ scale, x: (box.width - width * scale) / 2, y: (box.height - height * scale) / 2 });
  }, [width, height]);
  useEffect(() => {
    const stage = ref.current;
    if (!stage) return;
    const observer = new ResizeObserver(fit);
    observer.observe(stage);
    return () => observer.disconnect();
  }, [fit]);

  const zoomAt = (factor: number, clientX: number, clientY: number) => {
    const box = ref.current?.getBoundingClientRect();
    if (!box) return;
    const [px, py] = [clientX - box.left, clientY - box.top];
    setPlacement((before) => {
      const scale = Math.max(SCALES.least, Math.min(SCALES.most, before.scale * factor));
      const k = scale / before.scale;
      return { scale, x: px - (px - before.x) * k, y: py - (py - before.y) * k };
    });
  };
  const move = (dx: number, dy: number) =>
    setPlacement((before) => ({ ...before, x: before.x + dx, y: before.y + dy }));

  return {
    ref,
    placement,
    fit,
    zoom(factor: number) {
      const box = ref.current?.getBoundingClientRect();
      if (box) zoomAt(factor, box.left + box.width / 2, box.top + box.height / 2);
    },
    /** Takes the view along to a point of the mask that lies out of it, as the brush does that is moved by key. */
    reveal({ x, y }: { x: number; y: number }) {
      const box = ref.current?.getBoundingClientRect();
      if (!box) return;
      setPlacement((before) => {
        const dx = intoView(before.x + x * before.scale, box.width);
        const dy = intoView(before.y + y * before.scale, box.height);
        return dx === 0 && dy === 0 ? before : { ...before, x: before.x + dx, y: before.y + dy };
      });
    },
    toMask(clientX: number, clientY: number) {
      const box = ref.current?.getBoundingClientRect();
      const { x, y, scale } = placement;
      return { x: (clientX - (box?.left ?? 0) - x) / scale, y: (clientY - (box?.top ?? 0) - y) / scale };
    },
    onWheel(event: WheelEvent) {
      zoomAt(Math.exp(-event.deltaY * 0.002), event.clientX, event.clientY);
    },
    /** Whether the pointer moves the stage instead of painting: the middle button, Alt, or a second finger. */
    beginPan(event: PointerEvent): boolean {
      if (event.pointerType === "touch") {
        fingers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
        return fingers.current.size > 1;
      }
      if (event.button !== 1 && !event.altKey) return false;
      event.preventDefault();
      event.currentTarget.setPointerCapture(event.pointerId);
      panning.current = event.pointerId;
      return true;
    },
    pan(event: PointerEvent): boolean {
      if (panning.current === event.pointerId) {
        move(event.movementX, event.movementY);
        return true;
      }
      const finger = fingers.current.get(event.pointerId);
      if (!finger) return false;
      const other = [...fingers.current].find(([id]) => id !== event.pointerId)?.[1];
      fingers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
      if (!other) return false;
      const before = Math.hypot(finger.x - other.x, finger.y - other.y);
      const now = Math.hypot(event.clientX - other.x, event.clientY - other.y);
      if (before > 0) zoomAt(now / before, (event.clientX + other.x) / 2, (event.clientY + other.y) / 2);
      move((event.clientX - finger.x) / 2, (event.clientY - finger.y) / 2);
      return true;
    },
    endPan(event: PointerEvent) {
      fingers.current.delete(event.pointerId);
      if (panning.current === event.pointerId) panning.current = undefined;
    },
  };
}
