const WORKFLOW_CARRIERS = ".json,.png,.webp,.jpg,.jpeg";

/** The browser's own dialog for one workflow or picture. */
export function chooseFile(): Promise<{ name: string; bytes: Uint8Array } | undefined> {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = WORKFLOW_CARRIERS;
  return new Promise((resolve, reject) => {
    input.addEventListener("cancel", () => resolve(undefined));
    input.addEventListener("change", () => {
      const file = input.files?.[0];
      if (!file) resolve(undefined);
      else file.bytes().then((bytes) => resolve({ name: file.name, bytes }), reject);
    });
    input.click();
  });
}

const DOWNLOAD_TAKES_MS = 60_000;

/** Downloads under this name; where to, and whether under another name, is between the browser and the person. */
export async function downloadFile(name: string, bytes: Uint8Array, mimeType: string): Promise<string> {
  const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: mimeType }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), DOWNLOAD_TAKES_MS);
  return name;
}
