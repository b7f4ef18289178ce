import { Select } from "@base-ui/react/select";
import { Check, ChevronDown } from "lucide-react";
import { useText } from "../i18n/use-text.ts";
import popup from "../ui/popup.module.css";
import styles from "./field.module.css";

export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly help?: string | undefined;
}

/** A value from a list, in one row: its name on the left, what is chosen on the right. */
export function ChoiceField({
  label,
  help,
  value,
  options,
  invalid,
  describedBy,
  placeholder,
  onOpen,
  onChange,
}: {
  label: string;
  help: string | undefined;
  value: string;
  options: readonly Choice[];
  invalid: boolean;
  describedBy: string | undefined;
  placeholder?: string;
  onOpen?: () => void;
  onChange: (value: string) => void;
}) {
  const text = useText();
  const chosen = options.find((option) => option.value === value);
  const shown = chosen?.label ?? (value || placeholder);
  return (
    <Select.Root
      value={value}
      modal={false}
      onValueChange={(next) => typeof next === "string" && onChange(next)}
      onOpenChange={(open) => open && onOpen?.()}
    >
      <Select.Trigger
        className={`${styles.field} ${styles.select}`}
        data-invalid={invalid || undefined}
        aria-label={text.labelled(label, shown ?? "")}
        aria-describedby={describedBy}
        title={help}
      >
        <span className={styles.label}>{label}</span>
        <span className={chosen ? styles.value : `${styles.value} ${styles.placeholder}`}>{shown}</span>
        <ChevronDown size={14} className={styles.chevron} />
      </Select.Trigger>
      <Select.Portal>
        <Select.Positioner className={popup.positioner} sideOffset={4} align="end" alignItemWithTrigger={false}>
          <Select.Popup className={popup.popup}>
            {options.map((option) => (
              <Select.Item key={option.value} value={option.value} className={popup.item}>
                <span className={popup.check}>
                  <Select.ItemIndicator>
                    <Check size={14} />
                  </Select.ItemIndicator>
                </span>
                <span className={popup.option}>
                  <Select.ItemText>{option.label}</Select.ItemText>
                  {option.help && <span className={popup.optionHelp}>{option.help}</span>}
                </span>
              </Select.Item>
            ))}
          </Select.Popup>
        </Select.Positioner>
      </Select.Portal>
    </Select.Root>
  );
}
