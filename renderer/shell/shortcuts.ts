/**
 * Keys of commands. `Mod` is Ctrl, or Cmd on a Mac; the first of several is shown in menus. What a browser keeps for
 * itself (Ctrl+W, Ctrl+Tab) works in the desktop app, so that these commands have a second key.
 */
const standard: Readonly<Record<string, readonly string[]>> = {
  "run.start": ["Mod+Enter"],
  "run.first": ["Mod+Alt+Shift+Enter"],
  "run.selection": ["Mod+Shift+Enter"],
  "run.cancel": ["Mod+Alt+Enter"],
  "file.newEmpty": ["Alt+N", "Mod+N"],
  "file.open": ["Mod+O"],
  "file.save": ["Mod+S"],
  "file.saveAs": ["Mod+Shift+S"],
  "tab.close": ["Alt+W", "Mod+W"],
  "tab.reopen": ["Alt+Shift+T", "Mod+Shift+T"],
  "tab.next": ["Ctrl+Tab", "Alt+PageDown"],
  "tab.previous": ["Ctrl+Shift+Tab", "Alt+PageUp"],
  "tab.moveRight": ["Alt+Shift+PageDown"],
  "tab.moveLeft": ["Alt+Shift+PageUp"],
  "tab.home": ["Alt+H"],
  "edit.undo": ["Mod+Z"],
  "edit.redo": ["Mod+Shift+Z", "Mod+Y"],
  "edit.selectAll": ["Mod+A"],
  "edit.duplicate": ["Mod+D"],
  "edit.delete": ["Delete", "Backspace"],
  "edit.frame": ["Mod+G"],
  "edit.tidy": ["Shift+L"],
  "node.add": ["Tab", "Shift+A"],
  "node.edit": ["Enter"],
  "node.rename": ["F2"],
  "node.mute": ["Mod+M"],
  "node.bypass": ["Mod+B"],
  "node.collapse": ["Alt+C"],
  "node.pin": ["P"],
  "node.lock": ["Shift+P"],
  "node.insert": ["Shift+I"],
  "node.wider": ["Alt+Shift+ArrowRight"],
  "node.narrower": ["Alt+Shift+ArrowLeft"],
  "node.taller": ["Alt+Shift+ArrowDown"],
  "node.shorter": ["Alt+Shift+ArrowUp"],
  "subgraph.collapse": ["Mod+Shift+E"],
  "subgraph.open": ["Alt+O"],
  "subgraph.leave": ["Alt+Backspace"],
  "subgraph.unpack": ["Mod+Shift+U"],
  "view.app": ["Alt+A"],
  "sweep.open": ["Alt+S"],
  "node.menu": ["Shift+F10", "ContextMenu"],
  "node.help": ["F1"],
  "view.fit": ["Shift+1", "."],
  "view.fitSelection": ["Shift+2"],
  "view.zoom100": ["Mod+0"],
  "view.zoomIn": ["Mod+=", "Mod++"],
  "view.zoomOut": ["Mod+-"],
  "view.results": ["Mod+Shift+R"],
  "view.queue": ["Q"],
  "view.gallery": ["G"],
  "view.models": ["M"],
  "app.commands": ["Mod+K", "Mod+Shift+P"],
  "app.settings": ["Mod+,"],
  "app.shortcuts": ["?"],
};

/** What the fingers of a person know who comes from ComfyUI, where it differs. */
const comfyui: Readonly<Record<string, readonly string[]>> = {
  "run.first": ["Mod+Shift+Enter"],
  "run.selection": ["Alt+Enter"],
  "file.default": ["Mod+D"],
  "edit.duplicate": ["Mod+J"],
  "edit.redo": ["Mod+Y", "Mod+Shift+Z"],
  "node.add": ["N", "Tab", "Shift+A"],
  "tab.home": ["W"],
  "view.fit": ["."],
  "view.zoomIn": ["Alt+=", "Alt++"],
  "view.zoomOut": ["Alt+-"],
  "view.minimap": ["Alt+M"],
  "models.refresh": ["R"],
  "edit.tidy": ["Shift+L"],
};

export const keymapPresets = { heddle: standard, comfyui: { ...standard, ...comfyui } } as const;
export type KeymapPreset = keyof typeof keymapPresets;

/** What a person changed: a preset, and the keys of single commands on top of it. */
export interface KeymapChoice {
  readonly preset: KeymapPreset;
  readonly changes: Readonly<Record<string, readonly string[]>>;
}

export function keysOf(id: string, { preset, changes }: KeymapChoice): readonly string[] {
  return changes[id] ?? keymapPresets[preset][id] ?? [];
}

/** Every command that has keys, with them. */
export function keymapOf(choice: KeymapChoice): ReadonlyMap<string, readonly string[]> {
  const all = { ...keymapPresets[choice.preset], ...choice.changes };
  return new Map(Object.entries(all).filter(([, keys]) => keys.length > 0));
}

let current = keymapOf({ preset: "heddle", changes: {} });

/** The keys that hold from now on. */
export function applyKeymap(choice: KeymapChoice): void {
  current = keymapOf(choice);
}

const isMac = typeof navigator !== "undefined" && /mac/i.test(navigator.platform);
const ARROWS = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" } as const;
const SYMBOLS: Record<string, string> = isMac
  ? { Mod: "⌘", Ctrl: "⌃", Shift: "⇧", Alt: "⌥", Enter: "↩", Delete: "⌫", ...ARROWS }
  : { Mod: "Ctrl", Delete: "Del", ContextMenu: "Menu", ...ARROWS };

/** A shortcut as it is printed on this keyboard. */
export function printedKeys(shortcut: string): string {
  return partsOf(shortcut)
    .map((key) => SYMBOLS[key] ?? key)
    .join(isMac ? "" : "+");
}

/** Keys that are the browser's own, for its clipboard: what they do is taken from there, and they stay as they are. */
const clipboardKeys: Readonly<Record<string, string>> = {
  "edit.copy": "Mod+C",
  "edit.cut": "Mod+X",
  "edit.paste": "Mod+V",
};
export const hasFixedKeys = (id: string): boolean => id in clipboardKeys;

/** The first shortcut of a command, as it is printed on this keyboard; none when it has no key. */
export function shortcutLabel(id: string): string | undefined {
  const [first = clipboardKeys[id]] = current.get(id) ?? [];
  return first === undefined ? undefined : printedKeys(first);
}

/** Keys that pages in a browser never hear of. */
const RESERVED = ["Mod+W", "Mod+T", "Mod+N", "Mod+Shift+T", "Mod+Shift+N", "Mod+Shift+W", "Ctrl+Tab", "Ctrl+Shift+Tab"];

export function isReservedByBrowsers(shortcut: string): boolean {
  return RESERVED.some((reserved) => isSameShortcut(reserved, shortcut));
}

type KeyPress = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">;

/** The command that a key press asks for. */
export function commandOfKey(event: KeyPress, mac = isMac, keymap = current): string | undefined {
  for (const [id, keys] of keymap) {
    if (keys.some((shortcut) => isPressed(event, shortcut, mac))) return id;
  }
  return undefined;
}

const MODIFIERS = new Set([
  "Control",
  "Shift",
  "Alt",
  "Meta",
  "AltGraph",
  "CapsLock",
  "Dead",
  "Process",
  "Unidentified",
]);

/** A key press written as a shortcut; `undefined` while only modifiers are held. */
export function shortcutOfKey(event: KeyPress, mac = isMac): string | undefined {
  if (MODIFIERS.has(event.key)) return undefined;
  const key = keyOf(event);
  const isMod = mac ? event.metaKey : event.ctrlKey;
  return [
    ...(isMod ? ["Mod"] : []),
    ...(mac && event.ctrlKey ? ["Ctrl"] : []),
    ...(event.altKey ? ["Alt"] : []),
    ...(event.shiftKey && !isSign(key) ? ["Shift"] : []),
    key,
  ].join("+");
}

/** Digits by their place, since Shift makes signs of them; letters as capitals. */
function keyOf(event: KeyPress): string {
  const digit = /^Digit(\d)$/.exec(event.code)?.[1];
  if (digit) return digit;
  const key = latinKey(event);
  return key === " " ? "Space" : key.length === 1 ? key.toUpperCase() : key;
}

/** Keys that print letters in some script, and a sign on a keyboard for Latin ones. */
const SIGNS: Readonly<Record<string, string>> = {
  Comma: ",",
  Period: ".",
  Slash: "/",
  Semicolon: ";",
  Quote: "'",
  BracketLeft: "[",
  BracketRight: "]",
  Backquote: "`",
  Minus: "-",
  Equal: "=",
};

/**
 * What a key prints; where that is no Latin letter (Cyrillic, Greek, Hebrew, Hangul, or taken by an input method), what it
 * prints on an American keyboard: all programs have their shortcuts there.
 */
function latinKey({ key, code }: KeyPress): string {
  if (key !== "Process" && !/^(?!\p{Script=Latin})\p{L}$/u.test(key)) return key;
  return /^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase() ?? SIGNS[code] ?? key;
}

/** A press that writes or edits where a text is being typed; also with AltGr, which browsers tell as Ctrl and Alt. */
export function isForText(event: KeyPress & Partial<Pick<KeyboardEvent, "getModifierState">>): boolean {
  const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
  if (key.length === 1 && event.getModifierState?.("AltGraph")) return true;
  if (ctrlKey || metaKey || altKey) return false;
  return key.length === 1 || key === "Process" || (key === "Enter" ? !shiftKey : EDITING.has(key));
}

const EDITING = new Set(
  "Backspace Delete Tab ArrowLeft ArrowRight ArrowUp ArrowDown Home End PageUp PageDown".split(" "),
);

const partsOf = (shortcut: string) => shortcut.split(/\+(?=.)/);
/** Signs that need Shift on some keyboards are compared by what they print. */
const isSign = (key: string) => key.length === 1 && !/[a-z0-9]/i.test(key);

/** Whether two shortcuts are pressed with the same keys. */
export function isSameShortcut(a: string, b: string, mac = isMac): boolean {
  const plain = (shortcut: string) =>
    partsOf(shortcut)
      .map((part) => (part === "Ctrl" && !mac ? "Mod" : part).toLowerCase())
      .sort()
      .join("+");
  return plain(a) === plain(b);
}

function isPressed(event: KeyPress, shortcut: string, mac: boolean): boolean {
  // What is typed is compared with every shortcut there is, and most of them are none that one types.
  if (!event.ctrlKey && !event.metaKey && shortcut.includes("Mod+")) return false;
  const parts = partsOf(shortcut);
  const key = parts.at(-1) ?? "";
  const held = new Set(parts.slice(0, -1));
  const wantsControl = held.has("Ctrl") || (!mac && held.has("Mod"));
  const wantsMeta = mac && held.has("Mod");
  if (event.ctrlKey !== wantsControl || event.metaKey !== wantsMeta || event.altKey !== held.has("Alt")) return false;
  if (!isSign(key) && event.shiftKey !== held.has("Shift")) return false;
  return (
    latinKey(event).toLowerCase() === (key === "Space" ? " " : key.toLowerCase()) ||
    (/^\d$/.test(key) && event.code === `Digit${key}`) ||
    // With Alt held, letters print signs on a Mac.
    (event.altKey && /^[a-z]$/i.test(key) && event.code === `Key${key.toUpperCase()}`)
  );
}
