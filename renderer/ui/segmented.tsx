import { Toggle } from "@base-ui/react/toggle";
import { ToggleGroup } from "@base-ui/react/toggle-group";
import type { ReactNode } from "react";
import styles from "./segmented.module.css";

/** One of a few values, all in view. */
export function Segmented<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T;
  options: readonly { value: T; label: string; icon?: ReactNode }[];
  onChange: (value: T) => void;
}) {
  return (
    <ToggleGroup
      className={styles.group}
      aria-label={label}
      value={[value]}
      onValueChange={([next]) => next !== undefined && onChange(next as T)}
    >
      {options.map((option) => (
        <Toggle
          key={option.value}
          value={option.value}
          className={styles.option}
          {...(option.icon ? { "aria-label": option.label, title: option.label } : {})}
        >
          {option.icon ?? option.label}
        </Toggle>
      ))}
    </ToggleGroup>
  );
}
