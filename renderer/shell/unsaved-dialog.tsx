import { useText } from "../i18n/use-text.ts";
import { saveFile } from "../session/actions.ts";
import { useDocument, useSession, useView } from "../session/context.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog, DialogActions } from "../ui/dialog.tsx";

/** Asks before another workflow replaces unsaved changes. */
export function UnsavedDialog() {
  const session = useSession();
  const text = useText();
  const replace = useView((state) => state.pendingReplace);
  const title = useDocument((state) => state.document.title);
  if (!replace) return null;
  const close = () => session.view.setState({ pendingReplace: undefined });
  return (
    <Dialog title={text("unsaved.title", { title })} description={text("unsaved.help")} onClose={close}>
      <DialogActions>
        <Button tone="quiet" onClick={close}>
          {text("common.cancel")}
        </Button>
        <Button
          tone="danger"
          onClick={() => {
            close();
            replace();
          }}
        >
          {text("unsaved.discard")}
        </Button>
        <Button
          tone="primary"
          onClick={async () => {
            if (!(await saveFile(session))) return;
            close();
            replace();
          }}
        >
          {text("unsaved.save")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
