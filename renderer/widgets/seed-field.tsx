import { ChevronsDown, ChevronsUp, Dices, Lock, Shuffle } from "lucide-react";
import { useState } from "react";
import type { SeedParam } from "../../graph/definition.ts";
import { parseSeed, seedToJson } from "../../graph/values.ts";
import { randomSeed, type SeedMode, seedModes } from "../document/seeds.ts";
import { useText } from "../i18n/use-text.ts";
import { Menu, MenuRadioGroup } from "../ui/menu.tsx";
import { Tooltip } from "../ui/tooltip.tsx";
import styles from "./field.module.css";
import type { WidgetProps } from "./widget.ts";

const icons: Record<SeedMode, typeof Lock> = {
  fixed: Lock,
  random: Shuffle,
  increment: ChevronsUp,
  decrement: ChevronsDown,
};

/** A seed, exact to 2^63 - 1. Every run keeps it, draws a new one, or goes on to the next. */
export function SeedField({
  param,
  label,
  help,
  value,
  invalid,
  describedBy,
  onChange,
  mode,
  onModeChange,
}: WidgetProps<SeedParam> & { mode: SeedMode; onModeChange: (mode: SeedMode) => void }) {
  const text = useText();
  const Icon = icons[mode];
  const [draft, setDraft] = useState<string>();
  const shown = String(value ?? param.default);
  const commit = () => {
    const seed = draft === undefined ? undefined : parseSeed(draft.replaceAll(/[\s,_]/g, ""));
    if (seed !== undefined) onChange(seedToJson(seed));
    setDraft(undefined);
  };
  return (
    <div className={styles.field} data-invalid={invalid || undefined} title={help}>
      <span className={styles.label} aria-hidden>
        {label}
      </span>
      <input
        className={styles.number}
        inputMode="numeric"
        autoComplete="off"
        spellCheck={false}
        aria-label={label}
        aria-invalid={invalid || undefined}
        aria-describedby={describedBy}
        data-settled={draft === undefined || undefined}
        value={draft ?? shown}
        onChange={(event) => setDraft(event.target.value)}
        onFocus={(event) => event.target.select()}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === "Enter") commit();
          if (event.key === "Escape" && draft !== undefined) {
            event.stopPropagation();
            setDraft(undefined);
          }
        }}
      />
      <span className={styles.tools}>
        <Tooltip label={text("seed.roll")}>
          <button
            type="button"
            className={styles.tool}
            aria-label={text("seed.roll")}
            onClick={() => onChange(randomSeed())}
          >
            <Dices size={14} />
          </button>
        </Tooltip>
        <Menu
          align="end"
          trigger={
            <button
              type="button"
              className={styles.tool}
              aria-label={text("seed.mode", { mode: text(`seed.${mode}`) })}
              title={text(`seed.${mode}`)}
            >
              <Icon size={13} />
            </button>
          }
        >
          <MenuRadioGroup
            label={text("seed.atEveryRun")}
            value={mode}
            closes
            options={seedModes.map((value) => ({ value, label: text(`seed.${value}`) }))}
            onChange={onModeChange}
          />
        </Menu>
      </span>
    </div>
  );
}
