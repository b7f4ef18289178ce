import { describe, expect, it, vi } from "vitest";
import { onNameKey } from "./name-keys.ts";

function press(key: string, { isComposing = false, ctrlKey = false } = {}) {
  const took = { take: vi.fn(), leave: vi.fn() };
  const stopPropagation = vi.fn();
  const event = { key, ctrlKey, metaKey: false, altKey: false, stopPropagation, nativeEvent: { isComposing } };
  onNameKey(event, took);
  return [took.take.mock.calls.length, took.leave.mock.calls.length, stopPropagation.mock.calls.length];
}

describe("keys of a field for a name", () => {
  it("take it or leave it, and go no further", () => {
    expect(press("Enter")).toEqual([1, 0, 1]);
    expect(press("Escape")).toEqual([0, 1, 1]);
    expect(press("Delete")).toEqual([0, 0, 1]);
  });

  it("are an input method's while it composes", () => {
    expect(press("Enter", { isComposing: true })).toEqual([0, 0, 1]);
    expect(press("Escape", { isComposing: true })).toEqual([0, 0, 1]);
  });

  it("go further with Ctrl, where they are commands", () => {
    expect(press("s", { ctrlKey: true })).toEqual([0, 0, 0]);
    expect(press("Enter", { ctrlKey: true })).toEqual([1, 0, 0]);
  });
});
