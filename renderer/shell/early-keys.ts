import { commandOfKey } from "./shortcuts.ts";

/** Commands that were pressed before the editor was there: they are carried out when it is, and not by the browser. */
export interface EarlyKeys {
  /** Stops listening. */
  take(): string[];
}

const MEANINGFUL = new Set(["run.start", "file.open", "file.save", "app.commands", "view.gallery"]);

export function holdEarlyKeys(target: Window): EarlyKeys {
  const pressed: string[] = [];
  const hold = (event: KeyboardEvent) => {
    const id = commandOfKey(event);
    if (!id || !MEANINGFUL.has(id)) return;
    event.preventDefault();
    if (!pressed.includes(id)) pressed.push(id);
  };
  target.addEventListener("keydown", hold);
  return {
    take() {
      target.removeEventListener("keydown", hold);
      return pressed.splice(0);
    },
  };
}
