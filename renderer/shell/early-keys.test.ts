import { expect, it, vi } from "vitest";
import { holdEarlyKeys } from "./early-keys.ts";

/** As much of a window as listening takes. */
function fakeWindow() {
  const target = new EventTarget();
  const press = (key: string, ctrlKey: boolean) => {
    const event = new Event("keydown");
    const preventDefault = vi.spyOn(event, "preventDefault");
    Object.assign(event, { key, code: "", ctrlKey, metaKey: false, altKey: false, shiftKey: false });
    target.dispatchEvent(event);
    return preventDefault;
  };
  return { window: target as unknown as Window, press };
}

it("keeps commands from the browser until the editor is there, each once, in order", () => {
  const { window, press } = fakeWindow();
  const keys = holdEarlyKeys(window);
  expect(press("s", true)).toHaveBeenCalled();
  press("Enter", true);
  press("Enter", true);
  expect(press("x", false)).not.toHaveBeenCalled();
  expect(keys.take()).toEqual(["file.save", "run.start"]);
  expect(press("s", true)).not.toHaveBeenCalled();
  expect(keys.take()).toEqual([]);
});
