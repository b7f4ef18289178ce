/** The one thing that the desktop host's preload script gives to the page. */
export interface DesktopBridge {
  readonly kind: "desktop";
  /** Asks for a port to the host; it arrives as a window message {@link PORT_MESSAGE}. */
  connect(): void;
  /** Drags the file of a stored picture out of the window. */
  dragFile(hash: string): void;
}

/** Name under which the bridge stands on `window`. */
export const BRIDGE_NAME = "heddle";
/** Window message from preload to page, with the port. */
export const PORT_MESSAGE = "heddle:port";
/** IPC message from preload to main, with the other end of the port. */
export const CONNECT_CHANNEL = "heddle:connect";
/** IPC message from preload to main, with the hash of the picture that is dragged. */
export const DRAG_CHANNEL = "heddle:drag-file";
