import type { ContractRouterClient } from "@orpc/contract";
import type { Contract } from "./contract.ts";

/** What browsers tell of a file that is dropped (DataTransferItem). */
export interface DroppedItem {
  getAsFile(): File | null;
  /** File System Access API; resolves with a file or a folder. */
  getAsFileSystemHandle?(): Promise<unknown>;
}

/**
 * What the renderer runs on. The web host and the Electron host each provide one; the renderer knows nothing else of
 * where it is.
 */
export interface Host {
  /**
   * Calls reject with a HeddleError, also when the connection is lost. `events` never ends by itself: it resubscribes
   * after a lost connection, and every subscription begins with the current state.
   */
  readonly rpc: ContractRouterClient<Contract>;
  readonly kind: "web" | "desktop";
  /** Address of a stored picture; `thumbnail` asks for a WebP of at most that many pixels on its longer side. */
  imageUrl(hash: string, options?: { thumbnail?: number }): string;
  /** Lets the person choose a workflow (.json) or a picture with one inside; `undefined` when they change their mind. */
  openFile(): Promise<{ name: string; bytes: Uint8Array; place?: string } | undefined>;
  /** Saves under a name the person may change. Returns the name it got, `undefined` when they change their mind. */
  saveFile(suggestedName: string, bytes: Uint8Array, mimeType: string): Promise<string | undefined>;
  /**
   * Saves a workflow where `place` says (a file was opened from there or saved there before), else where the person chooses.
   * `bytes` are made after the question, since browsers ask only right after a key or a click. Rejects with `file-changed` where
   * another window or program has written that file since it was read or saved here, but for who says that it is overwritten.
   */
  saveTo(
    place: string | undefined,
    suggestedName: string,
    bytes: () => Promise<Uint8Array>,
    options?: { overwrites?: boolean },
  ): Promise<{ name: string; place?: string } | undefined>;
  /** Lets the person choose a folder with the dialog of their system. Browsers have none: there `folders.list` serves, where it does. */
  chooseFolder?(): Promise<string | undefined>;
  /** What the file at `place` holds now; `undefined` when nobody knows that place any more. Hosts without a way back lack it. */
  openAgain?(place: string): Promise<{ name: string; bytes: Uint8Array; place: string } | undefined>;
  /** What `openFile` or `openAgain` read last from a place is what a tab shows from now on: `saveTo` asks whether that changed. */
  tookOver?(place: string): void;
  /**
   * The place of a workflow file that was dropped on the page, for saving there and opening it again; `undefined` where there
   * is no way back to it. To be asked while the drop is told: browsers forget the file afterwards.
   */
  placeOfDropped?(item: DroppedItem): Promise<string | undefined>;
  /** Drags the file of a picture out of the window, where the system can: to be called while a drag begins. */
  dragFile?(hash: string): void;
  /** Shows how far a run is on the icon of the application, or of the tab; `undefined` when it is over. */
  showProgress?(share: number | undefined): void;
  /** The language of the window, for what the host says itself, as its menus do. */
  speak?(language: "en" | "zh-CN"): void;
  /**
   * Called whenever the connection is lost or found again; `isRefused` where the host answers and takes this window for a
   * stranger's, as one does that was started anew.
   */
  onConnectionChange(listener: (connected: boolean, isRefused: boolean) => void): () => void;
}
