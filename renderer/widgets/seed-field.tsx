import { Dices, Lock, LockOpen } from "lucide-react";
import { useState } from "react";
import type { SeedParam } from "../../graph/definition.ts";
import { parseSeed, seedToJson } from "../../graph/values.ts";
import { randomSeed } from "../document/seeds.ts";
import { useText } from "../i18n/use-text.ts";
import { Tooltip } from "../ui/tooltip.tsx";
import styles from "./field.module.css";
import type { WidgetProps } from "./widget.ts";

/** A seed, exact to 2^63 - 1. Unlocked, every run draws a new one. */
export function SeedField({
  param,
  label,
  help,
  value,
  invalid,
  describedBy,
  onChange,
  locked,
  onLockChange,
}: WidgetProps<SeedParam> & { locked: boolean; onLockChange: (locked: boolean) => void }) {
  const text = useText();
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
        <Tooltip label={text(locked ? "seed.locked" : "seed.unlocked")}>
          <button
            type="button"
            className={styles.tool}
            aria-label={text("seed.lock")}
            aria-pressed={locked}
            onClick={() => onLockChange(!locked)}
          >
            {locked ? <Lock size={13} /> : <LockOpen size={13} />}
          </button>
        </Tooltip>
      </span>
    </div>
  );
}
