import { Check, CircleAlert, Info, X } from "lucide-react";
import { useEffect } from "react";
import { useText } from "../i18n/use-text.ts";
import { useSession, useView } from "../session/context.tsx";
import type { ViewState } from "../session/view-store.ts";
import { Button, IconButton } from "../ui/button.tsx";
import styles from "./shell.module.css";

const ICONS = { info: Info, success: Check, error: CircleAlert };

/** Whether a dialog lies over the workflow that was opened there; what tells of an import comes along with its notices. */
const isDialogOpen = (state: ViewState): boolean =>
  (state.dialog !== undefined && state.dialog !== "commands") ||
  state.viewerHash !== undefined ||
  state.logOf !== undefined ||
  state.helpOn !== undefined ||
  state.maskEditor !== undefined ||
  state.subgraphDialog !== undefined ||
  state.properties !== undefined ||
  state.sweepDialog ||
  state.formDialog;

/** Short messages at the bottom; errors stay until they are dismissed. */
export function Notices() {
  const { view } = useSession();
  const text = useText();
  const notices = useView((state) => state.notices);
  const isAbove = useView(isDialogOpen);
  useEffect(() => {
    // What was only said of the workflow is not said of a picture that is looked at, nor over any other dialog.
    if (isAbove) view.setState((state) => ({ notices: state.notices.filter(({ tone }) => tone === "error") }));
  }, [isAbove, view]);
  return (
    <div className={styles.notices} data-above={isAbove || undefined} aria-live="polite">
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
