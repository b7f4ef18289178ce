import { useText } from "../i18n/use-text.ts";
import { saveFile } from "../session/actions.ts";
import { useSession, useView } from "../session/context.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog, DialogActions } from "../ui/dialog.tsx";

/** Asks what becomes of unsaved changes before a tab closes; of several tabs, one after the other. */
export function UnsavedDialog() {
  const { view, workspace } = useSession();
  const text = useText();
  const [id, ...rest] = useView((state) => state.closing);
  const tab = id === undefined ? undefined : workspace.find(id);
  if (!tab) return null;
  const goOn = () => {
    if (rest[0] !== undefined) workspace.activate(rest[0]);
    view.setState({ closing: rest });
  };
  return (
    // Each is a question of its own: an Enter that is held answers one.
    <Dialog
      key={tab.id}
      title={text("unsaved.title", { title: tab.documents.getState().document.title })}
      description={text("unsaved.help")}
      onClose={() => view.setState({ closing: [] })}
    >
      <DialogActions>
        <Button onClick={() => view.setState({ closing: [] })}>{text("common.cancel")}</Button>
        <Button
          tone="danger"
          onClick={() => {
            workspace.close(tab.id);
            goOn();
          }}
        >
          {text("unsaved.discard")}
        </Button>
        <Button
          tone="primary"
          onClick={async () => {
            if (!(await saveFile(tab))) return;
            workspace.close(tab.id);
            goOn();
          }}
        >
          {text("unsaved.save")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
