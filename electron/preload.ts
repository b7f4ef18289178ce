import { contextBridge, ipcRenderer, webUtils } from "electron";
import {
  BRIDGE_NAME,
  CONNECT_CHANNEL,
  type DesktopBridge,
  DRAG_CHANNEL,
  PLACE_CHANNEL,
  PORT_MESSAGE,
} from "../protocol/desktop-bridge.ts";

/** The page's window; this project's other Node code has no DOM types. */
declare const window: {
  location: { origin: string };
  postMessage(message: string, targetOrigin: string, transfer: unknown[]): void;
};

/** Gives the page a port to the main process and ways to drag pictures out and workflows in, and nothing else of Electron. */
const bridge: DesktopBridge = {
  kind: "desktop",
  connect() {
    const { port1, port2 } = new MessageChannel();
    ipcRenderer.postMessage(CONNECT_CHANNEL, null, [port1]);
    window.postMessage(PORT_MESSAGE, window.location.origin, [port2]);
  },
  dragFile(hash) {
    ipcRenderer.send(DRAG_CHANNEL, hash);
  },
  async placeOfFile(file) {
    // Only files of the disk have a path; the page never sees it.
    const path = webUtils.getPathForFile(file);
    const place: unknown = path === "" ? null : await ipcRenderer.invoke(PLACE_CHANNEL, path);
    return typeof place === "string" ? place : null;
  },
};

contextBridge.exposeInMainWorld(BRIDGE_NAME, bridge);
