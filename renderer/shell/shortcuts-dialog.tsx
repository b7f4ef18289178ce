import { useText } from "../i18n/use-text.ts";
import { useSession } from "../session/context.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { commands } from "./commands.ts";
import styles from "./shell.module.css";
import { shortcutLabel } from "./shortcuts.ts";

export function ShortcutsDialog() {
  const { view } = useSession();
  const text = useText();
  const listed = commands.filter((command) => shortcutLabel(command.id) !== undefined);
  return (
    <Dialog title={text("menu.shortcuts")} onClose={() => view.setState({ dialog: undefined })}>
      <dl className={styles.shortcuts}>
        {listed.map((command) => (
          <div key={command.id}>
            <dt>{text(command.text)}</dt>
            <dd>
              <kbd>{shortcutLabel(command.id)}</kbd>
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
