import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import styles from "./resize-edge.module.css";

const KEY_STEP = 16;

/**
 * The left edge of a panel on the right: dragged, or moved with the arrow keys, Home and End; a double-click gives the usual
 * width back. CSS pixels.
 */
export function ResizeEdge({
  label,
  width,
  usual,
  min,
  max,
  onChange,
}: {
  label: string;
  width: number;
  usual: number;
  min: number;
  max: number;
  onChange: (width: number) => void;
}) {
  const drag = useRef<{ x: number; width: number } | undefined>(undefined);
  const set = (to: number) => onChange(Math.round(Math.max(min, Math.min(max, to))));
  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { x: event.clientX, width };
  };
  const onPointerMove = ({ clientX }: PointerEvent) => {
    if (drag.current) set(drag.current.width + drag.current.x - clientX);
  };
  const end = () => {
    drag.current = undefined;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = { ArrowLeft: width + KEY_STEP, ArrowRight: width - KEY_STEP, Home: min, End: max }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    set(to);
  };
  return (
    <hr
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={width}
      aria-valuemin={min}
      aria-valuemax={max}
      className={styles.edge}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={end}
      onPointerCancel={end}
      onDoubleClick={() => set(usual)}
      onKeyDown={onKeyDown}
    />
  );
}
