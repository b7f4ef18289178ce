import type { MessagePort } from "node:worker_threads";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CONNECT_CHANNEL, type DesktopBridge, PORT_MESSAGE } from "../protocol/desktop-bridge.ts";

const exposed = new Map<string, DesktopBridge>();
const ipcRenderer = { postMessage: vi.fn<(channel: string, message: null, transfer: MessagePort[]) => void>() };
const page = {
  location: { origin: "heddle://app" },
  postMessage: vi.fn<(message: string, origin: string, transfer: MessagePort[]) => void>(),
};

beforeEach(async () => {
  vi.resetModules();
  vi.doMock("electron", () => ({
    contextBridge: { exposeInMainWorld: (name: string, value: DesktopBridge) => exposed.set(name, value) },
    ipcRenderer,
  }));
  vi.stubGlobal("window", page);
  await import("./preload.ts");
});

afterEach(() => {
  vi.doUnmock("electron");
  vi.unstubAllGlobals();
  vi.clearAllMocks();
});

test("the page gets its kind and a way to a port, a way to drag files out, and nothing else", () => {
  expect([...exposed.keys()]).toEqual(["heddle"]);
  const bridge = exposed.get("heddle")!;
  expect(Object.keys(bridge).sort()).toEqual(["connect", "dragFile", "kind"]);
  expect(bridge.kind).toBe("desktop");
});

test("connecting hands one end of a channel to the main process and the other to this page's origin only", async () => {
  exposed.get("heddle")!.connect();
  const [channel, , [mainPort]] = ipcRenderer.postMessage.mock.calls[0]!;
  const [message, origin, [pagePort]] = page.postMessage.mock.calls[0]!;
  expect([channel, message, origin]).toEqual([CONNECT_CHANNEL, PORT_MESSAGE, "heddle://app"]);
  const heard = new Promise((resolve) => mainPort!.on("message", resolve));
  pagePort!.postMessage("hello");
  expect(await heard).toBe("hello");
  pagePort!.close();
});
