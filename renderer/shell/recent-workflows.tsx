import { FileJson, X } from "lucide-react";
import { useEffect, useState } from "react";
import { useText } from "../i18n/use-text.ts";
import { openDocument } from "../session/actions.ts";
import { useSession } from "../session/context.tsx";
import { forgetRecent, onRecentChange, type RecentWorkflow, recentWorkflows } from "../session/recent.ts";
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
        {recent.map(({ fileName, title, at, document }) => (
          <li key={fileName} className={styles.row}>
            <button
              type="button"
              className={styles.open}
              onClick={() => openDocument(session, structuredClone(document), { fileName })}
            >
              <FileJson size={16} />
              <span className={styles.title}>{title}</span>
              <span className={styles.file}>{fileName}</span>
              <time dateTime={new Date(at).toISOString()}>{new Date(at).toLocaleDateString()}</time>
            </button>
            <IconButton
              label={text("recent.forget", { title })}
              className={styles.forget}
              onClick={() => void forgetRecent(fileName)}
            >
              <X size={14} />
            </IconButton>
          </li>
        ))}
      </ul>
    </section>
  );
}
