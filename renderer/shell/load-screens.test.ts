import { describe, expect, it } from "vitest";
import { createScreens, type Screens } from "./load-screens.ts";

describe("the screens above the editor", () => {
  it("are loaded once for all that wait, and tried again after a failure", async () => {
    const answers = [Promise.reject(new TypeError("Failed to fetch")), Promise.resolve({} as Screens)];
    let asked = 0;
    const screens = createScreens(() => answers[asked++] ?? Promise.reject(new Error("asked once more")));
    await Promise.all([screens.load(), screens.load()]);
    expect(screens.getState()).toEqual({ loaded: undefined, failed: true });
    await screens.load();
    expect(screens.getState()).toEqual({ loaded: {}, failed: false });
    await screens.load();
    expect(asked).toBe(2);
  });
});
