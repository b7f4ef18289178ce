import { Switch } from "@base-ui/react/switch";
import { useId } from "react";
import type { BooleanParam } from "../../graph/definition.ts";
import styles from "./field.module.css";
import type { WidgetProps } from "./widget.ts";

export function BooleanField({ label, help, value, describedBy, onChange }: WidgetProps<BooleanParam>) {
  const labelId = useId();
  return (
    <div className={styles.boolean} title={help}>
      <span className={styles.label} id={labelId}>
        {label}
      </span>
      <Switch.Root
        className={styles.switch}
        checked={value === true}
        onCheckedChange={(checked) => onChange(checked)}
        aria-labelledby={labelId}
        aria-describedby={describedBy}
      >
        <Switch.Thumb className={styles.thumb} />
      </Switch.Root>
    </div>
  );
}
