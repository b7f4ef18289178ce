/** The code of a file-system error (`ENOENT`, `EEXIST`, ...); `undefined` for any other error. */
export function fileErrorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** What a person can do something about. */
export type FileErrorCause =
  | "no-permission"
  | "read-only"
  | "disk-full"
  | "quota"
  | "long-name"
  | "not-a-folder"
  | "missing"
  | "is-a-folder"
  | "exists";

const CAUSES: Readonly<Record<string, FileErrorCause>> = {
  EACCES: "no-permission",
  EPERM: "no-permission",
  EROFS: "read-only",
  ENOSPC: "disk-full",
  EDQUOT: "quota",
  ENAMETOOLONG: "long-name",
  ENOTDIR: "not-a-folder",
  ENOENT: "missing",
  EISDIR: "is-a-folder",
  EEXIST: "exists",
};

const REASONS: Readonly<Record<FileErrorCause, string>> = {
  "no-permission": "permission was denied",
  "read-only": "the disk is read-only",
  "disk-full": "the disk is full",
  quota: "your disk quota is used up",
  "long-name": "the name is too long",
  "not-a-folder": "a part of the path is a file, not a folder",
  missing: "it does not exist",
  "is-a-folder": "it is a folder",
  exists: "it exists already",
};

/** Why a file operation failed; `undefined` where only the system’s own message says it. */
export const fileErrorCause = (error: unknown): FileErrorCause | undefined => CAUSES[fileErrorCode(error) ?? ""];

/** Why a file operation failed, in words that fit after "because". */
export function fileErrorReason(error: unknown): string {
  const cause = fileErrorCause(error);
  if (cause) return REASONS[cause];
  return error instanceof Error ? error.message : String(error);
}
