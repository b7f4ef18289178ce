import { describe, expect, it } from "vitest";
import { storageOr } from "../session/browser-storage.ts";
import { createSettingsStore } from "./settings-store.ts";

const KEY = "heddle.settings";
const empty = () =>
  storageOr(() => {
    throw new DOMException("Access is denied for this document.", "SecurityError");
  });

/** Windows of one profile: each hears what the others write. */
function profile() {
  const storage = empty();
  const windows: EventTarget[] = [];
  const open = () => {
    const window = new EventTarget();
    windows.push(window);
    const tell = (key: string) => {
      for (const other of windows)
        if (other !== window) other.dispatchEvent(Object.assign(new Event("storage"), { key }));
    };
    const setItem = (key: string, value: string) => {
      const isSame = storage.getItem(key) === value;
      storage.setItem(key, value);
      if (!isSame) tell(key);
    };
    return createSettingsStore({ ...storage, setItem }, window as unknown as Window);
  };
  return { storage, open };
}

describe("settings", () => {
  it("are followed by other windows, which write over none of them; how a window looks is its own", () => {
    const { open, storage } = profile();
    const [first, second] = [open(), open()];
    first.setState({ theme: "light", queueOpen: true, keymap: { preset: "comfyui", changes: {} } });
    expect(second.getState()).toMatchObject({ theme: "light", queueOpen: false, keymap: { preset: "comfyui" } });
    second.setState({ minimap: true });
    expect(JSON.parse(storage.getItem(KEY) ?? "")).toMatchObject({ theme: "light", queueOpen: true, minimap: true });
    expect(open().getState()).toMatchObject({ theme: "light", queueOpen: true, minimap: true });
  });

  it("hold in their window where storage is full", () => {
    const full = {
      ...empty(),
      setItem: () => {
        throw new DOMException("full", "QuotaExceededError");
      },
    };
    const settings = createSettingsStore(full);
    const heard: string[] = [];
    settings.subscribe(({ theme }) => heard.push(theme));
    settings.setState({ theme: "contrast" });
    expect(heard).toEqual(["contrast"]);
  });

  it("are the usual ones where what is kept is garbage", () => {
    const storage = empty();
    storage.setItem(KEY, '{"theme":7,"keymap":{"preset":"x"},"resultsWidth":"wide"}');
    expect(createSettingsStore(storage).getState()).toMatchObject({ theme: "dark", keymap: { preset: "heddle" } });
  });
});
