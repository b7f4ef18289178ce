import { ArrowDown, ArrowUp, Plus, X } from "lucide-react";
import type { LoraEntry, LorasParam } from "../../graph/definition.ts";
import { parseLoras } from "../../graph/values.ts";
import { useText } from "../i18n/use-text.ts";
import { useHost } from "../session/context.tsx";
import { BooleanField } from "./boolean-field.tsx";
import fields from "./field.module.css";
import styles from "./loras-field.module.css";
import { ModelField } from "./model-field.tsx";
import { NumberField } from "./number-field.tsx";
import type { WidgetProps } from "./widget.ts";

/** A list of LoRAs: each has a file, a weight and a switch; they can be moved, removed and added. */
export function LorasField({ param, nodeId, label, help, value, describedBy, onChange }: WidgetProps<LorasParam>) {
  const text = useText();
  const models = useHost((state) => state.models);
  const entries = parseLoras(value) ?? [];
  const replace = (index: number, change: Partial<LoraEntry>, gesture?: string) =>
    onChange(
      entries.map((entry, at) => (at === index ? { ...entry, ...change } : entry)),
      gesture && `${index} ${gesture}`,
    );
  const swap = (index: number, other: number) => {
    const moved = [...entries];
    [moved[index], moved[other]] = [entries[other]!, entries[index]!];
    onChange(moved);
  };
  const add = () => {
    const name = models?.find(({ kind }) => kind === "lora")?.name ?? "";
    onChange([...entries, { name, weight: 1, enabled: true }]);
  };
  const common = { nodeId, help, invalid: false, describedBy };
  return (
    <fieldset className={styles.list} aria-label={label}>
      {entries.map((entry, index) => {
        const number = index + 1;
        const file = { kind: "model", name: "name", label, modelKind: "lora", default: "" } as const;
        const weight = { ...param, kind: "number", default: 1, display: "slider" } as const;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: an entry has no identity but its place
          <div className={styles.entry} key={index} data-off={!entry.enabled || undefined}>
            <ModelField
              {...common}
              param={file}
              label={text("loras.lora", { number })}
              value={entry.name}
              onChange={(name) => replace(index, { name: String(name) })}
            />
            <NumberField
              {...common}
              param={weight}
              label={text("loras.weight", { number })}
              value={entry.weight}
              onChange={(next, gesture) => replace(index, { weight: Number(next) }, gesture)}
            />
            <div className={styles.row}>
              <BooleanField
                {...common}
                param={{ kind: "boolean", name: "enabled", label, default: true }}
                label={text("loras.enabled", { number })}
                value={entry.enabled}
                onChange={(enabled) => replace(index, { enabled: enabled === true })}
              />
              <Tool label={text("loras.up", { number })} disabled={index === 0} onClick={() => swap(index, index - 1)}>
                <ArrowUp size={14} />
              </Tool>
              <Tool
                label={text("loras.down", { number })}
                disabled={number === entries.length}
                onClick={() => swap(index, number)}
              >
                <ArrowDown size={14} />
              </Tool>
              <Tool
                label={text("loras.remove", { number })}
                onClick={() => onChange(entries.filter((_, at) => at !== index))}
              >
                <X size={14} />
              </Tool>
            </div>
          </div>
        );
      })}
      <button type="button" className={`${fields.field} ${styles.add}`} onClick={add}>
        <Plus size={14} />
        {text("loras.add")}
      </button>
    </fieldset>
  );
}

function Tool({
  label,
  disabled = false,
  onClick,
  children,
}: {
  label: string;
  disabled?: boolean;
  onClick: () => void;
  children: React.ReactNode;
}) {
  return (
    <button
      type="button"
      className={fields.tool}
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={onClick}
    >
      {children}
    </button>
  );
}
