/** The one thing that the desktop host's preload script gives to the page. */
export interface DesktopBridge {
  readonly kind: "desktop";
  /** Asks for a port to the host; it arrives as a window message {@link PORT_MESSAGE}. */
  connect(): void;
}

/** Name under which the bridge stands on `window`. */
export const BRIDGE_NAME = "heddle";
/** Window message from preload to page, with the port. */
export const PORT_MESSAGE = "heddle:port";
/** IPC message from preload to main, with the other end of the port. */
export const CONNECT_CHANNEL = "heddle:connect";
