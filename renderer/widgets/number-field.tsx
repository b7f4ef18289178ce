import { type KeyboardEvent, type PointerEvent, useRef, useState } from "react";
import type { NumberParam } from "../../graph/definition.ts";
import styles from "./field.module.css";
import { formatNumber, moveByDrag, parseNumber, snapNumber, stepNumber } from "./number-value.ts";
import type { WidgetProps } from "./widget.ts";

const CLICK_SLOP_PX = 3;

/**
 * A number that is typed, stepped with the arrow keys (Shift: ten steps, Alt: a tenth of the range) or scrubbed by
 * dragging sideways (Shift: fine).
 */
export function NumberField({ param, label, help, value, invalid, describedBy, onChange }: WidgetProps<NumberParam>) {
  const number = typeof value === "number" ? value : param.default;
  const [draft, setDraft] = useState<string>();
  const scrub = useRef<{ x: number; start: number; gesture: string; moved: boolean }>(undefined);
  const input = useRef<HTMLInputElement>(null);
  const share = Math.max(0, Math.min(1, (number - param.min) / (param.max - param.min || 1)));

  const commit = () => {
    if (draft === undefined) return;
    const typed = parseNumber(draft);
    if (typed !== undefined) onChange(snapNumber(param, typed));
    setDraft(undefined);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") {
      commit();
      input.current?.select();
    } else if (event.key === "Escape" && draft !== undefined) {
      event.stopPropagation();
      setDraft(undefined);
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      const direction = event.key === "ArrowUp" ? 1 : -1;
      onChange(stepNumber(param, number, direction * (event.shiftKey ? 10 : 1)), `step ${label}`);
      setDraft(undefined);
    }
  };
  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0 || document.activeElement === input.current) return;
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    scrub.current = { x: event.clientX, start: number, gesture: `scrub ${event.timeStamp}`, moved: false };
  };
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    const drag = scrub.current;
    if (!drag) return;
    const pixels = event.clientX - drag.x;
    drag.moved ||= Math.abs(pixels) > CLICK_SLOP_PX;
    if (drag.moved) {
      const width = event.currentTarget.getBoundingClientRect().width;
      onChange(moveByDrag(param, drag.start, pixels, { width, fine: event.shiftKey }), drag.gesture);
    }
  };
  const onPointerUp = () => {
    if (scrub.current && !scrub.current.moved) {
      input.current?.focus();
      input.current?.select();
    }
    scrub.current = undefined;
  };

  return (
    <div
      className={styles.field}
      data-invalid={invalid || undefined}
      data-scrub
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={() => {
        scrub.current = undefined;
      }}
      title={help}
    >
      {param.display === "slider" && <span className={styles.fill} style={{ width: `${share * 100}%` }} />}
      <span className={styles.label} aria-hidden>
        {label}
      </span>
      <input
        ref={input}
        className={styles.number}
        role="spinbutton"
        inputMode="decimal"
        autoComplete="off"
        spellCheck={false}
        aria-label={label}
        aria-valuenow={number}
        aria-valuemin={param.min}
        aria-valuemax={param.max}
        aria-valuetext={`${formatNumber(param, number)}${param.unit ? ` ${param.unit}` : ""}`}
        aria-invalid={invalid || undefined}
        aria-describedby={describedBy}
        size={Math.max(3, (draft ?? formatNumber(param, number)).length)}
        data-settled={draft === undefined || undefined}
        value={draft ?? formatNumber(param, number)}
        onChange={(event) => setDraft(event.target.value)}
        onFocus={(event) => event.target.select()}
        onBlur={commit}
        onKeyDown={onKeyDown}
      />
      {param.unit && <span className={styles.unit}>{param.unit}</span>}
    </div>
  );
}
