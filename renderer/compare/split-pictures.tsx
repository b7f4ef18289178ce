import { type CSSProperties, type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from "react";
import { useText } from "../i18n/use-text.ts";
import styles from "./compare.module.css";

const STEP = 2;

/** Two pictures in one place: left of the handle the first is seen, right of it the second. */
export function SplitPictures({
  first,
  second,
  className = "",
  style,
}: {
  first: ReactNode;
  second: ReactNode;
  className?: string;
  style?: CSSProperties;
}) {
  const text = useText();
  const [split, setSplit] = useState(50);
  const stage = useRef<HTMLDivElement>(null);
  const follow = (event: PointerEvent) => {
    const box = stage.current?.getBoundingClientRect();
    if (!box || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    setSplit(Math.max(0, Math.min(100, (100 * (event.clientX - box.left)) / box.width)));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowLeft: split - STEP,
      ArrowRight: split + STEP,
      PageDown: split - 10,
      PageUp: split + 10,
      Home: 0,
      End: 100,
    };
    const next = steps[event.key];
    if (next === undefined || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    setSplit(Math.max(0, Math.min(100, next)));
  };
  return (
    <div ref={stage} className={`${styles.split} ${className}`} style={style}>
      <div className={styles.layer}>{second}</div>
      <div className={styles.layer} style={{ clipPath: `inset(0 ${100 - split}% 0 0)` }}>
        {first}
      </div>
      <div
        className={styles.handle}
        style={{ left: `${split}%` }}
        role="slider"
        tabIndex={0}
        aria-label={text("compare.split")}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(split)}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          event.stopPropagation();
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={follow}
      />
    </div>
  );
}
