import { access, readFile, stat } from "node:fs/promises";
import { basename, extname } from "node:path";
import { type BrowserWindow, dialog } from "electron";
import { HeddleError } from "../common/errors.ts";
import { writeFileAtomically } from "../server/services/atomic-file.ts";
import { pathOf, placeOf } from "./file-places.ts";
import { said } from "./language.ts";

interface ChosenFile {
  readonly name: string;
  readonly bytes: Blob;
  readonly place: string;
}

const LARGEST_FILE_BYTES = 512 * 2 ** 20;

/** Lets the person choose a workflow, or a picture with one inside. */
export async function openFileDialog(window: BrowserWindow): Promise<ChosenFile | null> {
  const { filePaths } = await dialog.showOpenDialog(window, {
    properties: ["openFile"],
    filters: [
      { name: said().workflowsAndPictures, extensions: ["json", "png", "webp", "jpg", "jpeg"] },
      { name: said().allFiles, extensions: ["*"] },
    ],
  });
  const [path] = filePaths;
  return path === undefined ? null : readChosen(path);
}

/** Lets the person choose a folder of this machine; `null` when they change their mind. */
export async function chooseFolderDialog(window: BrowserWindow): Promise<string | null> {
  const { filePaths } = await dialog.showOpenDialog(window, { properties: ["openDirectory"] });
  return filePaths[0] ?? null;
}

/**
 * What the file of a place holds now; `null` for a place that nobody remembers.
 * @throws HeddleError `file-gone`, `file-not-readable`, `file-too-large`
 */
export async function openPlace(place: string): Promise<ChosenFile | null> {
  const path = pathOf(place);
  if (path === undefined) return null;
  await access(path).catch((error: unknown) => {
    throw gone(path, error);
  });
  return readChosen(path);
}

/** The place of a workflow that a person dropped on the window; `null` for any other file. */
export async function placeOfDropped(path: unknown): Promise<string | null> {
  if (typeof path !== "string" || extname(path).toLowerCase() !== ".json") return null;
  const isFile = await stat(path).then(
    (facts) => facts.isFile(),
    () => false,
  );
  return isFile ? placeOf(path) : null;
}

async function readChosen(path: string): Promise<ChosenFile> {
  try {
    if ((await stat(path)).size > LARGEST_FILE_BYTES) throw tooLarge(path);
    await look(path);
    return { name: basename(path), bytes: new Blob([await readFile(path)]), place: placeOf(path) };
  } catch (error) {
    if (error instanceof HeddleError) throw error;
    throw new HeddleError(
      {
        code: "file-not-readable",
        message: `${basename(path)} could not be read: ${reasonOf(error)}`,
        help: "Check that the file is still there and that you may read it.",
        details: { path, name: basename(path), reason: reasonOf(error) },
      },
      { cause: error },
    );
  }
}

/** Files as this run of Heddle read or wrote them last: when, and how large. */
const seen = new Map<string, string>();
const stampOf = async (path: string): Promise<string> => {
  const { mtimeMs, size } = await stat(path);
  return `${mtimeMs} ${size}`;
};
async function look(path: string): Promise<void> {
  seen.set(path, await stampOf(path));
}

/** Saves under the name and in the place that the person chooses; the name it got, or `null`. */
export async function saveFileDialog(
  window: BrowserWindow,
  suggestedName: string,
  bytes: Blob,
): Promise<string | null> {
  return (await saveToPlace(window, suggestedName, bytes, undefined))?.name ?? null;
}

/**
 * Saves where a file was opened from or saved to, else where the person chooses; `null` when they change their mind.
 * @throws HeddleError `file-not-writable`; `file-changed` where another program wrote there since, unless `overwrites`
 */
export async function saveToPlace(
  window: BrowserWindow,
  suggestedName: string,
  bytes: Blob,
  place: string | undefined,
  overwrites = false,
): Promise<{ name: string; place: string } | null> {
  const known = place === undefined ? undefined : pathOf(place);
  const before = known === undefined ? undefined : seen.get(known);
  if (known !== undefined && before !== undefined && !overwrites) {
    // One that is gone is written anew.
    const now = await stampOf(known).catch(() => before);
    if (now !== before) throw changed(known);
  }
  const filePath = known ?? (await dialog.showSaveDialog(window, { defaultPath: basename(suggestedName) })).filePath;
  if (!filePath) return null;
  try {
    // A workflow that is saved over another keeps that one beside it.
    const backup = /\.json$/i.test(filePath);
    writeFileAtomically(filePath, new Uint8Array(await bytes.arrayBuffer()), { backup });
    await look(filePath);
  } catch (error) {
    throw new HeddleError(
      {
        code: "file-not-writable",
        message: `${basename(filePath)} could not be saved: ${reasonOf(error)}`,
        help: "Choose another folder, or make room on the disk.",
        details: { path: filePath, name: basename(filePath), reason: reasonOf(error) },
      },
      { cause: error },
    );
  }
  return { name: basename(filePath), place: placeOf(filePath) };
}

function changed(path: string): HeddleError {
  return new HeddleError({
    code: "file-changed",
    message: `“${basename(path)}” was changed by another program since it was opened here.`,
    help: "Save the workflow as another file (Save as…), or overwrite what is in this one now.",
    details: { path, name: basename(path) },
  });
}

function gone(path: string, cause: unknown): HeddleError {
  return new HeddleError(
    {
      code: "file-gone",
      message: `“${basename(path)}” is not where it was any more.`,
      help: "Save the workflow as a new file (Save as…).",
      details: { path, name: basename(path) },
    },
    { cause },
  );
}

function tooLarge(path: string): HeddleError {
  return new HeddleError({
    code: "file-too-large",
    message: `${basename(path)} is too large to be a workflow or a picture.`,
    help: "Choose a workflow (.json) or a picture that Heddle or ComfyUI saved.",
    details: { path, name: basename(path) },
  });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
