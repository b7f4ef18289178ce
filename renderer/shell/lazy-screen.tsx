import { useEffect, useSyncExternalStore } from "react";
import { useText } from "../i18n/use-text.ts";
import { Button } from "../ui/button.tsx";
import { Dialog, DialogActions } from "../ui/dialog.tsx";
import { type Screens, screens } from "./load-screens.ts";

/** One of the screens above the editor; their code comes when the editor is idle, or now. */
export function LazyScreen({ name, onClose }: { name: keyof Screens; onClose: () => void }) {
  const { loaded, failed } = useSyncExternalStore(screens.subscribe, screens.getState);
  useEffect(() => void screens.load(), []);
  if (loaded) {
    const Screen = loaded[name];
    return <Screen />;
  }
  return failed ? <NotLoaded onClose={onClose} /> : null;
}

/** The host does not answer, or has another version by now, whose files have other names. */
function NotLoaded({ onClose }: { onClose: () => void }) {
  const text = useText();
  return (
    <Dialog title={text("screens.failed")} description={text("screens.failedHelp")} onClose={onClose}>
      <DialogActions>
        <Button onClick={() => void screens.load()}>{text("start.retry")}</Button>
        <Button tone="primary" onClick={() => location.reload()}>
          {text("screens.reload")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
