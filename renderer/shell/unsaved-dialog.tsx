import { useEffect } from "react";
import { useStore } from "zustand";
import { isDirty } from "../document/document-store.ts";
import { useText } from "../i18n/use-text.ts";
import { saveFile } from "../session/actions.ts";
import { useSession, useView } from "../session/context.tsx";
import type { Session } from "../session/session.ts";
import { Button } from "../ui/button.tsx";
import { Dialog, DialogActions } from "../ui/dialog.tsx";

/** Asks what becomes of unsaved changes before a tab closes; of several tabs, one after the other. */
export function UnsavedDialog() {
  const { view, workspace } = useSession();
  const [id, ...rest] = useView((state) => state.closing);
  const tab = id === undefined ? undefined : workspace.find(id);
  if (!tab) return null;
  const close = () => {
    workspace.close(tab.id);
    if (rest[0] !== undefined) workspace.activate(rest[0]);
    view.setState({ closing: rest });
  };
  const closeAll = () => {
    for (const one of [tab.id, ...rest]) workspace.close(one);
    view.setState({ closing: [] });
  };
  const cancel = () => view.setState({ closing: [] });
  // Each is a question of its own: an Enter that is held answers one.
  return (
    <Question key={tab.id} tab={tab} count={rest.length + 1} onClose={close} onCloseAll={closeAll} onCancel={cancel} />
  );
}

interface QuestionProps {
  tab: Session;
  /** How many tabs are left to be asked about, this one among them. */
  count: number;
  onClose: () => void;
  onCloseAll: () => void;
  onCancel: () => void;
}

function Question({ tab, count, onClose, onCloseAll, onCancel }: QuestionProps) {
  const text = useText();
  const isSaved = useStore(tab.documents, (state) => !isDirty(state));
  // Also by the button of what was told when it could not be saved at first.
  // biome-ignore lint/correctness/useExhaustiveDependencies: closed once, when it is saved
  useEffect(() => {
    if (isSaved) onClose();
  }, [isSaved]);
  return (
    <Dialog
      title={text("unsaved.title", { title: tab.documents.getState().document.title })}
      description={text("unsaved.help")}
      onClose={onCancel}
    >
      <DialogActions>
        <Button onClick={onCancel}>{text("common.cancel")}</Button>
        {count > 1 && (
          <Button tone="danger" onClick={onCloseAll}>
            {text("unsaved.discardAll", { count })}
          </Button>
        )}
        <Button tone="danger" onClick={onClose}>
          {text("unsaved.discard")}
        </Button>
        <Button tone="primary" onClick={() => void saveFile(tab)}>
          {text("unsaved.save")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
