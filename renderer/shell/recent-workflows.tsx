import { FileJson, X } from "lucide-react";
import { useEffect, useState } from "react";
import { useText } from "../i18n/use-text.ts";
import { useSession } from "../session/context.tsx";
import { openRecent } from "../session/open-recent.ts";
import { forgetRecent, keyOfRecent, onRecentChange, type RecentWorkflow, recentWorkflows } from "../session/recent.ts";
import { IconButton } from "../ui/button.tsx";
import styles from "./recent-workflows.module.css";

/** Workflows that were opened or saved last; nothing when there are none. */
export function RecentWorkflows() {
  const session = useSession();
  const text = useText();
  const [recent, setRecent] = useState<readonly RecentWorkflow[]>([]);
  useEffect(() => {
    const read = () => void recentWorkflows().then(setRecent);
    read();
    return onRecentChange(read);
  }, []);
  if (recent.length === 0) return null;
  return (
    <section aria-label={text("recent.title")}>
      <h2>{text("recent.title")}</h2>
      <ul className={styles.list}>
        {recent.map((entry) => (
          <li key={keyOfRecent(entry)} className={styles.row}>
            <button type="button" className={styles.open} onClick={() => void openRecent(session, entry)}>
              <FileJson size={16} />
              <span className={styles.title}>{entry.title}</span>
              <span className={styles.file}>{entry.fileName}</span>
              <time dateTime={new Date(entry.at).toISOString()}>{new Date(entry.at).toLocaleDateString()}</time>
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
