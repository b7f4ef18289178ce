import { describe, expect, it } from "vitest";
import { commandOfKey, isForText, shortcutOfKey } from "./shortcuts.ts";

const press = (key: string, more: Partial<KeyboardEvent> = {}) => ({
  key,
  code: "",
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...more,
});

describe("shortcuts", () => {
  it("tell Windows and Mac keyboards apart", () => {
    expect(commandOfKey(press("Enter", { ctrlKey: true }), false)).toBe("run.start");
    expect(commandOfKey(press("Enter", { metaKey: true }), true)).toBe("run.start");
    expect(commandOfKey(press("Enter", { metaKey: true }), false)).toBeUndefined();
  });

  it("need exactly their modifiers", () => {
    expect(commandOfKey(press("z", { ctrlKey: true }), false)).toBe("edit.undo");
    expect(commandOfKey(press("Z", { ctrlKey: true, shiftKey: true }), false)).toBe("edit.redo");
    expect(commandOfKey(press("Tab"), false)).toBe("node.add");
    expect(commandOfKey(press("Tab", { shiftKey: true }), false)).toBeUndefined();
  });

  it("know digits by their place and signs by what they print", () => {
    expect(commandOfKey(press("!", { shiftKey: true, code: "Digit1" }), false)).toBe("view.fit");
    expect(commandOfKey(press("?", { shiftKey: true }), false)).toBe("app.shortcuts");
    expect(commandOfKey(press("-", { ctrlKey: true }), false)).toBe("view.zoomOut");
    // A plus of its own, as on German keyboards and beside the numbers, and one above the equals sign.
    expect(commandOfKey(press("+", { ctrlKey: true, code: "NumpadAdd" }), false)).toBe("view.zoomIn");
    expect(commandOfKey(press("+", { ctrlKey: true, shiftKey: true, code: "Equal" }), false)).toBe("view.zoomIn");
  });

  it("are where they are on a keyboard without Latin letters, and where an input method takes the key", () => {
    expect(commandOfKey(press("я", { code: "KeyZ", ctrlKey: true }), false)).toBe("edit.undo");
    expect(commandOfKey(press("Я", { code: "KeyZ", ctrlKey: true, shiftKey: true }), false)).toBe("edit.redo");
    expect(commandOfKey(press("б", { code: "Comma", ctrlKey: true }), false)).toBe("app.settings");
    expect(commandOfKey(press("ㅎ", { code: "KeyG" }), false)).toBe("view.gallery");
    expect(commandOfKey(press("Process", { code: "KeyG" }), false)).toBe("view.gallery");
    expect(shortcutOfKey(press("я", { code: "KeyZ", ctrlKey: true }), false)).toBe("Mod+Z");
    // Latin letters stay where they are printed: on a French keyboard Z is where others have W, on a German one ß where they have -.
    expect(commandOfKey(press("z", { code: "KeyW", ctrlKey: true }), false)).toBe("edit.undo");
    expect(commandOfKey(press("ß", { code: "Minus", ctrlKey: true }), false)).toBeUndefined();
  });

  it("leave to a text what is typed into it, whatever command has the key", () => {
    const altGraph = { ctrlKey: true, altKey: true, getModifierState: (name: string) => name === "AltGraph" };
    for (const event of [
      press("r"),
      press("R", { shiftKey: true }),
      press("Enter"),
      press("Backspace"),
      press("€", altGraph),
    ])
      expect(isForText(event)).toBe(true);
    for (const event of [press("r", { ctrlKey: true }), press("w", { altKey: true }), press("F5"), press("Escape")])
      expect(isForText(event)).toBe(false);
  });
});
