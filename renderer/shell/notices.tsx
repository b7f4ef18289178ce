import { Check, CircleAlert, Info, X } from "lucide-react";
import { useEffect } from "react";
import { useText } from "../i18n/use-text.ts";
import { useSession, useView } from "../session/context.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import styles from "./shell.module.css";

const ICONS = { info: Info, success: Check, error: CircleAlert };

/** Short messages at the bottom; errors stay until they are dismissed. */
export function Notices() {
  const { view } = useSession();
  const text = useText();
  const notices = useView((state) => state.notices);
  const isViewing = useView((state) => state.viewerHash !== undefined);
  useEffect(() => {
    // What was only said of the workflow is not said of a picture that is looked at.
    if (isViewing) view.setState((state) => ({ notices: state.notices.filter(({ tone }) => tone === "error") }));
  }, [isViewing, view]);
  return (
    <div className={styles.notices} aria-live="polite">
      {notices.map((notice) => {
        const Icon = ICONS[notice.tone];
        return (
          <div key={notice.id} className={styles.toast} data-tone={notice.tone}>
            <Icon size={16} />
            <p>
              {notice.text}
              {notice.detail && <span>{notice.detail}</span>}
            </p>
            {notice.action && (
              <Button
                className={styles.toastAction}
                onClick={() => {
                  view.dismiss(notice.id);
                  notice.action?.run();
                }}
              >
                {notice.action.label}
              </Button>
            )}
            <IconButton
              label={text("common.dismiss")}
              className={styles.toastClose}
              onClick={() => view.dismiss(notice.id)}
            >
              <X size={14} />
            </IconButton>
          </div>
        );
      })}
    </div>
  );
}
