import { Plus, RotateCcw, TriangleAlert, X } from "lucide-react";
import { type KeyboardEvent, useRef, useState } from "react";
import { inEnglish } from "../i18n/i18n.ts";
import { useText } from "../i18n/use-text.ts";
import { useSession, useSettings } from "../session/context.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { SearchField } from "../ui/search-field.tsx";
import { Select } from "../ui/select.tsx";
import { commands } from "./commands.ts";
import { type KeymapRow, keymapRows, onlyFor, withKeys } from "./keymap-rows.ts";
import {
  hasFixedKeys,
  isReservedByBrowsers,
  isSameShortcut,
  type KeymapPreset,
  keymapPresets,
  keysOf,
  printedKeys,
  shortcutOfKey,
} from "./shortcuts.ts";
import styles from "./shortcuts-dialog.module.css";

const IDS = commands.flatMap(({ id }) => (hasFixedKeys(id) ? [] : [id]));
const textOf = new Map<string, (typeof commands)[number]["text"]>(commands.map(({ id, text }) => [id, text]));

/** Every command with its keys, which a person may change. */
export function ShortcutsDialog() {
  const { view, settings } = useSession();
  const text = useText();
  const keymap = useSettings((state) => state.keymap);
  const [query, setQuery] = useState("");
  const nameOf = (id: string) => {
    const key = textOf.get(id);
    return key ? text(key) : id;
  };
  const englishOf = (id: string) => {
    const key = textOf.get(id);
    return key ? inEnglish(key) : id;
  };
  const words = query.normalize("NFKC").trim().toLowerCase();
  const rows = keymapRows(IDS, keymap).filter(
    ({ id, keys }) =>
      nameOf(id).toLowerCase().includes(words) ||
      englishOf(id).toLowerCase().includes(words) ||
      keys.some((key) => printedKeys(key).toLowerCase().includes(words)),
  );
  return (
    <Dialog title={text("menu.shortcuts")} wide onClose={() => view.setState({ dialog: undefined })}>
      <div className={styles.tools}>
        <SearchField className={styles.search} label={text("keymap.search")} value={query} onChange={setQuery} />
        <label className={styles.preset}>
          {text("keymap.preset")}
          <Select
            value={keymap.preset}
            onChange={(event) =>
              settings.setState({ keymap: { ...keymap, preset: event.target.value as KeymapPreset } })
            }
          >
            {(Object.keys(keymapPresets) as KeymapPreset[]).map((preset) => (
              <option key={preset} value={preset}>
                {text(`keymap.${preset}`)}
              </option>
            ))}
          </Select>
        </label>
        <Button
          disabled={Object.keys(keymap.changes).length === 0}
          onClick={() => settings.setState({ keymap: { ...keymap, changes: {} } })}
        >
          {text("keymap.resetAll")}
        </Button>
      </div>
      <ul className={styles.rows} aria-label={text("menu.shortcuts")}>
        {rows.length === 0 && <li className={styles.none}>{text("keymap.none")}</li>}
        {rows.map((row) => (
          <Row key={row.id} row={row} nameOf={nameOf} />
        ))}
      </ul>
    </Dialog>
  );
}

function Row({ row: { id, keys, conflicts, isChanged }, nameOf }: { row: KeymapRow; nameOf: (id: string) => string }) {
  const { settings, host } = useSession();
  const text = useText();
  const keymap = useSettings((state) => state.keymap);
  /** The place of the keys that are being pressed anew; `keys.length` adds to them. */
  const [capturing, setCapturing] = useState<number | undefined>();
  const command = nameOf(id);
  const add = useRef<HTMLButtonElement>(null);
  const finish = () => setCapturing(undefined);
  const set = (next: readonly string[]) => settings.setState({ keymap: withKeys(keymap, id, next) });
  const capture = (event: KeyboardEvent) => {
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") return finish();
    const pressed = shortcutOfKey(event.nativeEvent);
    if (pressed === undefined || capturing === undefined) return;
    const others = keys.filter((key, at) => at !== capturing && !isSameShortcut(key, pressed));
    set(others.toSpliced(capturing, 0, pressed));
    finish();
  };
  const field = (
    <button
      type="button"
      className={styles.capture}
      // biome-ignore lint/a11y/noAutofocus: the next key press belongs here
      autoFocus
      onKeyDown={capture}
      onBlur={() => setCapturing(undefined)}
    >
      {text("keymap.press")}
    </button>
  );
  return (
    <li className={styles.row}>
      <span className={styles.name}>{command}</span>
      <div className={styles.keys}>
        {keys.map((key, at) =>
          capturing === at ? (
            <span key={key}>{field}</span>
          ) : (
            <span key={key} className={styles.key} data-conflict={conflicts.has(key) || undefined}>
              <button
                type="button"
                aria-label={text("keymap.change", { keys: printedKeys(key), command })}
                onClick={() => setCapturing(at)}
              >
                <kbd>{printedKeys(key)}</kbd>
              </button>
              <button
                type="button"
                className={styles.remove}
                aria-label={text("keymap.remove", { keys: printedKeys(key), command })}
                onClick={() => {
                  // This button goes, and the next one would put the keys back.
                  add.current?.focus();
                  set(keys.filter((other) => other !== key));
                }}
              >
                <X size={12} />
              </button>
            </span>
          ),
        )}
        {capturing === keys.length && field}
        <IconButton ref={add} label={text("keymap.add", { command })} onClick={() => setCapturing(keys.length)}>
          <Plus size={14} />
        </IconButton>
        <IconButton
          label={text("keymap.reset", { command })}
          disabled={!isChanged}
          onClick={() => set(keysOf(id, { preset: keymap.preset, changes: {} }))}
        >
          <RotateCcw size={14} />
        </IconButton>
      </div>
      {[...conflicts].map(([key, other]) => (
        <p key={key} className={styles.conflict}>
          <TriangleAlert size={14} />
          <span>
            <kbd>{printedKeys(key)}</kbd> {text("keymap.conflict", { command: nameOf(other) })}
          </span>
          <Button className={styles.keep} onClick={() => settings.setState({ keymap: onlyFor(keymap, IDS, id, key) })}>
            {text("keymap.keep")}
          </Button>
        </p>
      ))}
      {host.kind === "web" && keys.length > 0 && keys.every(isReservedByBrowsers) && (
        <p className={styles.note}>{text("keymap.reserved", { keys: keys.map(printedKeys).join(", ") })}</p>
      )}
    </li>
  );
}
