import { contextBridge, ipcRenderer } from "electron";
import {
  BRIDGE_NAME,
  CONNECT_CHANNEL,
  type DesktopBridge,
  DRAG_CHANNEL,
  PORT_MESSAGE,
} from "../protocol/desktop-bridge.ts";

/** The page's window; this project's other Node code has no DOM types. */
declare const window: {
  location: { origin: string };
  postMessage(message: string, targetOrigin: string, transfer: unknown[]): void;
};

/** Gives the page a port to the main process and a way to drag pictures out, and nothing else of Electron. */
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
};

contextBridge.exposeInMainWorld(BRIDGE_NAME, bridge);
