import type { DesktopBridge } from "../../protocol/desktop-bridge.ts";
import type { Host } from "../../protocol/host.ts";
import { createElectronHost } from "./electron-host.ts";
import { createWebHost } from "./web-host.ts";

declare global {
  interface Window {
    /** Present in the desktop host only. */
    heddle?: DesktopBridge;
  }
}

/** The host that this page runs on. */
export async function createHost(): Promise<Host> {
  return window.heddle ? createElectronHost(window.heddle) : createWebHost();
}
