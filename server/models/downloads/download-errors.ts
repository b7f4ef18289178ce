import { HeddleError } from "../../../common/errors.ts";
import { fileErrorCause, fileErrorCode, fileErrorReason } from "../../services/file-errors.ts";
import type { Passing } from "./retry.ts";

/** What can go wrong with a download, in words for people. */

export function refusedByServer(status: number, host: string, isGated: boolean): HeddleError {
  if (status === 401 || (status === 403 && isGated)) {
    return new HeddleError({
      code: "download-needs-token",
      message: `${host} gives this file only to people who have agreed to its terms.`,
      help: "Agree to them on the model’s page, make a read token in your account there, and enter it in the model manager.",
      details: { status, host },
    });
  }
  if (status === 403) {
    return new HeddleError({
      code: "download-refused-by-server",
      message: `${host} does not let Heddle have this file.`,
      help: "Open its page in a browser; perhaps you have to sign in or to agree to terms there.",
      details: { status, host },
    });
  }
  if (status === 404 || status === 410) {
    return new HeddleError({
      code: "download-not-found",
      message: `${host} has no such file (any more).`,
      help: "Look at the model’s page for its present name, or choose another file.",
      details: { status, host },
    });
  }
  return new HeddleError({
    code: "download-failed",
    message: `${host} answered with an error (${status}).`,
    help: "Try again later; what is here already is kept.",
    details: { status, host },
  });
}

export function changedOnServer(host: string): HeddleError {
  return new HeddleError({
    code: "download-changed",
    message: `The file on ${host} changed while it was being fetched.`,
    help: "Start the download again. If it happens again, the file is being replaced at the moment.",
    details: { host },
  });
}

export function wrongSize(host: string, expected: number, found: number): HeddleError {
  return new HeddleError({
    code: "download-wrong-size",
    message: `${host} offers ${found} bytes where ${expected} were expected, so it is another file.`,
    help: "Look at the model’s page; the file was probably replaced. Choose it again from there.",
    details: { host, expected, found },
  });
}

export function wrongHash(host: string, expected: string, found: string): HeddleError {
  return new HeddleError({
    code: "download-wrong-hash",
    message: `What came from ${host} is not the file that was published: its content has another hash.`,
    help: "It was removed. Try again; if it happens again, the file was replaced or damaged on its way.",
    details: { host, expected, found },
  });
}

export function unknownLength(host: string): HeddleError {
  return new HeddleError({
    code: "download-no-length",
    message: `${host} does not say how large the file is, so nobody could tell whether it is whole.`,
    help: "Get the file from another place, or with your browser, and put it into the models folder.",
    details: { host },
  });
}

export function gaveUp(host: string, { message, why, said }: Passing): HeddleError {
  return new HeddleError({
    code: "download-interrupted",
    message: `The connection to ${host} failed again and again: ${message}.`,
    help: "Press Resume when the network is back; what is here already is kept.",
    details: { host, cause: why, said },
  });
}

export function nameTaken(name: string): HeddleError {
  return new HeddleError({
    code: "download-name-taken",
    message: `There is another file called "${name}" in the models folder already.`,
    help: "Rename or remove that file, or give the download another name.",
    field: "fileName",
    details: { name },
  });
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(bytes < 1e8 ? 2 : 1)} GB`;

export function noSpace(folder: string, needed: number, free: number): HeddleError {
  return new HeddleError({
    code: "disk-full",
    message: `The download needs ${gigabytes(needed)} in "${folder}", but only ${gigabytes(free)} are free there.`,
    help: "Free some space on that disk, then press Resume.",
    details: {
      folder,
      neededBytes: needed,
      freeBytes: free,
      cause: "download",
      needed: gigabytes(needed),
      free: gigabytes(free),
    },
  });
}

/** A failure of the disk; anything else comes back as it is. */
export function asDiskError(error: unknown, folder: string): unknown {
  const code = fileErrorCode(error);
  if (code === undefined || !/^(ENOSPC|EDQUOT|EACCES|EPERM|EROFS|ENOENT|EIO|EFBIG)$/.test(code)) return error;
  const isFull = code === "ENOSPC" || code === "EDQUOT";
  return new HeddleError(
    {
      code: isFull ? "disk-full" : "download-unwritable",
      message: isFull
        ? `The disk of "${folder}" is full; the download stopped.`
        : `The download cannot be written to "${folder}", because ${fileErrorReason(error)}.`,
      help: isFull
        ? "Free some space on that disk, then press Resume: what is here already is kept."
        : "Check that you may write there, then press Resume.",
      details: {
        folder,
        code,
        cause: isFull ? "download-stopped" : fileErrorCause(error),
        why: fileErrorReason(error),
      },
    },
    { cause: error },
  );
}

export function notAModel(cause?: HeddleError): HeddleError {
  return new HeddleError(
    {
      code: "download-not-a-model",
      message: "What came is no model file; perhaps it was a page that asks to sign in.",
      help: "Nothing of it was kept. Open the address in a browser and look what is there.",
      details: { reason: cause?.message },
    },
    { cause },
  );
}
