import { FileJson, X } from "lucide-react";
import { useEffect, useState } from "react";
import { formatTime } from "../i18n/format.ts";
import { useText } from "../i18n/use-text.ts";
import { useSession } from "../session/context.tsx";
import { openRecent } from "../session/open-recent.ts";
import {
  forgetRecent,
  keyOfRecent,
  knownRecentWorkflows,
  onRecentChange,
  type RecentWorkflow,
  recentWorkflows,
} from "../session/recent.ts";
import { IconButton } from "../ui/button.tsx";
import styles from "./recent-workflows.module.css";

/** The workflows that were opened or saved last, as they change; `undefined` until they are read for the first time. */
export function useRecentWorkflows(): readonly RecentWorkflow[] | undefined {
  const [recent, setRecent] = useState(knownRecentWorkflows);
  useEffect(() => {
    const read = () => void recentWorkflows().then(setRecent);
    read();
    return onRecentChange(read);
  }, []);
  return recent;
}

/** Workflows to go on with; nothing when there are none. */
export function RecentWorkflows({ recent }: { recent: readonly RecentWorkflow[] }) {
  const session = useSession();
  const text = useText();
  if (recent.length === 0) return null;
  return (
    <section aria-label={text("recent.title")}>
      <h2>{text("recent.title")}</h2>
      <ul className={styles.list}>
        {recent.map((entry) => (
          <li key={keyOfRecent(entry)} className={styles.row}>
            <button
              type="button"
              className={styles.open}
              title={text.series([entry.title, entry.fileName])}
              onClick={() => void openRecent(session, entry)}
            >
              <FileJson size={16} />
              <span className={styles.title}>{entry.title}</span>
              <span className={styles.file}>{entry.fileName}</span>
              <time dateTime={new Date(entry.at).toISOString()}>{formatTime(entry.at, { dateStyle: "medium" })}</time>
            </button>
            <IconButton
              label={text("recent.forget", { title: entry.title })}
              className={styles.forget}
              onClick={() => void forgetRecent(keyOfRecent(entry))}
            >
              <X size={14} />
            </IconButton>
          </li>
        ))}
      </ul>
    </section>
  );
}
