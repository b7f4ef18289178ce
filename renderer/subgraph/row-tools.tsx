import { ArrowDown, ArrowUp, X } from "lucide-react";
import { useText } from "../i18n/use-text.ts";
import { IconButton } from "../ui/button.tsx";
import styles from "./subgraph.module.css";

/** Moves an entry of a list up or down, or takes it out. */
export function RowTools<T>({
  list,
  at,
  name,
  onChange,
}: {
  list: readonly T[];
  at: number;
  name: string;
  onChange: (list: readonly T[]) => void;
}) {
  const text = useText();
  const move = (by: number) => {
    const rest = list.toSpliced(at, 1);
    onChange(rest.toSpliced(at + by, 0, list[at] as T));
  };
  return (
    <span className={styles.tools}>
      <IconButton label={text("subgraph.up", { name })} disabled={at === 0} onClick={() => move(-1)}>
        <ArrowUp size={14} />
      </IconButton>
      <IconButton label={text("subgraph.down", { name })} disabled={at === list.length - 1} onClick={() => move(1)}>
        <ArrowDown size={14} />
      </IconButton>
      <IconButton label={text("subgraph.remove", { name })} onClick={() => onChange(list.toSpliced(at, 1))}>
        <X size={14} />
      </IconButton>
    </span>
  );
}
