import {
  type ChosenFile,
  filePickers,
  pickFile,
  placeOfDropped,
  readAgain,
  tookOver,
  writeFile,
  writeOnce,
} from "./file-handles.ts";

const WORKFLOW_CARRIERS = ".json,.png,.webp,.jpg,.jpeg";

/** The browser's own dialog for one workflow or picture, with a way back to the file where the browser has one. */
export async function chooseFile(): Promise<{ name: string; bytes: Uint8Array; place?: string } | undefined> {
  const pickers = filePickers();
  if (!pickers) return chooseCopy();
  try {
    return await pickFile(pickers);
  } catch (error) {
    if (isDeclined(error)) return undefined;
    // Inside of another page (an iframe) there are no such dialogs.
    if (isNamed(error, "SecurityError")) return chooseCopy();
    throw error;
  }
}

export const fileAgain: ((place: string) => Promise<ChosenFile | undefined>) | undefined = filePickers()
  ? readAgain
  : undefined;

export const tookOverFile: typeof tookOver | undefined = filePickers() ? tookOver : undefined;

export const placeOfDroppedFile: typeof placeOfDropped | undefined = filePickers() ? placeOfDropped : undefined;

/** Saves into the file that is at `place`, else into the one that the person chooses, else as a download. */
export async function saveWorkflow(
  place: string | undefined,
  suggestedName: string,
  bytes: () => Promise<Uint8Array>,
  options?: { overwrites?: boolean },
): Promise<{ name: string; place?: string } | undefined> {
  const pickers = filePickers();
  try {
    if (pickers) return await writeFile(pickers, place, suggestedName, bytes, options);
  } catch (error) {
    if (isDeclined(error)) return undefined;
    if (!isNamed(error, "SecurityError")) throw error;
  }
  return { name: await downloadFile(suggestedName, await bytes(), "application/json") };
}

/** Saves a picture or the like where the person chooses, else as a download. `undefined`: they changed their mind. */
export async function saveCopy(
  suggestedName: string,
  bytes: Uint8Array,
  mimeType: string,
): Promise<string | undefined> {
  const pickers = filePickers();
  try {
    if (pickers) return await writeOnce(pickers, suggestedName, bytes, mimeType);
  } catch (error) {
    if (isDeclined(error)) return undefined;
    // Also where the click that asked for it was too long ago.
    if (!isNamed(error, "SecurityError")) throw error;
  }
  return downloadFile(suggestedName, bytes, mimeType);
}

/** The person changed their mind, or the dialog is open already. */
const isDeclined = (error: unknown) => isNamed(error, "AbortError") || isNamed(error, "NotAllowedError");
const isNamed = (error: unknown, name: string) => error instanceof DOMException && error.name === name;

function chooseCopy(): Promise<{ name: string; bytes: Uint8Array } | undefined> {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = WORKFLOW_CARRIERS;
  // Browsers differ in whether they answer an input that is in no page.
  input.hidden = true;
  document.body.append(input);
  return new Promise<{ name: string; bytes: Uint8Array } | undefined>((resolve, reject) => {
    input.addEventListener("cancel", () => resolve(undefined));
    input.addEventListener("change", () => {
      const file = input.files?.[0];
      if (!file) resolve(undefined);
      else file.bytes().then((bytes) => resolve({ name: file.name, bytes }), reject);
    });
    input.click();
  }).finally(() => input.remove());
}

const DOWNLOAD_TAKES_MS = 60_000;

/** Downloads under this name; where to, and whether under another name, is between the browser and the person. */
async function downloadFile(name: string, bytes: Uint8Array, mimeType: string): Promise<string> {
  const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: mimeType }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), DOWNLOAD_TAKES_MS);
  return name;
}
