import { Dialog } from "@base-ui/react/dialog";
import { Command } from "cmdk";
import { Search } from "lucide-react";
import { useRef, useState } from "react";
import { inEnglish } from "../i18n/i18n.ts";
import { useText } from "../i18n/use-text.ts";
import { useSession } from "../session/context.tsx";
import { commands, isEnabled } from "./commands.ts";
import { NoChoice } from "./no-choice.tsx";
import styles from "./palette.module.css";
import { searchScore } from "./search-score.ts";
import { shortcutLabel } from "./shortcuts.ts";

/** Every command by name, with its shortcut. */
export function CommandPalette() {
  const session = useSession();
  const text = useText();
  const list = useRef<HTMLDivElement>(null);
  const close = () => session.view.setState({ dialog: undefined });
  // What can be done now comes first.
  const [ordered] = useState(() =>
    commands.toSorted((a, b) => Number(isEnabled(session, b)) - Number(isEnabled(session, a))),
  );
  return (
    <Dialog.Root open onOpenChange={(open) => !open && close()}>
      <Dialog.Portal>
        <Dialog.Backdrop className={styles.clearBackdrop} />
        <Dialog.Popup className={`${styles.palette} ${styles.central}`}>
          <Dialog.Title className="visually-hidden">{text("menu.commands")}</Dialog.Title>
          <Command label={text("menu.commands")} loop filter={searchScore} className={styles.command}>
            <Search size={16} className={styles.searchIcon} aria-hidden />
            <Command.Input
              className={styles.input}
              placeholder={text("palette.searchCommands")}
              aria-label={text("palette.searchCommands")}
              autoFocus
              // The best comes first, once it is sorted: a list that was scrolled would hide it.
              onValueChange={() => requestAnimationFrame(() => list.current?.scrollTo({ top: 0 }))}
            />
            <Command.List ref={list} className={styles.list} label={text("palette.results")}>
              <Command.Empty className={styles.none}>
                <NoChoice>{text("palette.noCommand")}</NoChoice>
              </Command.Empty>
              {ordered.map((command) => (
                <Command.Item
                  key={command.id}
                  value={command.id}
                  keywords={[
                    text(command.text),
                    ...(command.also ?? []).map((key) => text(key)),
                    shortcutLabel(command.id) ?? "",
                    ...[command.text, ...(command.also ?? [])].map(inEnglish),
                  ]}
                  disabled={!isEnabled(session, command)}
                  className={styles.item}
                  onSelect={() => {
                    close();
                    command.run(session);
                  }}
                >
                  <span className={styles.name}>{text(command.text)}</span>
                  {shortcutLabel(command.id) && <kbd className={styles.kbd}>{shortcutLabel(command.id)}</kbd>}
                </Command.Item>
              ))}
            </Command.List>
          </Command>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
