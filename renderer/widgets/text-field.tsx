import { useId, useRef } from "react";
import type { TextParam } from "../../graph/definition.ts";
import styles from "./field.module.css";
import { TokenCount } from "./token-count.tsx";
import type { WidgetProps } from "./widget.ts";

/** Pauses longer than this between key strokes start a new step of undo. */
const TYPING_PAUSE_MS = 1_000;

/** A line or an area of text. A burst of typing is one step of undo. */
export function TextField({
  param,
  nodeId,
  label,
  help,
  value,
  invalid,
  describedBy,
  onChange,
}: WidgetProps<TextParam>) {
  const id = useId();
  const burst = useTypingBurst();
  const text = String(value ?? "");
  const common = {
    id,
    value: text,
    placeholder: param.placeholder,
    maxLength: param.maxLength,
    spellCheck: param.role === "prompt",
    "aria-invalid": invalid || undefined,
    "aria-describedby": describedBy,
    "data-invalid": invalid || undefined,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value, burst()),
  };
  if (!param.multiline) {
    return (
      <label className={styles.field} htmlFor={id} title={help} data-invalid={invalid || undefined}>
        <span className={styles.label}>{label}</span>
        <input className={`${styles.number} ${styles.line}`} autoComplete="off" {...common} />
      </label>
    );
  }
  return (
    <div className={styles.text}>
      <div className={styles.textHead}>
        <label htmlFor={id} title={help}>
          {label}
        </label>
        {param.role === "prompt" && <TokenCount nodeId={nodeId} text={text} />}
      </div>
      <textarea className={`${styles.area} nowheel`} rows={4} {...common} />
    </div>
  );
}

export function useTypingBurst(): () => string {
  const last = useRef({ at: 0, gesture: "" });
  return () => {
    const now = Date.now();
    const { at, gesture } = last.current;
    const next = now - at > TYPING_PAUSE_MS || gesture === "" ? `typing ${now} ${Math.random()}` : gesture;
    last.current = { at: now, gesture: next };
    return next;
  };
}
