import { Star } from "lucide-react";
import { MOST_STARS } from "../../protocol/gallery.ts";
import { useText } from "../i18n/use-text.ts";
import styles from "./stars.module.css";

/** A rating of stars; the one that is set takes it back. */
export function Stars({ value, onChange }: { value: number; onChange: (value: number) => void }) {
  const text = useText();
  return (
    <fieldset className={styles.stars} aria-label={text("gallery.rating")}>
      {Array.from({ length: MOST_STARS }, (_, at) => at + 1).map((count) => (
        <button
          key={count}
          type="button"
          className={styles.star}
          aria-label={text("gallery.stars", { count })}
          aria-pressed={value === count}
          data-lit={count <= value || undefined}
          onClick={() => onChange(count === value ? 0 : count)}
        >
          <Star size={16} fill={count <= value ? "currentColor" : "none"} />
        </button>
      ))}
    </fieldset>
  );
}
