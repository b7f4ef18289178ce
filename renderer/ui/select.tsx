import { ChevronDown } from "lucide-react";
import type { KeyboardEvent, SelectHTMLAttributes } from "react";
import { join } from "./button.tsx";
import styles from "./select.module.css";

/**
 * The platform's own select, with its keys and its way of telling screen readers, drawn as Heddle's lists are. Browsers that
 * cannot draw its list so (`appearance: base-select`) show the system's under the same field.
 */
export function Select({ className, children, ...props }: SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <span className={join(styles.field, className)}>
      <select className={styles.select} {...props} onKeyDown={keepEscape}>
        {children}
      </select>
      <ChevronDown size={14} className={styles.chevron} aria-hidden />
    </span>
  );
}

/** Escape closes the list, and not what the field is in. */
function keepEscape(event: KeyboardEvent<HTMLSelectElement>): void {
  if (event.key === "Escape" && isOpen(event.currentTarget)) event.stopPropagation();
}

function isOpen(select: HTMLSelectElement): boolean {
  return CSS.supports("selector(:open)") && select.matches(":open");
}
