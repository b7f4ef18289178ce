import type { MessagePort } from "node:worker_threads";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CONNECT_CHANNEL, type DesktopBridge, PLACE_CHANNEL, PORT_MESSAGE } from "../protocol/desktop-bridge.ts";

const exposed = new Map<string, DesktopBridge>();
const getPathForFile = vi.fn((_file: File) => "");
const ipcRenderer = {
  invoke: vi.fn(async (_channel: string, _path: string): Promise<unknown> => "place"),
  postMessage: vi.fn<(channel: string, message: null, transfer: MessagePort[]) => void>(),
};
const page = {
  location: { origin: "heddle://app" },
  postMessage: vi.fn<(message: string, origin: string, transfer: MessagePort[]) => void>(),
};

beforeEach(async () => {
  vi.resetModules();
  vi.doMock("electron", () => ({
    contextBridge: { exposeInMainWorld: (name: string, value: DesktopBridge) => exposed.set(name, value) },
    ipcRenderer,
    webUtils: { getPathForFile },
  }));
  vi.stubGlobal("window", page);
  await import("./preload.ts");
});

afterEach(() => {
  vi.doUnmock("electron");
  vi.unstubAllGlobals();
  vi.clearAllMocks();
});

test("the page gets its kind and a way to a port, ways to drag files out and in, and nothing else", () => {
  expect([...exposed.keys()]).toEqual(["heddle"]);
  const bridge = exposed.get("heddle")!;
  expect(Object.keys(bridge).sort()).toEqual(["connect", "dragFile", "kind", "placeOfFile"]);
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

test("the main process is asked for the place of a file of the disk, and of no other; its path stays here", async () => {
  const bridge = exposed.get("heddle")!;
  expect(await bridge.placeOfFile(new File(["{}"], "made up.json"))).toBeNull();
  expect(ipcRenderer.invoke).not.toHaveBeenCalled();
  getPathForFile.mockReturnValueOnce("/home/a/cats.json");
  expect(await bridge.placeOfFile(new File(["{}"], "cats.json"))).toBe("place");
  expect(ipcRenderer.invoke).toHaveBeenCalledWith(PLACE_CHANNEL, "/home/a/cats.json");
});
