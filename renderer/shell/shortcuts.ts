/** Keys of each command. `Mod` is Ctrl, or Cmd on a Mac; the first one is shown in menus. */
export const shortcuts = {
  "run.start": ["Mod+Enter"],
  "run.selection": ["Mod+Shift+Enter"],
  "run.cancel": ["Mod+Alt+Enter"],
  "file.open": ["Mod+O"],
  "file.save": ["Mod+S"],
  "edit.undo": ["Mod+Z"],
  "edit.redo": ["Mod+Shift+Z", "Mod+Y"],
  "edit.selectAll": ["Mod+A"],
  "edit.duplicate": ["Mod+D"],
  "edit.delete": ["Delete", "Backspace"],
  "edit.frame": ["Mod+G"],
  "edit.tidy": ["Shift+L"],
  "node.add": ["Tab"],
  "node.rename": ["F2"],
  "node.mute": ["Mod+M"],
  "node.bypass": ["Mod+B"],
  "node.collapse": ["Alt+C"],
  "node.pin": ["P"],
  "node.menu": ["Shift+F10", "ContextMenu"],
  "view.fit": ["Shift+1", "."],
  "view.fitSelection": ["Shift+2"],
  "view.zoom100": ["Mod+0"],
  "view.zoomIn": ["Mod+="],
  "view.zoomOut": ["Mod+-"],
  "view.results": ["Mod+Shift+R"],
  "view.gallery": ["G"],
  "app.commands": ["Mod+K", "Mod+Shift+P"],
  "app.settings": ["Mod+,"],
  "app.shortcuts": ["?"],
} as const satisfies Record<string, readonly string[]>;

export type CommandId = keyof typeof shortcuts;

const isMac = typeof navigator !== "undefined" && /mac/i.test(navigator.platform);
const SYMBOLS: Record<string, string> = isMac
  ? { Mod: "⌘", Shift: "⇧", Alt: "⌥", Enter: "↩", Delete: "⌫" }
  : { Mod: "Ctrl", Enter: "Enter", Delete: "Del" };

/** The first shortcut of a command, as it is printed on this keyboard. */
export function shortcutLabel(id: CommandId): string {
  return shortcuts[id][0]
    .split("+")
    .map((key) => SYMBOLS[key] ?? key)
    .join(isMac ? "" : "+");
}

type KeyPress = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">;

/** The command that a key press asks for. */
export function commandOfKey(event: KeyPress, mac = isMac): CommandId | undefined {
  for (const [id, keys] of Object.entries(shortcuts)) {
    if (keys.some((shortcut) => isPressed(event, shortcut, mac))) return id as CommandId;
  }
  return undefined;
}

function isPressed(event: KeyPress, shortcut: string, mac: boolean): boolean {
  const parts = shortcut.split(/\+(?=.)/);
  const key = parts.at(-1) ?? "";
  const wants = (modifier: string) => parts.slice(0, -1).includes(modifier);
  // Signs that need Shift on some keyboards are compared by what they print.
  const isSign = key.length === 1 && !/[a-z0-9]/i.test(key);
  if ((mac ? event.metaKey : event.ctrlKey) !== wants("Mod")) return false;
  if ((mac ? event.ctrlKey : event.metaKey) || event.altKey !== wants("Alt")) return false;
  if (!isSign && event.shiftKey !== wants("Shift")) return false;
  return event.key.toLowerCase() === key.toLowerCase() || (/^\d$/.test(key) && event.code === `Digit${key}`);
}
