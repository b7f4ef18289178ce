import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { afterFrame } from "./after-frame.ts";

describe("what waits for a frame", () => {
  let frames: (() => void)[] = [];
  beforeEach(() => {
    vi.useFakeTimers();
    frames = [];
    vi.stubGlobal("requestAnimationFrame", (callback: () => void) => frames.push(callback));
    vi.stubGlobal("cancelAnimationFrame", (id: number) => {
      frames[id - 1] = () => {};
    });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
  const makeFrame = () => {
    for (const callback of frames) callback();
  };

  it("comes after the frame, and once", () => {
    const act = vi.fn();
    afterFrame(act);
    vi.advanceTimersByTime(20);
    makeFrame();
    expect(act).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(act).toHaveBeenCalledTimes(1);
  });

  it("comes in a page that makes no frames, and not again with a late one", () => {
    const act = vi.fn();
    afterFrame(act);
    vi.advanceTimersByTime(100);
    expect(act).toHaveBeenCalledTimes(1);
    makeFrame();
    vi.advanceTimersByTime(1_000);
    expect(act).toHaveBeenCalledTimes(1);
  });

  it("does not come when it is called off, before the frame or in it", () => {
    const act = vi.fn();
    afterFrame(act)();
    const callOff = afterFrame(act);
    makeFrame();
    callOff();
    vi.advanceTimersByTime(1_000);
    expect(act).not.toHaveBeenCalled();
  });
});
