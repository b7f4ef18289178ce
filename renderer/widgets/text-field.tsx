import { useId } from "react";
import type { TextParam } from "../../graph/definition.ts";
import styles from "./field.module.css";
import { useTypingBurst } from "./typing-burst.ts";
import type { WidgetProps } from "./widget.ts";

/** A line or an area of text. A burst of typing is one step of undo. */
export function TextField({ param, label, help, value, invalid, describedBy, onChange }: WidgetProps<TextParam>) {
  const id = useId();
  const burst = useTypingBurst();
  const text = String(value ?? "");
  const common = {
    id,
    value: text,
    placeholder: param.placeholder,
    maxLength: param.maxLength,
    spellCheck: false,
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
      </div>
      <textarea className={`${styles.area} nowheel`} rows={4} {...common} />
    </div>
  );
}
