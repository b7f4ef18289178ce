import { useState } from "react";
import type { ImageReference } from "../../graph/events.ts";
import { useText } from "../i18n/use-text.ts";
import { useSession } from "../session/context.tsx";
import styles from "./gallery.module.css";

/** Two pictures in one place; the slider says how much of each is seen. */
export function Compare({ first, second }: { first: ImageReference; second: ImageReference }) {
  const { host } = useSession();
  const text = useText();
  const [split, setSplit] = useState(50);
  return (
    <div className={styles.compare}>
      <div className={styles.pair} style={{ aspectRatio: `${first.width} / ${first.height}` }}>
        <img
          className={styles.layer}
          src={host.imageUrl(second.hash)}
          alt={text("viewer.result", { seed: second.seed ?? "–" })}
        />
        <img
          className={styles.layer}
          src={host.imageUrl(first.hash)}
          alt={text("viewer.result", { seed: first.seed ?? "–" })}
          style={{ clipPath: `inset(0 ${100 - split}% 0 0)` }}
        />
        <span className={styles.cut} style={{ left: `${split}%` }} />
        <input
          type="range"
          className={styles.split}
          min={0}
          max={100}
          value={split}
          aria-label={text("gallery.split")}
          onChange={(event) => setSplit(Number(event.target.value))}
        />
      </div>
      <p className={styles.caption}>
        <span>{text("viewer.seed", { seed: first.seed ?? "–" })}</span>
        <span>{text("viewer.seed", { seed: second.seed ?? "–" })}</span>
      </p>
    </div>
  );
}
