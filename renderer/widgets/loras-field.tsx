import { Switch } from "@base-ui/react/switch";
import { GripVertical, Plus, X } from "lucide-react";
import { type KeyboardEvent, useRef, useState } from "react";
import type { LoraEntry, LorasParam } from "../../graph/definition.ts";
import { parseLoras } from "../../graph/values.ts";
import { useText } from "../i18n/use-text.ts";
import { useHost, useSession } from "../session/context.tsx";
import { useReorder } from "../ui/use-reorder.ts";
import fields from "./field.module.css";
import styles from "./loras-field.module.css";
import { useModelDetails } from "./model-details.ts";
import { ModelField } from "./model-field.tsx";
import { NumberField } from "./number-field.tsx";
import type { WidgetProps } from "./widget.ts";

const PREVIEW_PX = 128;

/** A stack of LoRAs: each has a file, a weight and a switch; they are dragged into order, removed and added. */
export function LorasField({ param, nodeId, label, help, value, describedBy, onChange }: WidgetProps<LorasParam>) {
  const text = useText();
  const { host } = useSession();
  const models = useHost((state) => state.models);
  const detailsOf = useModelDetails();
  const entries = parseLoras(value) ?? [];
  const ids = useStableIds(entries.length);
  const gesture = useRef("");
  const list = useRef<HTMLFieldSetElement>(null);

  const replace = (index: number, change: Partial<LoraEntry>, how?: string) =>
    onChange(
      entries.map((entry, at) => (at === index ? { ...entry, ...change } : entry)),
      how && `${index} ${how}`,
    );
  const move = (from: number, to: number, how?: string) => {
    if (to < 0 || to >= entries.length || from === to) return;
    ids.move(from, to);
    onChange(moved(entries, from, to), how);
  };
  const reorder = useReorder("y", (id, index) => move(ids.all.indexOf(Number(id)), index, gesture.current));
  const add = () => {
    const used = new Set(entries.map(({ name }) => name));
    const loras = (models ?? []).filter(({ kind }) => kind === "lora");
    const name = (loras.find((lora) => !used.has(lora.name)) ?? loras[0])?.name ?? "";
    onChange([...entries, { name, weight: 1, enabled: true }]);
  };
  const onGripKey = (event: KeyboardEvent, index: number) => {
    const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    if (step === 0) return;
    event.preventDefault();
    event.stopPropagation();
    move(index, index + step);
    // The focus goes along with what is moved.
    requestAnimationFrame(() => list.current?.querySelectorAll<HTMLElement>("[data-grip]")[index + step]?.focus());
  };
  const common = { nodeId, help, invalid: false, describedBy };

  return (
    <fieldset
      ref={list}
      className={styles.list}
      aria-label={label}
      {...reorder}
      onPointerDown={(event) => {
        if (!(event.target as Element).closest("[data-grip]")) return;
        gesture.current = `drag ${event.timeStamp}`;
        reorder.onPointerDown(event);
      }}
    >
      {entries.map((entry, index) => {
        const number = index + 1;
        const file = { kind: "model", name: "name", label, modelKind: "lora", default: "" } as const;
        const weight = { ...param, kind: "number", default: 1, display: "slider" } as const;
        const preview = detailsOf("lora", entry.name)?.preview;
        return (
          <div
            className={styles.entry}
            key={ids.all[index]}
            data-item={ids.all[index]}
            data-off={!entry.enabled || undefined}
          >
            <div className={styles.row}>
              <button
                type="button"
                className={`${fields.tool} ${styles.grip}`}
                data-grip
                aria-label={text("loras.move", { number })}
                title={text("loras.moveHelp")}
                onKeyDown={(event) => onGripKey(event, index)}
              >
                <GripVertical size={14} />
              </button>
              {preview && (
                <img
                  className={styles.preview}
                  src={host.imageUrl(preview, { thumbnail: PREVIEW_PX })}
                  alt=""
                  draggable={false}
                />
              )}
              <div className={styles.file}>
                <ModelField
                  {...common}
                  param={file}
                  hidesLabel
                  label={text("loras.lora", { number })}
                  value={entry.name}
                  onChange={(name) => replace(index, { name: String(name) })}
                />
              </div>
              <Switch.Root
                className={`${fields.switch} ${styles.switch}`}
                checked={entry.enabled}
                aria-label={text("loras.enabled", { number })}
                title={text("loras.enabled", { number })}
                onCheckedChange={(enabled) => replace(index, { enabled })}
              >
                <Switch.Thumb className={fields.thumb} />
              </Switch.Root>
              <button
                type="button"
                className={`${fields.tool} ${styles.remove}`}
                aria-label={text("loras.remove", { number })}
                title={text("loras.remove", { number })}
                onClick={() => onChange(entries.filter((_, at) => at !== index))}
              >
                <X size={14} />
              </button>
            </div>
            <NumberField
              {...common}
              param={weight}
              label={text("loras.weight", { number })}
              value={entry.weight}
              onChange={(next, how) => replace(index, { weight: Number(next) }, how)}
            />
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

function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const rest = list.filter((_, at) => at !== from);
  return [...rest.slice(0, to), list[from]!, ...rest.slice(to)];
}

/** Identities for the entries of a list that has none: they go along when an entry is moved. */
function useStableIds(count: number) {
  const next = useRef(0);
  const [ids, setIds] = useState<readonly number[]>([]);
  const all =
    ids.length === count
      ? ids
      : [...ids.slice(0, count), ...Array.from({ length: Math.max(0, count - ids.length) }, () => next.current++)];
  if (all !== ids) setIds(all);
  return { all, move: (from: number, to: number) => setIds(moved(all, from, to)) };
}
