import { CircleAlert, LoaderCircle } from "lucide-react";
import { useText } from "../i18n/use-text.ts";
import { Button } from "../ui/button.tsx";
import styles from "./shell.module.css";

/** Before the editor is there: it loads, or the host does not answer. */
export function StartScreen({ failure, onRetry }: { failure?: string | undefined; onRetry?: () => void }) {
  const text = useText();
  return (
    <main className={styles.start}>
      {failure === undefined ? (
        <p role="status">
          <LoaderCircle size={20} className={styles.spin} />
          {text("start.loading")}
        </p>
      ) : (
        <>
          <CircleAlert size={24} className={styles.startFailed} />
          <h1>{text("start.failed")}</h1>
          <p>{failure}</p>
          <Button tone="primary" onClick={onRetry}>
            {text("start.retry")}
          </Button>
        </>
      )}
    </main>
  );
}
