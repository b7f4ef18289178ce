import { createStore, delMany, entries, get, set } from "idb-keyval";
import { HeddleError } from "../../common/errors.ts";
import type { DroppedItem } from "../../protocol/host.ts";
import { randomId } from "../document/ids.ts";
import { windowStorage } from "../session/browser-storage.ts";

/**
 * Files of the person's disk to which the browser gives a way back (File System Access API): each is known under an id,
 * its place, also after the browser was closed. The browser asks the person again before it lets a page in.
 */
type Access = "read" | "readwrite";
interface FileHandle extends FileSystemFileHandle {
  queryPermission?(descriptor: { mode: Access }): Promise<PermissionState>;
  requestPermission?(descriptor: { mode: Access }): Promise<PermissionState>;
}
interface PickerType {
  readonly description?: string;
  readonly accept: Readonly<Record<string, readonly string[]>>;
}
interface Pickers {
  showOpenFilePicker(options: { id?: string; types?: readonly PickerType[] }): Promise<FileHandle[]>;
  showSaveFilePicker(options: {
    id?: string;
    suggestedName?: string;
    types?: readonly PickerType[];
  }): Promise<FileHandle>;
}

const PICKER_ID = "workflows";
const JSON_FILES = { "application/json": [".json"] };
const PICTURES = { "image/png": [".png"], "image/webp": [".webp"], "image/jpeg": [".jpg", ".jpeg"] };
/** Ways back to files of long ago are forgotten. */
const KEPT = 100;

/** The browser's dialogs; `undefined` where it has none that give a way back. */
export function filePickers(scope: unknown = globalThis): Pickers | undefined {
  const candidate = scope as Partial<Pickers>;
  return candidate.showOpenFilePicker && candidate.showSaveFilePicker ? (scope as Pickers) : undefined;
}

interface Kept {
  readonly handle: FileHandle;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Those of this run are at hand at once; a browser that keeps nothing knows only these. */
const atHand = new Map<string, FileHandle>();
let opened: ReturnType<typeof createStore> | undefined;
const store = () => (opened ??= createStore("heddle-files", "handles"));
/** Browsers that keep nothing refuse at once or later. */
const database = {
  get: async (place: string) => get<Kept>(place, store()),
  set: async (place: string, kept: Kept) => set(place, kept, store()),
  remove: async (places: string[]) => delMany(places, store()),
  entries: async () => entries<string, Kept>(store()),
};

export interface ChosenFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly place: string;
}

/** @throws DOMException `AbortError` when the person changes their mind, others when the browser has no dialog here */
export async function pickFile(pickers: Pickers): Promise<ChosenFile | undefined> {
  const [handle] = await pickers.showOpenFilePicker({
    id: PICKER_ID,
    types: [{ accept: { ...JSON_FILES, ...PICTURES } }],
  });
  return handle ? read(handle, await placeOf(handle)) : undefined;
}

/** The place of a file that was dropped; `undefined` for a folder, and where browsers give no way back. */
export async function placeOfDropped(item: DroppedItem): Promise<string | undefined> {
  // A browser that refuses leaves a copy, as without ways back.
  const handle = await item.getAsFileSystemHandle?.().catch(() => undefined);
  if (!(handle instanceof FileSystemFileHandle)) return undefined;
  const place = await placeOf(handle);
  await handle.getFile().then(
    (file) => lastRead.set(place, stampOf(file)),
    () => {},
  );
  return place;
}

/**
 * What the file of a place holds now; `undefined` for a place that nobody remembers.
 * @throws HeddleError `file-gone`, `file-refused`
 */
export async function readAgain(place: string): Promise<ChosenFile | undefined> {
  const handle = await handleOf(place);
  if (!handle) return undefined;
  await allow(handle, "read");
  return read(handle, place);
}

/**
 * Writes where `place` says, else where the person chooses: as a whole, or not at all. The dialog comes before the bytes
 * are made, while the browser still takes it for an answer to a key or a click.
 * @throws HeddleError `file-gone`, `file-refused`, `file-not-writable`; `file-changed` where another window or program wrote there since, unless
 *   `overwrites`; DOMException as {@link pickFile}
 */
export async function writeFile(
  pickers: Pickers,
  place: string | undefined,
  suggestedName: string,
  bytes: () => Promise<Uint8Array>,
  { overwrites = false }: { overwrites?: boolean } = {},
): Promise<{ name: string; place: string }> {
  const known = place === undefined ? undefined : await handleOf(place);
  if (known && place !== undefined) {
    await allow(known, "readwrite");
    if (!overwrites) await refuseChanged(known, place);
  }
  const handle =
    known ?? (await pickers.showSaveFilePicker({ id: PICKER_ID, suggestedName, types: [{ accept: JSON_FILES }] }));
  await fill(handle, await bytes());
  const savedAt = known && place !== undefined ? place : await placeOf(handle);
  await handle.getFile().then(
    (file) => keepStamp(savedAt, stampOf(file)),
    // Gone again already: the next time is told then.
    () => {},
  );
  return { name: handle.name, place: savedAt };
}

/** Of files as they were read last, whether or not they were opened then. */
const lastRead = new Map<string, string>();

/** What was read last from a place is what a tab shows from now on. */
export function tookOver(place: string): void {
  const stamp = lastRead.get(place);
  if (stamp !== undefined) keepStamp(place, stamp);
}

/** How a file was that this window shows, as it read or wrote it; also before the window was loaded again. */
const seenKey = (place: string) => `heddle.file.${place}`;
const stampOf = ({ lastModified, size }: File) => `${lastModified} ${size}`;

function keepStamp(place: string, stamp: string): void {
  try {
    windowStorage().setItem(seenKey(place), stamp);
  } catch {
    // Storage is full: what another program changes is not noticed.
  }
}

async function refuseChanged(handle: FileHandle, place: string): Promise<void> {
  const before = windowStorage().getItem(seenKey(place));
  if (before === null) return;
  const file = await handle.getFile().catch((error: unknown) => {
    throw explained(error, handle.name);
  });
  if (stampOf(file) === before) return;
  throw new HeddleError({
    code: "file-changed",
    message: `“${handle.name}” was changed by another window or program since it was opened here.`,
    help: "Save the workflow as another file (Save as…), or overwrite what is in this one now.",
    details: { name: handle.name },
  });
}

/**
 * Writes a picture, or whatever else is saved once, where the person chooses; no way back to it is kept. Returns the name it got.
 * @throws HeddleError `file-refused`; DOMException as {@link pickFile}
 */
export async function writeOnce(
  pickers: Pickers,
  suggestedName: string,
  bytes: Uint8Array,
  mimeType: string,
): Promise<string> {
  const extension = suggestedName.match(/\.[a-z0-9]+$/i)?.[0];
  const handle = await pickers.showSaveFilePicker({
    // Browsers open the folder where such files were saved before.
    id: mimeType.startsWith("image/") ? "pictures" : PICKER_ID,
    suggestedName,
    ...(extension ? { types: [{ accept: { [mimeType]: [extension] } }] } : {}),
  });
  await fill(handle, bytes);
  return handle.name;
}

/** As a whole, or not at all. */
async function fill(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  try {
    const file = await handle.createWritable();
    await file.write(bytes as Uint8Array<ArrayBuffer>);
    await file.close();
  } catch (error) {
    throw notWritten(error, handle.name);
  }
}

/** The browser's own words for a full disk, a file that another program holds, or one that it takes for dangerous. */
function notWritten(cause: unknown, name: string): unknown {
  const known = explained(cause, name);
  if (!(known instanceof DOMException)) return known;
  const reason = known.message || known.name;
  return new HeddleError(
    {
      code: "file-not-writable",
      message: `${name} could not be saved: ${reason}`,
      help: "Choose another folder, or make room on the disk.",
      details: { name, reason },
    },
    { cause },
  );
}

async function handleOf(place: string): Promise<FileHandle | undefined> {
  const near = atHand.get(place);
  if (near) return near;
  const kept = await database.get(place).catch(() => undefined);
  if (kept?.handle) atHand.set(place, kept.handle);
  return kept?.handle;
}

/** The same file has the same place, however often it is chosen. */
async function placeOf(handle: FileHandle): Promise<string> {
  const kept = await database.entries().catch(() => []);
  const near = [...atHand].map(([place, one]): [string, FileHandle] => [place, one]);
  for (const [place, one] of [...near, ...kept.map(([id, entry]): [string, FileHandle] => [id, entry.handle])]) {
    if (await one.isSameEntry(handle)) return place;
  }
  const place = randomId();
  atHand.set(place, handle);
  await database.set(place, { handle, at: Date.now() }).catch(() => {});
  const old = kept.toSorted(([, a], [, b]) => b.at - a.at).slice(KEPT - 1);
  if (old.length > 0) await database.remove(old.map(([id]) => id)).catch(() => {});
  return place;
}

async function read(handle: FileHandle, place: string): Promise<ChosenFile> {
  try {
    const file = await handle.getFile();
    lastRead.set(place, stampOf(file));
    return { name: handle.name, bytes: new Uint8Array(await file.arrayBuffer()), place };
  } catch (error) {
    throw explained(error, handle.name);
  }
}

/** @throws HeddleError `file-refused` when the person or the browser does not let the page in */
async function allow(handle: FileHandle, mode: Access): Promise<void> {
  if ((await handle.queryPermission?.({ mode })) !== "prompt") return;
  if ((await handle.requestPermission?.({ mode })) !== "granted") throw refused(handle.name);
}

function refused(name: string, cause?: unknown): HeddleError {
  return new HeddleError(
    {
      code: "file-refused",
      message: `The browser does not let Heddle into “${name}”.`,
      help: "Allow it when the browser asks, or save under another name (Save as…).",
      details: { name },
    },
    { cause },
  );
}

function explained(cause: unknown, name: string): unknown {
  if (!(cause instanceof DOMException)) return cause;
  if (cause.name === "NotFoundError") {
    return new HeddleError(
      {
        code: "file-gone",
        message: `“${name}” is not where it was any more.`,
        help: "Save the workflow as a new file (Save as…).",
        details: { name },
      },
      { cause },
    );
  }
  return cause.name === "NotAllowedError" || cause.name === "NoModificationAllowedError" ? refused(name, cause) : cause;
}
