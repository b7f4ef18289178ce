import { describe, expect, it } from "vitest";
import { commandOfKey } from "./shortcuts.ts";

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
  });
});
