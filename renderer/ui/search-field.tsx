import { Search } from "lucide-react";
import type { InputHTMLAttributes } from "react";
import { join } from "./button.tsx";
import styles from "./search-field.module.css";

/** A line to search with, the same wherever something is searched. `placeholder` is short where `label` says in what is looked. */
export function SearchField({
  label,
  placeholder = label,
  value,
  className,
  onChange,
  ...props
}: Omit<InputHTMLAttributes<HTMLInputElement>, "type" | "value" | "onChange" | "aria-label"> & {
  label: string;
  placeholder?: string;
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <span className={join(styles.search, className)}>
      <Search size={14} className={styles.icon} aria-hidden />
      <input
        {...props}
        type="search"
        className={styles.input}
        placeholder={placeholder}
        aria-label={label}
        title={placeholder === label ? undefined : label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </span>
  );
}
