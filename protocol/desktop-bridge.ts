/** The one thing that the desktop host's preload script gives to the page. */
export interface DesktopBridge {
  readonly kind: "desktop";
  /** Asks for a port to the host; it arrives as a window message {@link PORT_MESSAGE}. */
  connect(): void;
  /** Drags the file of a stored picture out of the window. */
  dragFile(hash: string): void;
  /** The place of a workflow file that was dropped on the page, for saving there; `null` for any other file. */
  placeOfFile(file: File): Promise<string | null>;
}

/** Name under which the bridge stands on `window`. */
export const BRIDGE_NAME = "heddle";
/** Window message from preload to page, with the port. */
export const PORT_MESSAGE = "heddle:port";
/** IPC message from preload to main, with the other end of the port. */
export const CONNECT_CHANNEL = "heddle:connect";
/** IPC request from preload to main, with the path of a file that was dropped; answered with its place or `null`. */
export const PLACE_CHANNEL = "heddle:place-of-file";
/** IPC message from preload to main, with the hash of the picture that is dragged. */
export const DRAG_CHANNEL = "heddle:drag-file";
