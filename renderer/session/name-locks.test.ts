import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { channelLocks, type NameLocks } from "./name-locks.ts";

const PATIENCE_MS = 200;
let stored: Map<string, string>;
let channels: BroadcastChannel[];
/** Several tests at once must not hear each other. */
let profile = 0;

beforeEach(() => {
  stored = new Map();
  channels = [];
  profile++;
});
afterEach(() => {
  for (const channel of channels) channel.close();
  vi.useRealTimers();
});

const storage = {
  getItem: (key: string) => stored.get(key) ?? null,
  setItem: (key: string, value: string) => void stored.set(key, value),
  removeItem: (key: string) => void stored.delete(key),
} as unknown as Storage;

interface Window {
  readonly locks: NameLocks;
  /** It answers nobody any more, without having said so. */
  kill(): void;
  show(visibilityState: DocumentVisibilityState): void;
}

/** One more window of the profile. */
function openWindow(patienceMs = PATIENCE_MS): Window {
  const channel = new BroadcastChannel(`profile ${profile}`);
  channels.push(channel);
  const page = Object.assign(new EventTarget(), { visibilityState: "visible" as DocumentVisibilityState });
  return {
    locks: channelLocks(storage, channel, page, patienceMs),
    kill: () => channel.close(),
    show(visibilityState) {
      page.visibilityState = visibilityState;
      page.dispatchEvent(new Event("visibilitychange"));
    },
  };
}

describe("windows without the browser's locks", () => {
  test("hold a name while they live, which nobody else gets and everybody sees", async () => {
    const [first, second] = [openWindow(), openWindow()];
    const release = await first.locks.hold("a");
    expect(release).toBeTypeOf("function");
    expect(await second.locks.hold("a")).toBeUndefined();
    expect(await second.locks.isHeld("a")).toBe(true);
    expect(await first.locks.isHeld("a")).toBe(true);
    expect(await second.locks.isHeld("b")).toBe(false);
    release?.();
    expect(await second.locks.isHeld("a")).toBe(false);
    expect(await second.locks.hold("a")).toBeTypeOf("function");
  });

  test("leave a name to others when they were killed", async () => {
    const [first, second] = [openWindow(), openWindow()];
    await first.locks.hold("a");
    first.kill();
    expect(await second.locks.isHeld("a")).toBe(false);
    expect(await second.locks.hold("a")).toBeTypeOf("function");
  });

  test("get their own name again after they were killed, also while they were out of sight", async () => {
    const first = openWindow();
    await first.locks.hold("a");
    first.show("hidden");
    first.kill();
    expect(await openWindow().locks.hold("a")).toBeTypeOf("function");
  });

  test("count as there while they sleep out of sight, for a day", async () => {
    const [first, second] = [openWindow(), openWindow()];
    await first.locks.hold("a");
    first.show("hidden");
    first.kill();
    expect(await second.locks.isHeld("a")).toBe(true);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 86_400_001 });
    expect(await second.locks.isHeld("a")).toBe(false);
  });

  test("that come back into sight are asked again", async () => {
    const [first, second] = [openWindow(), openWindow()];
    await first.locks.hold("a");
    first.show("hidden");
    first.show("visible");
    expect(await second.locks.isHeld("a")).toBe(true);
    first.kill();
    expect(await second.locks.isHeld("a")).toBe(false);
  });

  test("have a name also where the storage is full", async () => {
    const full = { ...storage, setItem: () => expect.fail("full") };
    const channel = new BroadcastChannel(`profile ${profile}`);
    channels.push(channel);
    const page = Object.assign(new EventTarget(), { visibilityState: "visible" as const });
    expect(await channelLocks(full, channel, page, PATIENCE_MS).hold("a")).toBeTypeOf("function");
    page.dispatchEvent(new Event("visibilitychange"));
  });

  test("say again that they are there when somebody without patience took them for gone", async () => {
    const [first, hasty, patient] = [openWindow(), openWindow(0), openWindow()];
    await first.locks.hold("a");
    await hasty.locks.isHeld("a");
    await vi.waitFor(() => expect(stored.get("heddle.held.a")).toBe("awake"));
    expect(await patient.locks.isHeld("a")).toBe(true);
  });
});
