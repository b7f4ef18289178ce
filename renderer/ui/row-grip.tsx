import { GripVertical } from "lucide-react";
import type { KeyboardEvent } from "react";
import { useText } from "../i18n/use-text.ts";
import styles from "./row-grip.module.css";

/** What items of a list are dragged by; see {@link useReorder}. */
export const GRIP = "[data-grip]";

/** Moves its item of a list: dragged with the pointer, and with the arrow keys. */
export function RowGrip({
  name,
  at,
  count,
  onMove,
}: {
  name: string;
  at: number;
  count: number;
  onMove: (index: number) => void;
}) {
  const text = useText();
  const onKeyDown = (event: KeyboardEvent<HTMLButtonElement>) => {
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: count - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const index = Math.max(0, Math.min(to, count - 1));
    if (index === at) return;
    const grip = event.currentTarget;
    onMove(index);
    // An element that changes its place in the page loses the focus.
    requestAnimationFrame(() => grip.focus());
  };
  return (
    <button
      type="button"
      data-grip
      className={styles.grip}
      aria-label={text("list.grip", { name, place: at + 1, count })}
      aria-keyshortcuts="ArrowUp ArrowDown Home End"
      title={text("list.gripHelp")}
      onKeyDown={onKeyDown}
    >
      <GripVertical size={14} />
    </button>
  );
}
